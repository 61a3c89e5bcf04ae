import type { ConfigAnswer, ProblemsAnswer, SettingsRequest } from '../../contract/control.ts';
import type { InheritanceMessage } from '../../contract/handOver.ts';
import { settingsMark } from '../../contract/settingsMark.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { type Config, parseConfig, pointsAtUs } from '../../core/config/config.ts';
import { readAuthorities } from '../endpoints/authorities.ts';

/** Whether a configuration was taken. */
export type ConfigureResult =
  | { readonly kind: 'ok'; readonly answer: ConfigAnswer }
  | { readonly kind: 'bad'; readonly status: 409 | 422; readonly problems: ProblemsAnswer['problems'] };

/** What comes with a configuration: the keys, and whose they are. */
export type SettingsPush = Omit<SettingsRequest, 'config'>;

type Keys = SettingsRequest['keys'];

export interface BroughtSettingsOptions {
  /** Whether windows may bring any: a gateway that was started with a configuration keeps that. */
  readonly areWelcome: boolean;
  readonly markSecret: string;
  /** The configuration in force and the port that is listened on; undefined before the first. */
  readonly config: () => Config | undefined;
  readonly port: () => number;
  /** Listens on another port; rejects when that cannot be had. */
  readonly moveTo: (port: number) => Promise<void>;
  readonly setKeys: (keys: Keys, options: { readonly isAll: boolean }) => void;
  /** Puts a checked configuration, with its authorities (PEM), into force; returns what changed. */
  readonly apply: (config: Config, authorities: string) => string[];
}

const notWelcome: ConfigureResult = {
  kind: 'bad',
  status: 409,
  problems: [
    { path: '', message: 'this gateway runs with its own configuration (it was started with --config or --demo)' },
  ],
};
const othersInForce: ConfigureResult = {
  kind: 'bad',
  status: 409,
  problems: [{ path: '', message: 'the settings of another application are in force' }],
};

/** The settings that windows bring (architecture.md, Whose configuration): judges them, and knows whose are in force. */
export class PushedSettings {
  readonly #options: BroughtSettingsOptions;
  /** As a window has brought it. */
  #input: unknown = null;
  #inForce: Snapshot['gateway']['settings'] = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BroughtSettingsOptions) {
    this.#options = options;
  }

  /** Whose are in force, and their mark. */
  get inForce(): Snapshot['gateway']['settings'] {
    return this.#inForce;
  }

  /** For the gateway that takes this one's place. */
  get legacy(): Pick<InheritanceMessage, 'config' | 'app'> {
    return { config: this.#input, app: this.#inForce?.app ?? null };
  }

  /** Whether settings with this mark are in force, or none that are known. */
  runsWith(mark: string | null): boolean {
    return this.#inForce === null || this.#inForce.mark === mark;
  }

  /**
   * A window's configuration; with `push` its keys come along. A bad one changes nothing and is answered with all that is
   * wrong with it.
   */
  take(input: unknown, push?: SettingsPush): Promise<ConfigureResult> {
    // One after the other: several windows bring the same new port at once, and it is moved to once.
    const turn = this.#last.then(() => this.#take(input, push));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #take(input: unknown, push: SettingsPush | undefined): Promise<ConfigureResult> {
    const { areWelcome, markSecret, setKeys, apply } = this.#options;
    if (!areWelcome) return notWelcome;
    const mark = settingsMark(input, markSecret);
    const isOthers = push !== undefined && !this.runsWith(mark) && !this.runsWith(push.before);
    if (isOthers && push.replaces === 'own') return othersInForce;
    const result = parseConfig(input);
    if (result.kind === 'bad') return { kind: 'bad', status: 422, problems: result.problems };
    const authorities = readAuthorities(result.config.caCertificates);
    const problems: ProblemsAnswer['problems'][number][] = [...authorities.problems];
    // A port that was moved to stays: not before all else is right.
    if (problems.length === 0) problems.push(...(await this.#moveFor(result.config)));
    if (problems.length > 0) return { kind: 'bad', status: 422, problems };
    // Nothing comes between these: no key is ever that of another's endpoint.
    if (push !== undefined) setKeys(push.keys, { isAll: isOthers });
    if (this.#inForce?.mark !== mark) this.#inForce = { app: push?.app ?? null, mark };
    this.#input = input;
    return { kind: 'ok', answer: { changed: apply(result.config, authorities.pem), notes: result.notes } };
  }

  /** Moves to the configured port when that has changed, unless an endpoint points at us; returns what stands against it. */
  async #moveFor(config: Config): Promise<ProblemsAnswer['problems']> {
    const before = this.#options.config()?.port;
    const hasMoved = before !== undefined && before !== config.port && config.port !== this.#options.port();
    const port = hasMoved ? config.port : this.#options.port();
    const ours = config.endpoints.findIndex(({ baseUrl }) => pointsAtUs(baseUrl, port));
    if (ours !== -1)
      return [{ path: `endpoints[${ours}].baseUrl`, message: `points at this gateway itself (port ${port})` }];
    if (!hasMoved) return [];
    try {
      await this.#options.moveTo(port);
      return [];
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be had (${code ?? message})`;
      return [{ path: 'port', message: `${port} ${why}`, example: '"port": 8417' }];
    }
  }
}
