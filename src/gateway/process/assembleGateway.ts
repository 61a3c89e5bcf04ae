import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { Clock } from '../../base/clock.ts';
import { stackOf } from '../../base/stackOf.ts';
import { type Owner, protocolVersion } from '../../contract/snapshot.ts';
import type { Config } from '../../core/config/config.ts';
import { Listener, type ListenerTimes, listenerTimes } from '../../proxy/listener.ts';
import { ClientToken } from '../clientToken.ts';
import { ControlServer } from '../control/controlServer.ts';
import { Gateway } from '../gateway.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { GatewayLog } from '../record/gatewayLog.ts';
import { SavedStateFile } from '../savedState/savedStateFile.ts';
import { SettingsInForce } from '../settingsInForce.ts';
import type { StateDirectory } from './stateDirectory.ts';

export interface AssemblyOptions {
  readonly owner: Owner;
  /** Undefined: a window will push it. */
  readonly config: Config | undefined;
  readonly build: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Override some of the default times. */
  readonly times?: Partial<ServerTimes>;
  /** Receives the log as text for a person; undefined when nobody reads it. */
  readonly console: ((text: string) => void) | undefined;
}

/** How long the gateway waits for clients and windows. */
interface ServerTimes extends ListenerTimes {
  /** A request waits this long for the first configuration. */
  readonly firstConfigMs: number;
}

const serverTimes: ServerTimes = { ...listenerTimes, firstConfigMs: 5000 };

/** The parts of a gateway process. */
export interface Assembly {
  readonly log: GatewayLog;
  readonly gateway: Gateway;
  readonly settings: SettingsInForce;
  readonly listener: Listener;
}

/** Makes the parts of a gateway process and joins them; nothing listens yet. Throws when the state folder has no token. */
export function assembleGateway(options: AssemblyOptions, state: StateDirectory, lifecycle: Lifecycle): Assembly {
  const { owner, env, config, clock, console } = options;
  const controlToken = state.token('control-token');
  const clientToken = new ClientToken({ env, ownToken: () => state.token('client-token') }, config);
  const log = new GatewayLog({ path: state.logPath, console });
  const instanceId = randomBytes(4).toString('hex');
  const gateway = new Gateway(log, {
    ...storageOf(owner, state, log, lifecycle),
    clock,
    random: Math.random,
    env,
    about: aboutThisProcess(options, state),
    viaMark: `signalbox-${instanceId}`,
    markSecret: controlToken,
  });
  const settings = new SettingsInForce(gateway, lifecycle, {
    acceptsPush: owner === 'window',
    controlToken,
    clientToken,
  });
  const control = new ControlServer({ gateway, settings, lifecycle }, controlToken);
  const times = { ...serverTimes, ...options.times };
  const listener = new Listener({
    dataPath: () => gateway.routing.dataPath(times.firstConfigMs),
    allowedHosts: () => gateway.config?.allowedHosts ?? [],
    clientToken: () => clientToken.bytes,
    control: (request, response, target) => control.handle(request, response, target),
    isDraining: () => gateway.isDraining,
    onLoad: (change) => gateway.loadChanged(change),
    onError: (error) => log.error('request failed inside the gateway', { error: stackOf(error) }),
    instanceId,
    times,
  });
  return { log, gateway, settings, listener };
}

function aboutThisProcess({ build, owner, clock }: AssemblyOptions, { path }: StateDirectory): Gateway['about'] {
  const { pid } = process;
  return { protocol: protocolVersion, build, pid, owner, stateDir: path, startedAtMs: Math.round(clock.now().wall) };
}

/** The files that outlive the process; the demo has none. */
function storageOf(owner: Owner, state: StateDirectory, logger: GatewayLog, lifecycle: Lifecycle) {
  if (owner === 'demo') return { savedStateFile: undefined, metricsPath: ':memory:' };
  let isTaken = false;
  const isOurs = (): boolean => {
    const before = isTaken;
    isTaken = !state.holds();
    if (isTaken && !before && !lifecycle.isHandingOver) {
      const effect = 'this one saves nothing while the other runs. Give each a folder of its own with --state-dir';
      logger.warn('another gateway uses the state folder', { folder: state.path, effect });
    }
    return !isTaken;
  };
  const savedStateFile = new SavedStateFile({ folder: state.path, logger, isOurs });
  return { savedStateFile, metricsPath: state.metricsPath };
}
