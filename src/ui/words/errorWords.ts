import * as vscode from 'vscode';
import { ControlError } from '../link/controlClient.ts';
import { problemText } from '../model/texts/problemText.ts';

const t = vscode.l10n.t;

/** The message of an error, translated if it comes from the gateway. */
export function errorWords(error: unknown): string {
  if (error instanceof ControlError && error.status === undefined) {
    return t('The gateway could not be reached. It may be restarting; try again.');
  }
  if (error instanceof ControlError) return error.problems.map((one) => problemText(one, t)).join('; ');
  return error instanceof Error ? error.message : String(error);
}
