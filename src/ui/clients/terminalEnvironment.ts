import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { TerminalStanding } from '../model/clients/terminalText.ts';
import { hiddenVariables, type TerminalVariables, terminalVariables } from '../model/clients/terminalVariables.ts';
import { type GatewayStatus, snapshotOf } from '../model/gatewayStatus.ts';
import { listText } from '../model/texts/listText.ts';
import type { Settings } from '../settings/settings.ts';

const t = vscode.l10n.t;
const consentKey = 'signalbox.terminalConsent';

/** Both ways to set variables: in new shells and in running ones. */
const mutator = { applyAtProcessCreation: true, applyAtShellIntegration: true };

export interface TerminalOptions {
  readonly collection: vscode.EnvironmentVariableCollection;
  readonly settings: Settings;
  readonly memory: vscode.Memento;
}

/** Sets the variables of integrated terminals while the gateway can serve them (interface.md, Clients without files). */
export class TerminalEnvironment {
  readonly #options: TerminalOptions;
  #isAsking = false;
  #status: GatewayStatus = { kind: 'stopped' };
  #token: string | undefined;
  #set: TerminalVariables = {};

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { collection } = options;
    // Variables of a dead gateway would break every client.
    collection.persistent = false;
    collection.clear();
  }

  /** The address in terminals now; undefined without one. */
  get baseUrl(): string | undefined {
    return this.#set['ANTHROPIC_BASE_URL'];
  }

  get standing(): TerminalStanding {
    if (this.baseUrl !== undefined) return 'connected';
    if (!this.#options.settings.injectsIntoTerminals) return 'off';
    return this.#wanted(this.#status, this.#token)['ANTHROPIC_BASE_URL'] === undefined ? 'unserved' : 'declined';
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
    // `clear` removes the description as well.
    collection.description = t('Clients in this terminal reach their API through Signalbox');
    for (const [name, value] of Object.entries(next)) collection.replace(name, value, mutator);
  }

  #wanted(status: GatewayStatus, token: string | undefined): TerminalVariables {
    const snapshot = snapshotOf(status);
    if (snapshot === undefined || token === undefined || !this.#options.settings.injectsIntoTerminals) return {};
    return terminalVariables(snapshot, token, process.env);
  }

  /** True without asking if nothing is replaced; otherwise the remembered answer. */
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
      'Claude Code in VS Code terminals can use Signalbox instead of the current setup ({0}).',
      listText(reasons, t),
    );
    const answer = await vscode.window.showInformationMessage(words, use, leave);
    // If the message was only closed, the next window asks again.
    if (answer !== undefined) await this.#options.memory.update(consentKey, answer === use);
    if (answer === use) this.update(this.#status, this.#token);
  }
}

/** Existing variables or a Claude Code login that would be replaced. */
function replacedByUs(ourUrl: string): readonly string[] {
  const folder = process.env['CLAUDE_CONFIG_DIR'] || join(homedir(), '.claude');
  const login = existsSync(join(folder, '.credentials.json')) ? [t('a login of Claude Code')] : [];
  return [...hiddenVariables(process.env, ourUrl), ...login];
}
