import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { hiddenVariables, type TerminalVariables, terminalVariables } from '../model/clients/terminalVariables.ts';
import { type GatewayStatus, snapshotOf } from '../model/gatewayStatus.ts';
import type { Settings } from '../settings/settings.ts';

const t = vscode.l10n.t;
const consentKey = 'signalbox.terminalConsent';

/** Both ways of reaching a shell: one that starts, and one that is there already. */
const mutator = { applyAtProcessCreation: true, applyAtShellIntegration: true };

export interface TerminalOptions {
  readonly collection: vscode.EnvironmentVariableCollection;
  readonly settings: Settings;
  readonly memory: vscode.Memento;
}

/** Tells integrated terminals where the gateway is, while it can serve them (interface.md, Clients without files). */
export class TerminalEnvironment {
  readonly #options: TerminalOptions;
  #isAsking = false;
  #status: GatewayStatus = { kind: 'stopped' };
  #token: string | undefined;
  #set: TerminalVariables = {};

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { collection } = options;
    // What a dead gateway would leave behind would break every client.
    collection.persistent = false;
    collection.clear();
  }

  /** The address that terminals are told now; undefined while they are told none. */
  get baseUrl(): string | undefined {
    return this.#set['ANTHROPIC_BASE_URL'];
  }

  /** `token`: what clients have to send to the gateway; without one they are told nothing. */
  update(status: GatewayStatus, token: string | undefined): void {
    this.#status = status;
    this.#token = token;
    const wanted = this.#wanted(status, token);
    const url = wanted['ANTHROPIC_BASE_URL'];
    const isWelcome = url === undefined || this.#hasConsent(url);
    const next = isWelcome ? wanted : {};
    if (JSON.stringify(next) === JSON.stringify(this.#set)) return;
    this.#set = next;
    const { collection } = this.#options;
    collection.clear();
    // Clearing takes it away, too.
    collection.description = t('Clients in this terminal reach their API through Signalbox');
    for (const [name, value] of Object.entries(next)) collection.replace(name, value, mutator);
  }

  #wanted(status: GatewayStatus, token: string | undefined): TerminalVariables {
    const snapshot = snapshotOf(status);
    if (snapshot === undefined || token === undefined || !this.#options.settings.injectsIntoTerminals) return {};
    return terminalVariables(snapshot, token, process.env);
  }

  /** Nothing to ask for where nothing is replaced; else the answer that was given once. */
  #hasConsent(ourUrl: string): boolean {
    const reasons = replacedByUs(ourUrl);
    const answer = this.#options.memory.get<boolean>(consentKey);
    if (reasons.length === 0 || answer !== undefined) return answer ?? true;
    if (!this.#isAsking) void this.#ask(reasons);
    return false;
  }

  async #ask(reasons: readonly string[]): Promise<void> {
    this.#isAsking = true;
    const use = t('Use Signalbox');
    const leave = t('Leave as It Is');
    const words = t(
      'Claude Code in the terminals of VS Code can use Signalbox instead of what is set up now ({0}).',
      reasons.join(', '),
    );
    const answer = await vscode.window.showInformationMessage(words, use, leave);
    // A message that was merely closed is asked again in the next window.
    if (answer !== undefined) await this.#options.memory.update(consentKey, answer === use);
    if (answer === use) this.update(this.#status, this.#token);
  }
}

/** What is set up already and would be replaced: variables, or a login of Claude Code. */
function replacedByUs(ourUrl: string): readonly string[] {
  const folder = process.env['CLAUDE_CONFIG_DIR'] || join(homedir(), '.claude');
  const login = existsSync(join(folder, '.credentials.json')) ? [t('a login of Claude Code')] : [];
  return [...hiddenVariables(process.env, ourUrl), ...login];
}
