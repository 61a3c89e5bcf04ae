import * as vscode from 'vscode';
import { ControlError } from '../link/controlClient.ts';
import { problemText } from '../model/texts/problemText.ts';

const t = vscode.l10n.t;

/** What went wrong, in the language of the interface where it is the gateway that says so. */
export function errorWords(error: unknown): string {
  if (error instanceof ControlError && error.status === undefined) {
    return t('The proxy could not be reached. It may be restarting; try again.');
  }
  if (error instanceof ControlError) return error.problems.map((one) => problemText(one, t)).join('; ');
  return error instanceof Error ? error.message : String(error);
}
