import * as vscode from 'vscode';

/** A button of a message: label and command; without a command it only closes the message. */
export interface Offer {
  readonly label: string;
  readonly command?: string;
  readonly args?: readonly unknown[];
}

/** Opens a terminal, which has the variables that lead to the gateway. */
export function openTerminalOffer(): Offer & { readonly command: string } {
  return { label: vscode.l10n.t('Open Terminal'), command: 'workbench.action.terminal.new' };
}

type Show = (message: string, ...labels: string[]) => Thenable<string | undefined>;

/** Shows a message with buttons that run commands; resolves when it is closed. */
export async function offer(show: Show, message: string, offers: readonly Offer[]): Promise<void> {
  const answer = await show(message, ...offers.map(({ label }) => label));
  const chosen = offers.find(({ label }) => label === answer);
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command, ...(chosen.args ?? []));
}
