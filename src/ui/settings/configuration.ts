import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import type { SettingsRequest } from '../../contract/control.ts';
import type { Owner, Snapshot } from '../../contract/snapshot.ts';
import { type ControlClient, ControlError } from '../link/controlClient.ts';
import type { SettingsProblem } from '../model/gatewayStatus.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import { placedProblem, withoutUnusableProxy } from '../model/settings/proxySettings.ts';
import type { ApiKeys } from './apiKeys.ts';
import type { Settings } from './settings.ts';

/** The mark of the settings last sent by any window of this application. */
const rememberedAs = 'signalbox.lastGoodConfiguration';

type Document = Settings['document'];

export interface ConfigurationOptions {
  readonly settings: Settings;
  readonly keys: ApiKeys;
  /** Shared by all windows of the application. */
  readonly memory: vscode.Memento;
  /** The application's name, shown in windows of other applications. */
  readonly app: string;
  /** The client of the gateway, if any. */
  readonly client: () => ControlClient | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Sends settings and keys to the gateway when they change or the gateway has none (architecture.md, Whose configuration). The
 * gateway checks them; if it refuses, `problems` says why and the last valid ones stay in force. Settings of another application
 * stay until ours change or `useOurs` is called; no key is sent to its endpoints.
 */
export class Configuration implements Disposable {
  readonly onProblems: Emitter<readonly SettingsProblem[]>;
  /** Endpoints whose stored key is gone: SecretStorage can lose its content. */
  readonly onLostKeys: Emitter<readonly EndpointSetting[]>;
  readonly #options: ConfigurationOptions;
  readonly #subscriptions: Disposable[];
  #problems: readonly SettingsProblem[] = [];
  #owner: Owner = 'window';
  /** The last seen settings, since not every event is a change. */
  #seen: string;
  /** The mark of the settings in force, if they were last known to be ours. */
  #inForce: string | undefined;
  /** The mark of the previous settings. */
  #replaced: string | undefined;
  /** Endpoints whose key this window has sent: a removed key must be withdrawn. */
  #keyed: readonly string[] = [];
  /** Serialises pushes, so that an older one cannot win. */
  #lastPush: Promise<void> = Promise.resolve();

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.onProblems = new Emitter(options.onError);
    this.onLostKeys = new Emitter(options.onError);
    this.#seen = JSON.stringify(options.settings.document);
    this.#subscriptions = [
      options.settings.onChange(() => this.#changed()),
      options.keys.onChange((endpointId) => this.#pushKeySoon(endpointId)),
    ];
  }

  get problems(): readonly SettingsProblem[] {
    return this.#problems;
  }

  /** Whether there are settings that were valid once; they stay in force while those of now are not. */
  get hasLastGood(): boolean {
    return this.#options.memory.get(rememberedAs) !== undefined;
  }

