import type { ConfigAnswer, KeysAnswer, ProblemsAnswer, SettingsRequest } from '../contract/control.ts';
import type { InheritanceMessage } from '../contract/handOver.ts';
import { settingsMark } from '../contract/settingsMark.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { type Config, parseConfig, pointsAtUs } from '../core/config/config.ts';
import { configExamples, configProblem } from '../core/config/configProblems.ts';
import { type Problem, toldProblem } from '../core/config/problem.ts';
import type { ClientToken } from './clientToken.ts';
import { readAuthorities } from './endpoints/authorities.ts';
import type { Gateway } from './gateway.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Whether a configuration was taken. */
export type ConfigureResult =
  | { readonly kind: 'ok'; readonly answer: ConfigAnswer }
  | { readonly kind: 'bad'; readonly status: 409 | 422; readonly problems: ProblemsAnswer['problems'] };

/** The part of a push besides the configuration: the keys, and the application that they belong to. */
type SettingsPush = Omit<SettingsRequest, 'config'>;

export interface SettingsOptions {
  /** Whether windows may push settings: a gateway that was started with a configuration keeps that. */
  readonly acceptsPush: boolean;
  /** Also the secret of this installation that marks of settings are made with. */
  readonly controlToken: string;
  readonly clientToken: ClientToken;
}

const pushRefused: ConfigureResult = {
  kind: 'bad',
  status: 409,
  problems: [{ path: '', ...toldProblem({ code: 'ownConfiguration' }) }],
};
const handingOver: ConfigureResult = {
  kind: 'bad',
  status: 409,
  problems: [{ path: '', ...toldProblem({ code: 'handingOver' }) }],
};
const anotherAppsSettingsInForce: ConfigureResult = {
  kind: 'bad',
  status: 409,
  problems: [{ path: '', ...toldProblem({ code: 'otherSettings' }) }],
};

/**
 * The settings of the gateway (architecture.md, Whose configuration): checks those that windows push, puts them into force,
 * knows which application they come from, and has the log redact all secrets in them.
 */
export class SettingsInForce {
  readonly #gateway: Gateway;
  readonly #lifecycle: Pick<Lifecycle, 'moveTo' | 'isHandingOver'>;
  readonly #options: SettingsOptions;
  /** As a window pushed it. */
  #input: unknown = null;
  #source: Snapshot['gateway']['settings'] = null;
  #lastPush: Promise<unknown> = Promise.resolve();

  constructor(gateway: Gateway, lifecycle: Pick<Lifecycle, 'moveTo' | 'isHandingOver'>, options: SettingsOptions) {
    this.#gateway = gateway;
    this.#lifecycle = lifecycle;
    this.#options = options;
    this.#protectSecrets();
  }

  /** Puts a checked configuration into force, with the certificates (PEM) that it names; returns what changed. */
  apply(config: Config, authorities = readAuthorities(config.caCertificates).pem): readonly string[] {
    this.#options.clientToken.configure(config);
    const changed = this.#gateway.apply(config, authorities, this.#source);
    this.#protectSecrets();
    for (const line of changed) this.#gateway.logger.info('configuration', { change: line });
    return changed;
  }

  /** Puts the changed configuration of the file into force that the gateway was started with; resolves with what prevents it. */
  async renew(config: Config): Promise<ProblemsAnswer['problems']> {
    const problems = await this.#moveFor(config);
    if (problems.length === 0) this.apply(config);
    return problems;
  }

