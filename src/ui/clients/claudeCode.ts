import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import {
  claudeVariable,
  hiddenNamedValues,
  isSettings,
  type NamedValue,
  withClaudeVariables,
  withNamedValues,
  withoutNamedValues,
  withoutOurVariables,
} from '../model/clients/claudeSettings.ts';
import { openTerminalsText, type TerminalStanding, terminalText } from '../model/clients/terminalText.ts';
import { sentences } from '../model/sentences.ts';
import { type Offer, offer, openTerminalOffer } from '../words/offer.ts';

const t = vscode.l10n.t;
const extensionId = 'anthropic.claude-code';
const rememberedAs = 'signalbox.claudeCodeConnected';
const hiddenAs = 'signalbox.claudeCodeBefore';
const toldAs = 'signalbox.claudeCodeElsewhere';
/** The address written to its settings file. */
const fileRememberedAs = 'signalbox.claudeCodeFile';

/** The changes made when Claude Code was connected, so that they can be undone exactly. */
interface Connected {
  readonly url: string;
  /** The previous login prompt setting; null = not set. */
  readonly loginPrompt: boolean | null;
}

interface Terminals {
  readonly standing: TerminalStanding;
  readonly unconnectedCount: number;
}

/**
 * Connects Claude Code where terminal environments do not reach: its VS Code extension and, on request, terminals outside VS
 * Code through its settings file. Disconnecting undoes exactly these changes.
 */
export class ClaudeCode {
  readonly #memory: vscode.Memento;
  readonly #secrets: vscode.SecretStorage;
  /** Modification time of the file when last read, to avoid reading it on each status event. */
  #readAsOfMs: number | undefined;
  /** The address that all connected clients were updated to. */
  #renewedTo: string | undefined;

  constructor(memory: vscode.Memento, secrets: vscode.SecretStorage) {
    this.#memory = memory;
    this.#secrets = secrets;
  }

