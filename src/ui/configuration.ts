import type * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import type { Owner } from '../contract/snapshot.ts';
import type { ApiKeys } from './apiKeys.ts';
import { type ControlClient, ControlError } from './controlClient.ts';
import type { EndpointSetting } from './model/endpointSettings.ts';
import type { SettingsProblem } from './model/gatewayStatus.ts';
import { placedProblem } from './model/proxySettings.ts';
import type { Settings } from './settings.ts';

const rememberedAs = 'signalbox.lastGoodConfiguration';

export interface ConfigurationOptions {
  readonly settings: Settings;
  readonly keys: ApiKeys;
  readonly memory: vscode.Memento;
  /** The way to the gateway, while there is one. */
  readonly client: () => ControlClient | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Brings settings and keys to the gateway. It judges them; while they are not in force, `problems` says why, and the
 * last good ones go on to hold.
 */
export class Configuration implements Disposable {
  readonly onProblems: Emitter<readonly SettingsProblem[]>;
  /** Endpoints whose key was stored once and is gone: SecretStorage does not survive everything. */
  readonly onLostKeys: Emitter<readonly EndpointSetting[]>;
  readonly #options: ConfigurationOptions;
  readonly #subscriptions: Disposable[];
  #problems: readonly SettingsProblem[] = [];
  #owner: Owner = 'window';
  /** Endpoints that the gateway has got a key for from here: a key that is gone has to be taken back. */
  #keyed: readonly string[] = [];
  /** Pushes go out one after the other, or an older one could win. */
  #lastPush: Promise<void> = Promise.resolve();

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.onProblems = new Emitter(options.onError);
    this.onLostKeys = new Emitter(options.onError);
    this.#subscriptions = [
      options.settings.onChange(() => this.#pushSoon()),
      options.keys.onChange((endpointId) => this.#pushKeySoon(endpointId)),
    ];
  }

  get problems(): readonly SettingsProblem[] {
    return this.#problems;
  }

  /**
   * A gateway has been attached to: brings it keys and settings, as far as it takes any. Tells whether it has a
   * configuration then. Never rejects.
   */
  async attached(client: ControlClient, owner: Owner): Promise<boolean> {
    this.#owner = owner;
    if (owner !== 'window') {
      this.#setProblems([]);
      return true;
    }
    let isConfigured = false;
    await this.#enqueue(async () => {
      isConfigured = (await this.#push(client)) || (await this.#pushLastGood(client));
    });
    return isConfigured;
  }

  /** Resolves when all that has changed so far is in force, or known to be wrong. */
  settled(): Promise<void> {
    return this.#lastPush;
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #pushSoon(): void {
    void this.#enqueue(async () => {
      const client = this.#options.client();
      if (client !== undefined) await this.#push(client);
    });
  }

  #pushKeySoon(endpointId: string): void {
    void this.#enqueue(async () => {
      const client = this.#options.client();
      // A gateway with a configuration of its own sends to hosts of its own: our keys are not for them.
      if (this.#owner !== 'window') return;
      const endpoint = this.#options.settings.endpoints.find(({ id }) => id === endpointId);
      const key = endpoint === undefined ? undefined : await this.#options.keys.keyOf(endpoint);
      await client?.putKeys({ [endpointId]: key ?? null });
    });
  }

  /** Keys first: so the endpoints have theirs when the first warm-up begins. Tells whether the settings are in force. */
  async #push(client: ControlClient): Promise<boolean> {
    const { settings, keys, memory } = this.#options;
    if (this.#owner !== 'window') return true;
    const { document, endpoints } = settings;
    const found = await keys.all(endpoints);
    const gone = this.#keyed.filter((id) => found[id] === undefined);
    await client.putKeys({ ...Object.fromEntries(gone.map((id) => [id, null])), ...found });
    this.#keyed = Object.keys(found);
    const lost = endpoints.filter(({ id }) => found[id] === undefined && keys.hadKey(id));
    if (lost.length > 0) this.onLostKeys.emit(lost);
    try {
      await client.putConfig(document);
      this.#setProblems([]);
      await memory.update(rememberedAs, document);
      return true;
    } catch (error) {
      if (!(error instanceof ControlError) || error.status !== 422) throw error;
      this.#setProblems(error.problems.map((problem) => placedProblem(problem, document)));
      return false;
    }
  }

  /** For a gateway that has just been started while the settings are broken. */
  async #pushLastGood(client: ControlClient): Promise<boolean> {
    const document = this.#options.memory.get(rememberedAs);
    if (document === undefined) return false;
    try {
      await client.putConfig(document);
      return true;
    } catch (error) {
      // A file that it names may be gone by now; the problems of the settings are told already.
      if (!(error instanceof ControlError) || error.status !== 422) throw error;
      return false;
    }
  }

  #enqueue(push: () => Promise<void>): Promise<void> {
    this.#lastPush = this.#lastPush.then(push).catch(this.#options.onError);
    return this.#lastPush;
  }

  #setProblems(problems: readonly SettingsProblem[]): void {
    if (JSON.stringify(problems) === JSON.stringify(this.#problems)) return;
    this.#problems = problems;
    this.onProblems.emit(problems);
  }
}
