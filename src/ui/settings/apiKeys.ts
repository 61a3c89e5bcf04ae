import type * as vscode from 'vscode';
import { isKey } from '../../base/apiKey.ts';
import { keyFromEnvironment } from '../../base/fromEnvironment.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';

const prefix = 'signalbox.key.';
const rememberedAs = 'signalbox.keyedEndpoints';

/** The endpoints' keys: in SecretStorage, or in the environment for `env:NAME` (security.md 9). */
export class ApiKeys {
  readonly #secrets: vscode.SecretStorage;
  readonly #memory: vscode.Memento;
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(
    { secrets, globalState }: Pick<vscode.ExtensionContext, 'secrets' | 'globalState'>,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#secrets = secrets;
    this.#memory = globalState;
    this.#env = env;
  }

  /** The key of an endpoint; undefined if missing or not sendable. */
  async keyOf({ id, apiKey }: EndpointSetting): Promise<string | undefined> {
    const key = (await this.#secrets.get(prefix + id))?.trim() ?? this.fromEnvironment(apiKey);
    return key !== undefined && isKey(key) ? key : undefined;
  }

  /** The value of `env:NAME`, without quotes or `Bearer` around it. */
  fromEnvironment(reference: string | undefined): string | undefined {
    return keyFromEnvironment(reference, this.#env) || undefined;
  }

  /** The environment variable that most likely holds this endpoint's key; undefined without one. */
  likelyVariable({ id, dialect = 'anthropic' }: EndpointSetting): string | undefined {
    const own = id.toUpperCase().replaceAll('-', '_');
    const names = [`${own}_API_KEY`, `${own}_KEY`, `${dialect.toUpperCase()}_API_KEY`];
    return names.find((name) => this.fromEnvironment(`env:${name}`) !== undefined);
  }

  /** All available keys, by endpoint. */
  async all(endpoints: readonly EndpointSetting[]): Promise<Readonly<Record<string, string>>> {
    const pairs = await Promise.all(endpoints.map(async (one) => [one.id, await this.keyOf(one)] as const));
    return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
  }

  /** All secrets for redaction: stored keys and environment values, sendable or not. */
  async secrets(endpoints: readonly EndpointSetting[]): Promise<readonly string[]> {
    const ids = new Set([...endpoints.map(({ id }) => id), ...this.#remembered]);
    const stored = await Promise.all([...ids].map((id) => this.#secrets.get(prefix + id)));
    const all = [...stored, ...endpoints.map(({ apiKey }) => this.fromEnvironment(apiKey))];
    return all.flatMap((secret) => (secret === undefined ? [] : [secret, secret.trim()]));
  }

  async store(endpointId: string, key: string): Promise<void> {
    await this.#secrets.store(prefix + endpointId, key);
    await this.#memory.update(rememberedAs, [...new Set([...this.#remembered, endpointId])]);
  }

  async forget(endpointId: string): Promise<void> {
    await this.#secrets.delete(prefix + endpointId);
    await this.#memory.update(
      rememberedAs,
      this.#remembered.filter((id) => id !== endpointId),
    );
  }

  /** Whether this endpoint once had a key: if it has none now, SecretStorage has lost it. */
  hadKey(endpointId: string): boolean {
    return this.#remembered.includes(endpointId);
  }

  /** Emits the endpoint's id when its key changes in any window. */
  onChange(listener: (endpointId: string) => void): vscode.Disposable {
    return this.#secrets.onDidChange(({ key }) => {
      if (key.startsWith(prefix)) listener(key.slice(prefix.length));
    });
  }

  get #remembered(): readonly string[] {
    return this.#memory.get<readonly string[]>(rememberedAs) ?? [];
  }
}
