import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '../../../src/contract/logLine.ts';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { GatewaySupervisor } from '../../../src/ui/link/gatewaySupervisor.ts';
import { StateFiles } from '../../../src/ui/link/stateFiles.ts';
import type { GatewayFailure, GatewayStatus } from '../../../src/ui/model/gatewayStatus.ts';
import { ApiKeys } from '../../../src/ui/settings/apiKeys.ts';
import { Configuration } from '../../../src/ui/settings/configuration.ts';
import { OtherSettingsWatch } from '../../../src/ui/settings/otherSettingsWatch.ts';
import { until } from '../processes/startGateway.ts';
import type { WindowStore } from './windowStore.ts';

/** Where a window looks, and what it works with. */
export interface WindowOptions {
  readonly store: WindowStore;
  readonly stateDir: string;
  /** Holds `dist/gateway.js`; this repository unless named. */
  readonly extensionFolder?: string;
  /** Of the extension; the one of this repository unless named. */
  readonly version?: string;
  /** The name of its application. */
  readonly app?: string;
  /** The window's environment, for `env:NAME`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Waited for when a gateway that has just been attached to has been brought what it needs. */
  readonly afterPush?: () => Promise<void>;
}

const repository = join(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly version: string };
const withinMs = 15_000;

/** The window's side of the extension, put together as `activateSignalbox` does, without what is seen of it. */
export class WindowSide {
  readonly supervisor: GatewaySupervisor;
  readonly configuration: Configuration;
  readonly otherSettings: OtherSettingsWatch;
  readonly keys: ApiKeys;
  readonly state: StateFiles;
  /** All that was told, in order. */
  readonly statuses: GatewayStatus[] = [];
  readonly lines: LogLine[] = [];
  readonly errors: unknown[] = [];

  constructor(options: WindowOptions) {
    const { store, stateDir, extensionFolder = repository, app = 'Visual Studio Code', env = {} } = options;
    const onError = (error: unknown): void => void this.errors.push(error);
    this.keys = new ApiKeys(store, env);
    this.state = new StateFiles(stateDir);
    this.configuration = new Configuration({
      settings: store.settings,
      keys: this.keys,
      memory: store.globalState,
      app,
      client: () => this.supervisor.client,
      onError,
    });
    this.supervisor = new GatewaySupervisor({
      state: this.state,
      extensionFolder,
      version: options.version ?? manifest.version,
      port: () => store.settings.port,
      onAttached: async (client, owner) => {
        const isConfigured = await this.configuration.attached(client, owner);
        await options.afterPush?.();
        return isConfigured;
      },
      onError,
    });
    this.otherSettings = new OtherSettingsWatch({ configuration: this.configuration, app, onError });
    this.supervisor.onStatus.on((status) => this.statuses.push(status));
    this.supervisor.onStatus.on((status) => this.otherSettings.look(status));
    this.supervisor.onLog.on((line) => this.lines.push(line));
  }

  get status(): GatewayStatus {
    return this.supervisor.status;
  }

  /** Starts, and resolves when a gateway runs. */
  start(): Promise<Snapshot> {
    this.supervisor.start();
    return this.running();
  }

  /** Resolves when there is a running gateway whose snapshot fits. Rejects at once when there is none to be had. */
  async running(
    what = 'the gateway runs',
    fits: (snapshot: Snapshot) => boolean = () => true,
    deadlineMs = withinMs,
  ): Promise<Snapshot> {
    const isIt = (status: GatewayStatus): boolean => status.kind === 'running' && fits(status.snapshot);
    const seen = await until(
      what,
      () => this.status,
      (status) => isIt(status) || status.kind === 'failed',
      deadlineMs,
    );
    if (seen.kind !== 'running') throw new Error(`${what}: it does not run: ${JSON.stringify(seen)}`);
    return seen.snapshot;
  }

  /** The same for one that has failed, and finds a gateway without being told to look. */
  async runningAfterFailure(deadlineMs = 5000): Promise<Snapshot> {
    const what = 'it has found the gateway by itself';
    const seen = await until(
      what,
      () => this.status,
      ({ kind }) => kind === 'running',
      deadlineMs,
    );
    if (seen.kind !== 'running') throw new Error(what);
    return seen.snapshot;
  }

  /** Resolves with the reason when no gateway is to be had. */
  async failed(deadlineMs = withinMs): Promise<GatewayFailure> {
    const seen = await until(
      'it has failed',
      () => this.status,
      ({ kind }) => kind === 'failed',
      deadlineMs,
    );
    if (seen.kind !== 'failed') throw new Error(`not failed but ${seen.kind}`);
    return seen.failure;
  }

  async stopped(deadlineMs = withinMs): Promise<void> {
    await until(
      'it is stopped',
      () => this.status,
      ({ kind }) => kind === 'stopped',
      deadlineMs,
    );
  }

  /** The kinds of status that were told, without repetitions. */
  course(): string[] {
    return this.statuses.map(({ kind }) => kind).filter((kind, index, all) => kind !== all[index - 1]);
  }

  dispose(): void {
    this.supervisor.dispose();
    this.configuration.dispose();
    this.otherSettings.dispose();
  }
}

/** Resolves when the settings' problems are at these places. */
export async function problemsAre(side: WindowSide, paths: readonly string[]): Promise<void> {
  const look = (): string[] => side.configuration.problems.map(({ path }) => path);
  await until(`problems at ${paths}`, look, (found) => found.join() === paths.join());
}
