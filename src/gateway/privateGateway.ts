import type { Clock } from '../base/clock.ts';
import { minuteMs } from '../base/time.ts';
import { parseConfig } from '../core/config/config.ts';
import type { EndpointState } from '../core/endpoint/endpointState.ts';
import { NetworkState } from '../core/endpoint/networkState.ts';
import type { AttemptRecorder } from '../core/record/record.ts';
import { SessionAffinity } from '../core/routing/affinity.ts';
import { RetryBudget } from '../core/routing/retryBudget.ts';
import { RoundRobin } from '../core/routing/roundRobin.ts';
import { CapacityQueue } from '../proxy/capacityQueue.ts';
import type { DataPath, Endpoint } from '../proxy/dataPath.ts';
import { Listener, listenerTimes } from '../proxy/listener.ts';
import { EndpointSet } from './endpoints/endpointSet.ts';

export interface PrivateGatewayOptions {
  /** Its name in `via` and in the ids of requests. */
  readonly name: string;
  /** A configuration document without references to keys: the environment is not read. */
  readonly document: object;
  readonly clock: Clock;
  readonly recorder: AttemptRecorder;
  readonly onError: (error: unknown) => void;
}

/** The real data path on a free port that only its creator knows. */
export interface PrivateGateway {
  readonly port: number;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly states: readonly EndpointState[];
  /** Resolves when no socket is left. */
  close(): Promise<void>;
}

/**
 * Starts the data path from listener to connection pool without the rest of a gateway process: no state folder, log, control
 * API, keys or probes. Rejects when the document is wrong.
 */
export async function startPrivateGateway(options: PrivateGatewayOptions): Promise<PrivateGateway> {
  const { name, clock } = options;
  const parsed = parseConfig(options.document);
  if (parsed.kind === 'bad')
    throw new Error(`the configuration of ${name} is wrong: ${JSON.stringify(parsed.problems)}`);
  const { config } = parsed;
  const set = new EndpointSet(clock, Math.random, {});
  set.apply(config, '');
  const dataPath: DataPath = {
    clock,
    random: Math.random,
    config,
    endpoints: set.byId,
    states: set.states,
    affinity: new SessionAffinity({
      ttlMs: config.affinity.ttlMinutes * minuteMs,
      maxSessions: 1000,
      avoidMs: minuteMs,
    }),
    budget: new RetryBudget(),
    queue: new CapacityQueue(),
    roundRobin: new RoundRobin(),
    recorder: options.recorder,
    network: new NetworkState(options.onError),
    // There are no keys to redact.
    redact: (text) => text,
    viaMark: `signalbox-${name}`,
    override: undefined,
  };
  const listener = new Listener({
    dataPath: () => dataPath,
    allowedHosts: () => [],
    clientToken: () => undefined,
    control: () => false,
    isDraining: () => false,
    onLoad: () => undefined,
    onError: options.onError,
    instanceId: name,
    times: listenerTimes,
  });
  const close = async (): Promise<void> => {
    await listener.drain();
    set.destroy();
  };
  try {
    await listener.listen(0);
  } catch (error) {
    await close();
    throw error;
  }
  return { port: listener.port, endpoints: set.byId, states: set.states, close };
}
