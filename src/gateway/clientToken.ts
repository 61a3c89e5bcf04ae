import { fromEnvironment } from '../base/fromEnvironment.ts';
import type { Config } from '../core/config/config.ts';

export interface ClientTokenOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the token of the state folder, or makes it; throws when the folder cannot be used. */
  readonly ownToken: () => string;
}

/** The token that clients have to send, by the configuration in force. */
export class ClientToken {
  readonly #options: ClientTokenOptions;
  #bytes: Buffer | undefined;

  /** `config`: the one that the gateway starts with; undefined when a window will push it. */
  constructor(options: ClientTokenOptions, config: Config | undefined) {
    this.#options = options;
    this.configure(config);
  }

  /** Undefined: clients need none. */
  get bytes(): Buffer | undefined {
    return this.#bytes;
  }

  /** Takes the token that a configuration asks for. Throws, and keeps the old one, when the state folder has none. */
  configure(config: Config | undefined): void {
    const token = this.#tokenFor(config?.clientToken);
    this.#bytes = token === undefined ? undefined : Buffer.from(token);
  }

  #tokenFor(configured: string | null | undefined): string | undefined {
    const { env, ownToken } = this.#options;
    if (configured === null) return undefined;
    if (configured === undefined) return ownToken();
    // A reference to a variable that is not set must not open the gateway to everybody.
    return configured.startsWith('env:') ? fromEnvironment(configured, env) || ownToken() : configured;
  }
}