  /** Claude Code's settings file overrides terminal environments: warns once per address if it points elsewhere. */
  tellIfElsewhere(ourUrl: string): void {
    const writtenAtMs = statSync(settingsFile(), { throwIfNoEntry: false })?.mtimeMs;
    if (writtenAtMs === this.#readAsOfMs) return;
    this.#readAsOfMs = writtenAtMs;
    const elsewhere = claudeVariable(read(settingsFile()) ?? '', 'ANTHROPIC_BASE_URL');
    if (elsewhere === undefined || elsewhere === ourUrl || elsewhere === this.#memory.get(toldAs)) return;
    // Another window has already updated the port.
    if (elsewhere === this.#memory.get(fileRememberedAs)) return;
    void this.#memory.update(toldAs, elsewhere);
    const words = t('Claude Code does not use Signalbox: {0} sends it to {1}.', settingsFile(), elsewhere);
    void offer(vscode.window.showInformationMessage, words, [
      { label: t('Connect Claude Code'), command: 'signalbox.connectClaudeCode' },
      openFile(settingsFile()),
    ]);
  }

  /** Whether its settings file, which overrides terminals, leads to this address. */
  isConnectedByFile(url: string): boolean {
    return claudeVariable(read(settingsFile()) ?? '', 'ANTHROPIC_BASE_URL') === url;
  }

  /** Updates our entries that point to an old address of the gateway, unless they were changed since. */
  async renew(url: string, token: string): Promise<void> {
    if (url === this.#renewedTo) return;
    this.#renewedTo = url;
    const connected = this.#memory.get<Connected>(rememberedAs);
    const list = vscode.workspace.getConfiguration('claudeCode').inspect('environmentVariables')?.globalValue;
    const isOurs = hiddenNamedValues(list).some(({ value }) => value === connected?.url);
    if (connected !== undefined && connected.url !== url && isOurs) await this.#connectExtension(url, token);
    const fileUrl = this.#memory.get<string>(fileRememberedAs);
    if (fileUrl === undefined || fileUrl === url || !existsSync(backupFile())) return;
    const leadsTo = claudeVariable(read(settingsFile()) ?? '', 'ANTHROPIC_BASE_URL');
    if (leadsTo === fileUrl) await this.#connectFile(url, token);
  }

  /**
   * Connects the extension, and offers to do so everywhere. `terminals`: how new ones of VS Code stand, and how many of the
   * open ones do not use the gateway although new ones do.
   */
  async connect(url: string, token: string, terminals: Terminals): Promise<void> {
    const hasExtension = vscode.extensions.getExtension(extensionId) !== undefined;
    const everywhere = t('Use in Other Terminals Too');
    if (hasExtension) await this.#connectExtension(url, token);
    const words = [
      terminalText(terminals.standing, hasExtension, t),
      openTerminalsText(terminals.unconnectedCount, t),
      t('Claude Code in other terminals can use it too: two entries in {0}, with a backup.', settingsFile()),
    ];
    const terminal = openTerminalOffer();
    const labels = [...(terminals.unconnectedCount === 0 ? [] : [terminal.label]), everywhere];
    const text = sentences(...words);
    const answer = await vscode.window.showInformationMessage(text, ...labels);
    if (answer === terminal.label) await vscode.commands.executeCommand(terminal.command);
    if (answer === everywhere) await this.#connectFile(url, token);
  }

  async disconnect(): Promise<void> {
    const connected = this.#memory.get<Connected>(rememberedAs);
    const hasFile = existsSync(backupFile());
    if (hasFile && !disconnectFile()) return tellBroken(settingsFile());
    if (connected !== undefined) await this.#disconnectExtension(connected);
    await this.#memory.update(rememberedAs, undefined);
    await this.#memory.update(fileRememberedAs, undefined);
    await this.#secrets.delete(hiddenAs);
    const words =
      connected === undefined && !hasFile
        ? t('Claude Code was not connected by Signalbox; nothing was changed.')
        : t('Claude Code is disconnected, and its settings are restored.');
    void vscode.window.showInformationMessage(words);
  }

  async #connectExtension(url: string, token: string): Promise<void> {
    const claude = vscode.workspace.getConfiguration('claudeCode');
    const global = vscode.ConfigurationTarget.Global;
    const list = claude.inspect('environmentVariables')?.globalValue;
    const before = this.#memory.get<Connected>(rememberedAs);
    const isFirst = before === undefined;
    const now = claude.inspect<boolean>('disableLoginPrompt')?.globalValue ?? null;
    // The backup may contain a token.
    if (isFirst) await this.#secrets.store(hiddenAs, JSON.stringify(hiddenNamedValues(list)));
    await this.#memory.update(rememberedAs, {
      url,
      loginPrompt: isFirst ? now : before.loginPrompt,
    } satisfies Connected);
    const values = { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token };
    await claude.update('environmentVariables', withNamedValues(list, values), global);
    await claude.update('disableLoginPrompt', true, global);
  }

  /** Restores the previous entries where ours are unchanged. */
  async #disconnectExtension({ url, loginPrompt }: Connected): Promise<void> {
    const claude = vscode.workspace.getConfiguration('claudeCode');
    const global = vscode.ConfigurationTarget.Global;
    const list = claude.inspect('environmentVariables')?.globalValue;
    if (!hiddenNamedValues(list).some(({ value }) => value === url)) return;
    const hidden = JSON.parse((await this.#secrets.get(hiddenAs)) ?? '[]') as readonly NamedValue[];
    const restored = [...withoutNamedValues(list), ...hidden];
    await claude.update('environmentVariables', restored.length === 0 ? undefined : restored, global);
    await claude.update('disableLoginPrompt', loginPrompt ?? undefined, global);
  }

  async #connectFile(url: string, token: string): Promise<void> {
    const file = settingsFile();
    const text = read(file) ?? '';
    let connected: string;
    try {
      connected = withClaudeVariables(text, { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token });
    } catch {
      return tellBroken(file);
    }
    // Keep the first backup while connected: a later one would contain our own entries.
    const isConnected = loopbackUrl.test(claudeVariable(text, 'ANTHROPIC_BASE_URL') ?? '');
    if (!isConnected || !existsSync(backupFile())) write(backupFile(), text || '{}\n');
    await this.#memory.update(fileRememberedAs, url);
    write(file, connected);
    vscode.window.setStatusBarMessage(t('Claude Code uses Signalbox everywhere'), 5000);
  }
}

const loopbackUrl = /^http:\/\/127\.0\.0\.1:\d+$/;

/** Restores the file from the backup; entries count as ours if the address is the gateway's. False, keeping the backup, if invalid. */
function disconnectFile(): boolean {
  const backup = read(backupFile()) ?? '{}';
  const text = read(settingsFile());
  const url = text === undefined ? undefined : claudeVariable(text, 'ANTHROPIC_BASE_URL');
  if (text !== undefined && url !== undefined && loopbackUrl.test(url)) {
    const token = claudeVariable(text, 'ANTHROPIC_AUTH_TOKEN') ?? '';
    write(settingsFile(), withoutOurVariables(text, backup, url, token));
  } else if (text !== undefined && !isSettings(text)) {
    return false;
  }
  rmSync(backupFile());
  return true;
}

function tellBroken(file: string): Promise<void> {
  const words = t('{0} is not valid JSON, so nothing was written to it. Fix it and connect again.', file);
  return offer(vscode.window.showErrorMessage, words, [openFile(file)]);
}

function openFile(file: string): Offer {
  return { label: t('Open File'), command: 'vscode.open', args: [vscode.Uri.file(file)] };
}

function settingsFile(): string {
  return join(process.env['CLAUDE_CONFIG_DIR'] || join(homedir(), '.claude'), 'settings.json');
}

function backupFile(): string {
  return `${settingsFile()}.signalbox-backup`;
}

/** Undefined without a file. Throws the system's error for an unreadable file. */
function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Replaces a file atomically, also behind a link, with mode 0600 because it contains a token. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const target = existsSync(file) ? realpathSync(file) : file;
  const next = `${target}.${process.pid}.tmp`;
  writeFileSync(next, text, { mode: 0o600 });
  renameSync(next, target);
}
