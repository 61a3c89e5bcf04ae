import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { RedactingLogger } from '../../base/logger.ts';
import { SharedQuestions } from '../../base/sharedQuestions.ts';
import type { WarmUpPurpose, WarmUpResult } from '../../contract/snapshot.ts';
import type { Config } from '../../core/config/config.ts';
import { NetworkState } from '../../core/endpoint/networkState.ts';
import { saysNothingCameBack } from '../../core/outcome/connectionReason.ts';
import { reasonKept } from '../../core/outcome/reason.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import { askEndpoint } from './askEndpoint.ts';
import type { EndpointSet } from './endpointSet.ts';
import { NetworkWatch } from './networkWatch.ts';
import { RecoveryLoop } from './recoveryLoop.ts';

export interface EndpointProbesOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: RedactingLogger;
  /** Our entry in `via`. */
  readonly via: string;
  readonly endpoints: EndpointSet;
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
  /** The state of the network has changed, or that of an endpoint may have. */
  readonly onChange: () => void;
  readonly onResult: (purpose: WarmUpPurpose, result: WarmUpResult) => void;
}

/**
 * Asks endpoints without a client's request: on demand, for endpoints that are in trouble also in the background, and while
 * this machine's own network is in trouble. Remembers the last result for each endpoint.
 */
export class EndpointProbes implements Disposable {
  readonly network: NetworkState;
  readonly #options: EndpointProbesOptions;
  readonly #recovery: RecoveryLoop;
  readonly #asked = new SharedQuestions<Endpoint, WarmUpResult>();
  readonly #last = new Map<string, WarmUpResult>();
  /** Not reached while this machine had no network: asked as soon as it has one. */
  readonly #unknown = new Set<string>();
  readonly #life = new DisposableStore();

  constructor(options: EndpointProbesOptions) {
    const { clock, random, logger, endpoints, changesInMs } = options;
    const network = new NetworkState((error) => logger.error('network state', { error: String(error) }));
    this.#options = options;
    this.network = network;
    const isReached = (endpoint: Endpoint) => this.#isReached(endpoint);
    this.#life.add(new NetworkWatch({ clock, network, endpoints, isReached, logger }));
    this.#life.add(network.changed.on(() => this.#networkChanged()));
    const probe = (endpoint: Endpoint) => this.run(endpoint, 'recovery probe');
    this.#recovery = this.#life.add(new RecoveryLoop({ clock, random, network, endpoints, probe, changesInMs }));
  }

  configure(recovery: Config['recovery']): void {
    this.#recovery.configure(recovery);
  }

  /** The state of an endpoint or of the network may have changed. */
  poke(): void {
    this.#recovery.poke();
  }

  last(endpointId: string): WarmUpResult | undefined {
    return this.#last.get(endpointId);
  }

  /**
   * Asks an endpoint, or waits for the answer that it owes already. An answer moves an open breaker to half-open, an accepted
   * key lifts a suspension (behaviour.md §5).
   */
  run(endpoint: Endpoint, purpose: WarmUpPurpose): Promise<WarmUpResult> {
    return this.#asked.ask(endpoint, () => this.#run(endpoint, purpose));
  }

  async #run(endpoint: Endpoint, purpose: WarmUpPurpose): Promise<WarmUpResult> {
    const { clock, logger, endpoints, onResult, onChange } = this.#options;
    const { state } = endpoint;
    const result = await this.#ask(endpoint);
    this.#last.set(state.config.id, result);
    for (const id of this.#last.keys()) if (!endpoints.byId.has(id)) this.#last.delete(id);
    const { isGood, isReachable, key, class: outcome } = result;
    const found = { isGood, isReachable, isKeyGood: key === 'ok', class: outcome, reason: reasonKept(result) };
    if (this.network.trouble?.way === state.way && saysNothingCameBack(found.reason))
      this.#unknown.add(state.config.id);
    else state.checked(found, clock.now());
    logger[isGood ? 'info' : 'warn'](purpose, {
      endpoint: state.config.id,
      class: result.class,
      reason: result.reason,
      key: result.key,
      connectMs: rounded(result.connectMs),
      firstByteMs: rounded(result.firstByteMs),
    });
    onResult(purpose, result);
    onChange();
    return result;
  }

  /** Trouble of this machine takes back what checks have just blamed on endpoints; its end has them asked once more. */
  #networkChanged(): void {
    const { endpoints, onChange } = this.#options;
    const { trouble } = this.network;
    for (const { state } of endpoints.byId.values()) {
      if (state.way === trouble?.way && state.forgetUnreached()) this.#unknown.add(state.config.id);
    }
    onChange();
    if (trouble !== undefined) return;
    const asked = [...this.#unknown].flatMap((id) => endpoints.byId.get(id) ?? []);
    this.#unknown.clear();
    for (const endpoint of asked) void this.run(endpoint, 'recovery probe');
  }

  /** Ends what runs in the background. */
  dispose(): void {
    this.#life.dispose();
  }

  /** Whether an endpoint answers at all; its own state does not change. */
  async #isReached(endpoint: Endpoint): Promise<boolean> {
    const { firstByteMs, connectMs } = await this.#ask(endpoint);
    return firstByteMs !== null && (this.network.trouble?.kind !== 'machine' || connectMs !== null);
  }

  async #ask({ state, pool, key, basePath }: Endpoint): Promise<WarmUpResult> {
    const { clock, via, logger } = this.#options;
    const redact = (text: string): string => logger.redact(text);
    const { result } = await askEndpoint(
      { config: state.config, pool, key, basePath },
      { clock, via, redact, proxyFrom: state.proxyFrom },
    );
    if (result.firstByteMs !== null) this.network.reached(state.way, result.connectMs === null ? 'kept' : 'new');
    return result;
  }
}

function rounded(ms: number | null): number | undefined {
  return ms === null ? undefined : Math.round(ms * 10) / 10;
}
