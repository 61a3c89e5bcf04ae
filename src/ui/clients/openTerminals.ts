import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { isClaudeCommand } from '../model/clients/terminalText.ts';
import { offer, openTerminalOffer } from '../words/offer.ts';
import type { ClaudeCode } from './claudeCode.ts';
import type { TerminalEnvironment } from './terminalEnvironment.ts';

const t = vscode.l10n.t;
const rememberedAs = 'signalbox.terminals';
const mostRemembered = 50;

/** A shell's process and the gateway's address in its environment; empty without one. */
type Remembered = readonly [pid: number, address: string];

export interface OpenTerminalsOptions {
  readonly terminals: Pick<TerminalEnvironment, 'baseUrl'>;
  readonly claudeCode: Pick<ClaudeCode, 'isConnectedByFile'>;
  /** Of the workspace: a reloaded window gets its terminals back as they are. */
  readonly memory: vscode.Memento;
  readonly onError: (error: unknown) => void;
}

/**
 * Knows which open terminals use the gateway: those whose shell was started with its address. Tells when Claude Code is
 * started in another one.
 */
export class OpenTerminals implements Disposable {
  readonly #options: OpenTerminalsOptions;
  readonly #subscriptions: readonly Disposable[];
  /** The address that a terminal was opened with; empty without one. */
  readonly #addresses = new Map<vscode.Terminal, string>();
  readonly #told = new WeakSet<vscode.Terminal>();
  #remembered: readonly Remembered[];

  constructor(options: OpenTerminalsOptions) {
    this.#options = options;
    this.#remembered = options.memory.get<readonly Remembered[]>(rememberedAs) ?? [];
    const note = (terminal: vscode.Terminal): void => void this.#note(terminal).catch(options.onError);
    vscode.window.terminals.forEach(note);
    this.#subscriptions = [
      vscode.window.onDidOpenTerminal(note),
      vscode.window.onDidCloseTerminal((terminal) => this.#addresses.delete(terminal)),
      vscode.window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
        if (isClaudeCommand(execution.commandLine.value)) this.#claudeStarted(terminal);
      }),
    ];
  }

  /** How many open terminals do not use the gateway although new ones do. */
  get unconnectedCount(): number {
    return [...this.#addresses.keys()].filter((terminal) => this.#isUnconnected(terminal)).length;
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  async #note(terminal: vscode.Terminal): Promise<void> {
    // A terminal without a process of its own runs no shell.
    if ('pty' in terminal.creationOptions) return;
    const address = this.#options.terminals.baseUrl ?? '';
    this.#addresses.set(terminal, address);
    const pid = await terminal.processId;
    if (pid === undefined || !this.#addresses.has(terminal)) return;
    const [, known = address] = this.#remembered.find(([one]) => one === pid) ?? [];
    this.#addresses.set(terminal, known);
    const others = this.#remembered.filter(([one]) => one !== pid);
    this.#remembered = [...others, [pid, known] as const].slice(-mostRemembered);
    await this.#options.memory.update(rememberedAs, this.#remembered);
  }

  #isUnconnected(terminal: vscode.Terminal): boolean {
    const { baseUrl } = this.#options.terminals;
    return baseUrl !== undefined && terminal.exitStatus === undefined && this.#addresses.get(terminal) !== baseUrl;
  }

  #claudeStarted(terminal: vscode.Terminal): void {
    const { terminals, claudeCode } = this.#options;
    if (this.#told.has(terminal) || !this.#isUnconnected(terminal)) return;
    if (terminals.baseUrl !== undefined && claudeCode.isConnectedByFile(terminals.baseUrl)) return;
    this.#told.add(terminal);
    const words = t(
      'Claude Code does not use Signalbox in this terminal, which was opened before. In a new one it does.',
    );
    void offer(vscode.window.showInformationMessage, words, [openTerminalOffer()]);
  }
}
