import * as vscode from 'vscode';
import { defaultPort } from '../../base/defaultPort.ts';
import { type EndpointSetting, endpointSettings } from '../model/settings/endpointSettings.ts';
import { withVscodeProxy } from '../model/settings/proxySettings.ts';

const section = 'signalbox';
/** VS Code settings that affect the configuration. */
const proxySettings = ['http.proxy', 'http.noProxy', 'http.proxySupport'];

/** Settings of windows only; all others form the gateway's configuration under the same names. */
const windowOnly: ReadonlySet<string> = new Set(['autoStart', 'statusBar.perEndpoint', 'terminal.inject']);

/** The extension's settings; only those in the manifest are read. */
export class Settings {
  readonly #names: readonly string[];
  /** Serialises changes, so that each sees the previous one. */
  #lastChange: Promise<void> = Promise.resolve();

  /** `manifest` is the extension's package.json. */
  constructor(manifest: unknown) {
    const { contributes } = manifest as {
      contributes: { configuration: readonly { readonly properties: Readonly<Record<string, unknown>> }[] };
    };
    const names = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    this.#names = names.map((name) => name.slice(section.length + 1));
  }

  /** The configuration as the user wrote it, with VS Code's proxy; the gateway checks it. */
  get document(): Readonly<Record<string, unknown>> {
    const document: Record<string, unknown> = {};
    for (const name of this.#names.filter((one) => !windowOnly.has(one))) {
      const [first = name, second] = name.split('.');
      const value = this.#get(name);
      // An emptied text box means "not set".
      if (value === undefined || value === '') continue;
      if (second === undefined) document[first] = value;
      else document[first] = { ...(document[first] as object | undefined), [second]: value };
    }
    // VS Code returns live proxies of its own data.
    const plain = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
    const [proxy, noProxy, support] = proxySettings.map(valueOfUser);
    return withVscodeProxy(plain, { proxy, noProxy, support });
  }

  /** The settings of windows only. */
  get ofWindows(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...windowOnly].map((name) => [name, this.#get(name)]));
  }

  get endpoints(): readonly EndpointSetting[] {
    return endpointSettings(this.#get('endpoints'));
  }

  /** The gateway's port; the default if the setting is not a valid port. */
  get port(): number {
    const port = this.#get('port');
    return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : defaultPort;
  }

  /** Ports in endpoint addresses: a local server that is not running now may use them. */
  get portsOfEndpoints(): ReadonlySet<number> {
    return new Set(this.endpoints.map(({ baseUrl }) => Number(URL.parse(baseUrl)?.port ?? 0)));
  }

  get isAutoStarted(): boolean {
    return this.#get('autoStart') !== false;
  }

  get showsEachEndpoint(): boolean {
    return this.#get('statusBar.perEndpoint') !== false;
  }

  get injectsIntoTerminals(): boolean {
    return this.#get('terminal.inject') !== false;
  }

  get strategy(): string {
    return String(this.#get('strategy'));
  }

  /** Changes the endpoints; elements of another shape stay in place. */
  changeEndpoints(change: (endpoints: readonly EndpointSetting[]) => readonly EndpointSetting[]): Promise<void> {
    const turn = this.#lastChange.then(() => this.#change(change));
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }

  /** Changes one endpoint. */
  changeEndpoint(id: string, change: (endpoint: EndpointSetting) => EndpointSetting): Promise<void> {
    return this.changeEndpoints((all) => all.map((one) => (one.id === id ? change(one) : one)));
  }

  async #change(change: (endpoints: readonly EndpointSetting[]) => readonly EndpointSetting[]): Promise<void> {
    const value = this.#get('endpoints');
    const known = endpointSettings(value);
    const others = Array.isArray(value) ? value.filter((one) => !known.includes(one as EndpointSetting)) : [];
    await this.set('endpoints', [...change(known), ...others]);
  }

  /** Writes a user setting, never a workspace setting. */
  async set(name: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
  }

  /** The rules of the user for errors, as they were written. */
  get rules(): unknown {
    return this.#get('rules');
  }

  onChange(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if ([section, ...proxySettings].some((name) => event.affectsConfiguration(name))) listener();
    });
  }

  #get(name: string): unknown {
    return vscode.workspace.getConfiguration(section).get(name);
  }
}

/** A setting from user, policy or default: a workspace must not decide where keys are sent (security.md 8). */
function valueOfUser(name: string): unknown {
  const configuration = vscode.workspace.getConfiguration();
  const { workspaceValue, workspaceFolderValue, globalValue, defaultValue } = configuration.inspect(name) ?? {};
  const isOfWorkspace = workspaceValue !== undefined || workspaceFolderValue !== undefined;
  return isOfWorkspace ? (globalValue ?? defaultValue) : configuration.get(name);
}
