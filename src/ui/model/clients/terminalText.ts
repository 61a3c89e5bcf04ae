import { sentences } from '../sentences.ts';
import type { Translate } from '../viewContext.ts';

/** Whether new terminals use the gateway, or why they do not. */
export type TerminalStanding = 'connected' | 'unserved' | 'off' | 'declined';

/** The sentence about new terminals: they use Signalbox only where they do. */
export function terminalText(standing: TerminalStanding, hasExtension: boolean, t: Translate): string {
  const extension = hasExtension ? t('The Claude Code extension uses Signalbox.') : '';
  switch (standing) {
    case 'connected':
      return hasExtension
        ? t('New terminals in VS Code and the Claude Code extension use Signalbox.')
        : t('New terminals in VS Code use Signalbox.');
    case 'unserved':
      return sentences(
        extension,
        t('New terminals in VS Code will use it as soon as an enabled endpoint with a key can serve Claude Code.'),
      );
    case 'off':
      return sentences(extension, t('Terminals in VS Code do not use it: {0} is off.', 'signalbox.terminal.inject'));
    case 'declined':
      return sentences(extension, t('Terminals in VS Code keep their own setup, as you chose.'));
    default:
      return standing satisfies never;
  }
}

/** The sentence about the terminals that were opened before new ones used the gateway; empty without any. */
export function openTerminalsText(count: number, t: Translate): string {
  if (count === 0) return '';
  return count === 1
    ? t('The terminal that is already open does not; open a new one.')
    : t('The terminals that are already open do not; open a new one.');
}

const variables = '(?:(?!ANTHROPIC_BASE_URL=)[A-Za-z_]\\w*=\\S*\\s+)*';
const program = '(?:"(?:[^"]*[\\\\/])?|(?:\\S*[\\\\/])?)claude(?:\\.cmd|\\.exe)?"?';
const ofPackage = '(?:npx|bunx|pnpx)\\s+(?:-\\S+\\s+)*@anthropic-ai/claude-code(?:@\\S+)?';
const claudeCommand = new RegExp(`^\\s*${variables}(?:${program}|${ofPackage})(?:\\s|$)`);

/** Whether a command line starts Claude Code, with the address that the terminal has. */
export function isClaudeCommand(commandLine: string): boolean {
  return claudeCommand.test(commandLine);
}