  /** Call after attaching: sends what the gateway lacks. Resolves with whether it has a configuration. Never rejects. */
  async attached(client: ControlClient, owner: Owner): Promise<boolean> {
    this.#owner = owner;
    this.#inForce = undefined;
    if (owner !== 'window') {
      this.#setProblems([]);
      return true;
    }
    let isConfigured = false;
    await this.#enqueue(async () => {
      isConfigured = await this.#bring(client);
    });
    return isConfigured;
  }

  /** Whether these are this window's settings, or the previous ones of its application. */
  isOurs({ settings }: Pick<Snapshot['gateway'], 'settings'>): boolean {
    const client = this.#options.client();
    if (settings === null || client === undefined || settings.mark === this.#inForce) return true;
    return settings.mark === client.markOf(this.#options.settings.document) || settings.mark === this.#lastMark(client);
  }

  /** Replaces another application's settings and keys with ours. Resolves when they are in force or refused. */
  useOurs(): Promise<void> {
    return this.#enqueue(async () => {
      const client = this.#options.client();
      if (client !== undefined && this.#owner === 'window') await this.#push(client, 'any');
    });
  }

  /** Resolves when all changes so far are in force or refused. */
  settled(): Promise<void> {
    return this.#lastPush;
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #changed(): void {
    const now = JSON.stringify(this.#options.settings.document);
    // The cause may have been fixed elsewhere: a certificate file, a port.
    if (now === this.#seen && this.#problems.length === 0) return;
    this.#seen = now;
    void this.useOurs();
  }

  #pushKeySoon(endpointId: string): void {
    void this.#enqueue(async () => {
      const client = this.#options.client();
      // A gateway with other settings sends to other hosts: our keys must not reach them.
      if (this.#owner !== 'window') return;
      const endpoint = this.#options.settings.endpoints.find(({ id }) => id === endpointId);
      const key = endpoint === undefined ? undefined : await this.#options.keys.keyOf(endpoint);
      const mark = this.#inForce ?? client?.markOf(this.#options.settings.document);
      await unlessRefused(client?.putKeys({ [endpointId]: key ?? null }, mark));
    });
  }

  /** Sends what a newly attached gateway lacks; resolves with whether it has a configuration. */
  async #bring(client: ControlClient): Promise<boolean> {
    const { document } = this.#options.settings;
    const { hasConfig, settings: inForce } = (await client.status()).gateway;
    if (!hasConfig) return (await this.#push(client, 'own')) || (await this.#pushLastGood(client));
    // A gateway that does not report the owner of its settings cannot be compared.
    if (inForce === null) await this.#push(client, 'any');
    else if (inForce.mark === client.markOf(document)) await this.#pushKeys(client, document);
    // Our settings changed while no window was attached.
    else if (inForce.mark === this.#lastMark(client)) {
      this.#inForce = inForce.mark;
      await this.#push(client, 'own');
    } else if (inForce.mark === this.#replaced) {
      // A gateway took them during its hand-over, and its successor has only the previous ones.
      await this.#push(client, 'any');
    } else this.#setProblems([]);
    return true;
  }

  /** Keys may have been added to the environment or SecretStorage in the meantime. */
  async #pushKeys(client: ControlClient, document: Document): Promise<void> {
    const keys = await this.#keysToBring();
    await this.#areInForce(client, document, keys);
    this.#setProblems([]);
    await unlessRefused(client.putKeys(keys, this.#inForce));
  }

  /**
   * Sends settings and keys in one call, so that endpoints have their keys at the first warm-up and other endpoints never get
   * them. Resolves with whether the gateway has a configuration.
   */
  async #push(client: ControlClient, replaces: SettingsRequest['replaces']): Promise<boolean> {
    const { document } = this.#options.settings;
    const problems = await this.#put(client, document, replaces);
    const rest = withoutUnusableProxy(document, problems);
    const isRestGood = rest !== undefined && (await this.#put(client, rest, replaces)).length === 0;
    const placed = problems.map((problem) => placedProblem(problem, document));
    this.#setProblems(isRestGood ? placed.map((problem) => ({ ...problem, isSkipped: true })) : placed);
    return isRestGood || problems.length === 0;
  }

  /** For a gateway started while the settings are invalid. */
  async #pushLastGood(client: ControlClient): Promise<boolean> {
    const document = this.#options.memory.get<Document>(rememberedAs);
    // A file it names may be gone by now; the settings' problems are already shown.
    return document !== undefined && (await this.#put(client, document, 'own')).length === 0;
  }

  /** Returns the problems; none either if another application's settings were sent first and stay. */
  async #put(
    client: ControlClient,
    document: Document,
    replaces: SettingsRequest['replaces'],
  ): Promise<readonly SettingsProblem[]> {
    const keys = await this.#keysToBring();
    const before = this.#lastMark(client) ?? null;
    try {
      await client.putSettings({ app: this.#options.app, config: document, keys, before, replaces });
      await this.#areInForce(client, document, keys);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      if (error.status === 422) return error.problems;
      if (error.status !== 409) throw error;
    }
    return [];
  }

  async #areInForce(client: ControlClient, document: Document, keys: SettingsRequest['keys']): Promise<void> {
    const mark = client.markOf(document);
    if (mark !== this.#inForce) this.#replaced = this.#inForce;
    this.#inForce = mark;
    this.#keyed = Object.keys(keys).filter((id) => keys[id] !== null);
    if (this.#inForce !== this.#lastMark(client)) await this.#options.memory.update(rememberedAs, document);
  }

  /** The mark of the settings that our application sent last. */
  #lastMark(client: ControlClient): string | undefined {
    const last = this.#options.memory.get<Document>(rememberedAs);
    return last === undefined ? undefined : client.markOf(last);
  }

  /** All keys, and null for those that are gone. */
  async #keysToBring(): Promise<SettingsRequest['keys']> {
    const { settings, keys } = this.#options;
    const { endpoints } = settings;
    const found = await keys.all(endpoints);
    const gone = this.#keyed.filter((id) => found[id] === undefined);
    const lost = endpoints.filter(({ id }) => found[id] === undefined && keys.hadKey(id));
    if (lost.length > 0) this.onLostKeys.emit(lost);
    return { ...Object.fromEntries(gone.map((id) => [id, null])), ...found };
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

/** Ignores a refusal because other settings are in force. */
async function unlessRefused(request: Promise<unknown> | undefined): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ControlError) || error.status !== 409) throw error;
  }
}
