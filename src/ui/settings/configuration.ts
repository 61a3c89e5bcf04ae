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

/** What this application brought last, from whichever of its windows. */
const rememberedAs = 'signalbox.lastGoodConfiguration';

type Document = Settings['document'];

export interface ConfigurationOptions {
  readonly settings: Settings;
  readonly keys: ApiKeys;
  /** All windows of the application share it. */
  readonly memory: vscode.Memento;
  /** The application, as people in windows of another one are told. */
  readonly app: string;
  /** The way to the gateway, while there is one. */
  readonly client: () => ControlClient | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Brings settings and keys to the gateway: when they change, and when it has none (architecture.md, Whose configuration).
 * It judges them; while they are not in force, `problems` says why, and the last good ones go on to hold. The settings of
 * another application are left alone until they change here, or `useOurs` is called; no key goes to its endpoints.
 */
export class Configuration implements Disposable {
  readonly onProblems: Emitter<readonly SettingsProblem[]>;
  /** Endpoints whose key was stored once and is gone: SecretStorage does not survive everything. */
  readonly onLostKeys: Emitter<readonly EndpointSetting[]>;
  readonly #options: ConfigurationOptions;
  readonly #subscriptions: Disposable[];
  #problems: readonly SettingsProblem[] = [];
  #owner: Owner = 'window';
  /** The settings when they were looked at last: not every event is a change. */
  #seen: string;
  /** The mark of the settings that are in force, when they were ours the last time that we knew. */
  #inForce: string | undefined;
  /** The mark of those that these took the place of. */
  #replaced: string | undefined;
  /** Endpoints that the gateway has got a key for from here: a key that is gone has to be taken back. */
  #keyed: readonly string[] = [];
  /** Pushes go out one after the other, or an older one could win. */
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

  /**
   * A gateway has been attached to: brings it what it lacks. Tells whether it has a configuration then. Never rejects.
   */
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

  /** Whether these are the settings of this window, or those that its application brought before. */
  isOurs({ settings }: Pick<Snapshot['gateway'], 'settings'>): boolean {
    const client = this.#options.client();
    if (settings === null || client === undefined || settings.mark === this.#inForce) return true;
    return settings.mark === client.markOf(this.#options.settings.document) || settings.mark === this.#lastMark(client);
  }

  /** Puts our settings and keys in the place of others'. Resolves when they are in force, or known to be wrong. */
  useOurs(): Promise<void> {
    return this.#enqueue(async () => {
      const client = this.#options.client();
      if (client !== undefined && this.#owner === 'window') await this.#push(client, 'any');
    });
  }

  /** Resolves when all that has changed so far is in force, or known to be wrong. */
  settled(): Promise<void> {
    return this.#lastPush;
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #changed(): void {
    const now = JSON.stringify(this.#options.settings.document);
    // What is wrong may have been cured elsewhere: a file of certificates, a port.
    if (now === this.#seen && this.#problems.length === 0) return;
    this.#seen = now;
    void this.useOurs();
  }

  #pushKeySoon(endpointId: string): void {
    void this.#enqueue(async () => {
      const client = this.#options.client();
      // A gateway with other settings sends to hosts of its own: our keys are not for them.
      if (this.#owner !== 'window') return;
      const endpoint = this.#options.settings.endpoints.find(({ id }) => id === endpointId);
      const key = endpoint === undefined ? undefined : await this.#options.keys.keyOf(endpoint);
      const mark = this.#inForce ?? client?.markOf(this.#options.settings.document);
      await unlessRefused(client?.putKeys({ [endpointId]: key ?? null }, mark));
    });
  }

  /** What a gateway that has just been attached to lacks. Tells whether it has a configuration then. */
  async #bring(client: ControlClient): Promise<boolean> {
    const { document } = this.#options.settings;
    const { hasConfig, settings: inForce } = (await client.status()).gateway;
    if (!hasConfig) return (await this.#push(client, 'own')) || (await this.#pushLastGood(client));
    // A gateway that does not say whose settings it has cannot be asked about them.
    if (inForce === null) await this.#push(client, 'any');
    else if (inForce.mark === client.markOf(document)) await this.#pushKeys(client, document);
    // They have changed while nobody of us was there.
    else if (inForce.mark === this.#lastMark(client)) {
      this.#inForce = inForce.mark;
      await this.#push(client, 'own');
    } else if (inForce.mark === this.#replaced) {
      // A gateway that was about to hand over took them, and its successor knows only those before.
      await this.#push(client, 'any');
    } else this.#setProblems([]);
    return true;
  }

  /** Keys may have come into this window's environment, or to SecretStorage, while it was not there. */
  async #pushKeys(client: ControlClient, document: Document): Promise<void> {
    const keys = await this.#keysToBring();
    await this.#areInForce(client, document, keys);
    this.#setProblems([]);
    await unlessRefused(client.putKeys(keys, this.#inForce));
  }

  /**
   * Settings and keys in one go: so the endpoints have theirs when the first warm-up begins, and nobody else's ever get
   * them. Tells whether the gateway has a configuration then.
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

  /** For a gateway that has just been started while the settings are broken. */
  async #pushLastGood(client: ControlClient): Promise<boolean> {
    const document = this.#options.memory.get<Document>(rememberedAs);
    // A file that it names may be gone by now; the problems of the settings are told already.
    return document !== undefined && (await this.#put(client, document, 'own')).length === 0;
  }

  /** Returns what is wrong with it; nothing, too, where others were faster and are left alone. */
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

  /** The mark of what our application brought last. */
  #lastMark(client: ControlClient): string | undefined {
    const last = this.#options.memory.get<Document>(rememberedAs);
    return last === undefined ? undefined : client.markOf(last);
  }

  /** All keys that there are, and null for those that are gone. */
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

/** What others' settings keep from being done is nothing to do here. */
async function unlessRefused(request: Promise<unknown> | undefined): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ControlError) || error.status !== 409) throw error;
  }
}
