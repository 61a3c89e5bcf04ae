import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import { type GatewayStatus, type OtherSettings, snapshotOf } from '../model/gatewayStatus.ts';
import type { Configuration } from './configuration.ts';

/** Windows of one application learn of a settings change one after the other, remote ones even later. */
const settleMs = 2000;

export interface OtherSettingsOptions {
  readonly configuration: Pick<Configuration, 'isOurs'>;
  readonly app: string;
  readonly onError: (error: unknown) => void;
}

/** Emits when the gateway keeps running with settings other than this window's. */
export class OtherSettingsWatch implements Disposable {
  readonly onChange: Emitter<OtherSettings | undefined>;
  readonly #options: OtherSettingsOptions;
  #found: OtherSettings | undefined;
  #current: OtherSettings | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OtherSettingsOptions) {
    this.#options = options;
    this.onChange = new Emitter(options.onError);
  }

  /** Undefined if the gateway runs with ours or its own configuration, or there is no gateway. */
  get current(): OtherSettings | undefined {
    return this.#current;
  }

  /** Processes the current state. */
  look(status: GatewayStatus): void {
    const gateway = snapshotOf(status)?.gateway;
    const isOther = gateway?.owner === 'window' && !this.#options.configuration.isOurs(gateway);
    const app = gateway?.settings?.app ?? null;
    this.#found = isOther ? { app, isSameApp: app === this.#options.app } : undefined;
    if (this.#found === undefined || this.#current !== undefined) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), settleMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (JSON.stringify(this.#found) === JSON.stringify(this.#current)) return;
    this.#current = this.#found;
    this.onChange.emit(this.#current);
  }
}
