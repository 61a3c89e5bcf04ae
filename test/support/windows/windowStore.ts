import type * as vscode from 'vscode';
import { Emitter } from '../../../src/base/emitter.ts';
import { endpointSettings } from '../../../src/ui/model/settings/endpointSettings.ts';
import { type VscodeProxy, withVscodeProxy } from '../../../src/ui/model/settings/proxySettings.ts';
import type { Settings } from '../../../src/ui/settings/settings.ts';

/** A listener that throws is a mistake of the test. */
function rethrow(error: unknown): never {
  throw error;
}

/** VS Code tells of a change later, never from within the call that made it. */
function emitLater<T>(emitter: Emitter<T>, value: T): void {
  setImmediate(() => emitter.emit(value));
}

/**
 * The data that VS Code keeps for all its windows: settings, secrets and memory. In memory; values go in and out as copies, and
 * every window hears of changes.
 */
export class WindowStore {
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
  readonly globalState: vscode.ExtensionContext['globalState'];
  readonly #settingsChanged = new Emitter<void>(rethrow);
  readonly #secrets = new Map<string, string>();
  readonly #memory = new Map<string, string>();
  #document: string;
  /** VS Code's own settings, with its defaults. */
  #vscode: VscodeProxy = { proxy: '', noProxy: [], support: 'override' };

  constructor(document: object) {
    this.#document = JSON.stringify(document);
    this.settings = this.#newSettings();
    this.secrets = this.#newSecretStorage();
    this.globalState = this.#newMemento();
  }

  /** The settings as they are written. */
  get document(): Record<string, unknown> {
    return JSON.parse(this.#document) as Record<string, unknown>;
  }

  /** Writes settings beside, or over, those that are there; undefined takes one away. */
  change(settings: object): void {
    this.#document = JSON.stringify({ ...this.document, ...settings });
    emitLater(this.#settingsChanged, undefined);
  }

  /** Writes settings of VS Code itself. */
  changeVscode(settings: Partial<VscodeProxy>): void {
    this.#vscode = { ...this.#vscode, ...settings };
    emitLater(this.#settingsChanged, undefined);
  }

  /** Simulates a reset keyring: the secrets are gone, and no event is sent. */
  loseSecrets(): void {
    this.#secrets.clear();
  }

  #newSettings(): Settings {
    const read = (): Record<string, unknown> => ({ ...withVscodeProxy(this.document, this.#vscode) });
    const onChange = (listener: () => void): vscode.Disposable => this.#settingsChanged.on(listener);
    const settings: Pick<Settings, 'document' | 'endpoints' | 'port' | 'onChange'> = {
      get document() {
        return read();
      },
      get endpoints() {
        return endpointSettings(read()['endpoints']);
      },
      get port() {
        return Number(read()['port']);
      },
      onChange,
    };
    // The rest of that class is for commands.
    return settings as Settings;
  }

  #newSecretStorage(): vscode.SecretStorage {
    const secrets = this.#secrets;
    const changed = new Emitter<vscode.SecretStorageChangeEvent>(rethrow);
    return {
      keys: async () => [...secrets.keys()],
      get: async (key) => secrets.get(key),
      store: async (key, value) => {
        secrets.set(key, value);
        emitLater(changed, { key });
      },
      delete: async (key) => {
        secrets.delete(key);
        emitLater(changed, { key });
      },
      onDidChange: (listener) => changed.on(listener),
    };
  }

  #newMemento(): vscode.ExtensionContext['globalState'] {
    const memory = this.#memory;
    const get = <T>(key: string, otherwise?: T): T | undefined => {
      const text = memory.get(key);
      return text === undefined ? otherwise : (JSON.parse(text) as T);
    };
    return {
      keys: () => [...memory.keys()],
      get: get as vscode.Memento['get'],
      update: async (key, value) => {
        if (value === undefined) memory.delete(key);
        else memory.set(key, JSON.stringify(value));
      },
      setKeysForSync: () => undefined,
    };
  }
}