  /** The inheritance of a successor besides the state file. */
  get legacy(): InheritanceMessage {
    const app = this.#source?.app ?? null;
    return { event: 'inherit', config: this.#input, app, keys: this.#gateway.endpoints.pushedKeys };
  }

  /** Takes over what the gateway before this one left. Throws with what is wrong with its configuration. */
  async inherit({ config, app, keys }: Omit<InheritanceMessage, 'event'>): Promise<void> {
    this.#setKeys(keys);
    if (config === null) return;
    const push = app === null ? undefined : { app, keys, before: null, replaces: 'any' as const };
    const result = await this.take(config, push);
    if (result.kind === 'ok') return;
    const problems = result.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new Error(`the settings do not fit the new version: ${problems.join('; ')}`);
  }

  /** Sets keys by endpoint id; undefined when they belong to settings (a mark) other than those in force. */
  setKeys(keys: SettingsRequest['keys'], mark: string | undefined): KeysAnswer | undefined {
    return mark !== undefined && !this.#runsWith(mark) ? undefined : this.#setKeys(keys);
  }

  /**
   * Takes a window's configuration; with `push` its keys come along. A bad one changes nothing and is answered with
   * everything that is wrong with it.
   */
  take(input: unknown, push?: SettingsPush): Promise<ConfigureResult> {
    // One push at a time: several windows push the same new port at once, and the gateway moves once.
    const turn = this.#lastPush.then(() => this.#take(input, push));
    this.#lastPush = turn.catch(() => undefined);
    return turn;
  }

  async #take(input: unknown, push: SettingsPush | undefined): Promise<ConfigureResult> {
    const { acceptsPush, controlToken } = this.#options;
    if (!acceptsPush) return pushRefused;
    const mark = settingsMark(input, controlToken);
    const isAnotherApps = push !== undefined && !this.#runsWith(mark) && !this.#runsWith(push.before);
    if (isAnotherApps && push.replaces === 'own') return anotherAppsSettingsInForce;
    const result = parseConfig(input);
    if (result.kind === 'bad') return { kind: 'bad', status: 422, problems: result.problems };
    const authorities = readAuthorities(result.config.caCertificates);
    const problems: ProblemsAnswer['problems'][number][] = [...authorities.problems];
    // The port last: once moved, it stays moved.
    if (problems.length === 0) problems.push(...(await this.#moveFor(result.config)));
    if (problems.length > 0) return { kind: 'bad', status: 422, problems };
    if (this.#lifecycle.isHandingOver) return handingOver;
    // Nothing may run between keys and configuration: a key would be sent to the endpoint of other settings.
    if (push !== undefined) this.#setKeys(push.keys, { isAll: isAnotherApps });
    if (this.#source?.mark !== mark) this.#source = { app: push?.app ?? null, mark };
    this.#input = input;
    const changed = this.apply(result.config, authorities.pem);
    return { kind: 'ok', answer: { changed, notes: result.notes } };
  }

  #setKeys(keys: SettingsRequest['keys'], { isAll = false } = {}): KeysAnswer {
    const { endpoints } = this.#gateway;
    const changed = endpoints.setKeys(keys, { isAll });
    this.#protectSecrets();
    this.#gateway.changed();
    return { changed, unknown: Object.keys(keys).filter((id) => !endpoints.byId.has(id)) };
  }

  #protectSecrets(): void {
    const { controlToken, clientToken } = this.#options;
    const secrets = [controlToken, clientToken.bytes?.toString() ?? '', ...this.#gateway.endpoints.secrets];
    this.#gateway.logger.protect(secrets);
  }

  /** Whether settings with this mark are in force, or none that are known. */
  #runsWith(mark: string | null): boolean {
    return this.#source === null || this.#source.mark === mark;
  }

  /** Moves to the configured port when it has changed, unless an endpoint points there; returns what prevents it. */
  async #moveFor(config: Config): Promise<ProblemsAnswer['problems']> {
    const before = this.#gateway.config?.port;
    const hasMoved = before !== undefined && before !== config.port && config.port !== this.#gateway.port;
    const port = hasMoved ? config.port : this.#gateway.port;
    const loop = config.endpoints.findIndex(({ baseUrl }) => pointsAtUs(baseUrl, port));
    if (loop !== -1) return [configProblem(`endpoints[${loop}].baseUrl`, { code: 'pointsAtUs', port }, undefined)];
    if (!hasMoved) return [];
    try {
      await this.#lifecycle.moveTo(port);
      return [];
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const isTaken = code === 'EADDRINUSE';
      const why: Problem = isTaken
        ? { code: 'portTaken', port }
        : { code: 'portUnavailable', port, error: code ?? message };
      return [configProblem('port', why, configExamples['port'])];
    }
  }
}
