import { createWriteStream, promises as files } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { homedir } from 'node:os';
import path from 'node:path';
import { promises as streams } from 'node:stream';
import * as vscode from 'vscode';
import type { PageMessage } from '../../contract/dashboard.ts';
import { ControlError } from '../link/controlClient.ts';
import type { GatewaySupervisor } from '../link/gatewaySupervisor.ts';
import { exportName, metricsQuery } from '../model/dashboard/dashboardRange.ts';
import { errorWords } from '../words/errorWords.ts';
import { withProgress } from '../words/progress.ts';

const t = vscode.l10n.t;

type Export = Extract<PageMessage, { kind: 'export' }>;

/**
 * Asks for a file and streams every request of the range into it. Never leaves a partial file. Shows errors itself; rejects
 * only for unexpected ones.
 */
export async function exportRecords(supervisor: GatewaySupervisor, { format, range, filter }: Export): Promise<void> {
  const nowMs = Date.now();
  const target = await vscode.window.showSaveDialog({
    title: t('Export Requests'),
    defaultUri: defaultTarget(exportName(range, format, nowMs)),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (target === undefined) return;
  if (target.scheme !== 'file') {
    void vscode.window.showWarningMessage(t('Requests can be saved in folders of this machine only.'));
    return;
  }
  try {
    const isWhole = await withProgress(t('Exporting requests'), async (signal) => {
      try {
        const { client } = supervisor;
        if (client === undefined) throw new Error(t('The gateway is not running. Start it and try again.'));
        const query = `format=${format}&${metricsQuery(range, filter, nowMs)}`;
        await client.exportRequests(query, signal, (records) => saved(records, target.fsPath, signal));
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        throw error;
      }
    });
    if (isWhole) await tellDone(target);
  } catch (error) {
    // A failure without an answer may be local, such as a full disk.
    const isAnswer = !(error instanceof ControlError) || error.status !== undefined;
    const why = isAnswer ? errorWords(error) : error.message;
    void vscode.window.showErrorMessage(t('The requests could not be exported: {0}', why));
  }
}

/** Written to a temporary file first, so that readers always see a complete file. */
async function saved(records: IncomingMessage, file: string, signal: AbortSignal): Promise<void> {
  const scratch = `${file}.${process.pid}.part`;
  try {
    await streams.pipeline(records, createWriteStream(scratch), { signal });
    await files.rename(scratch, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
      throw new Error(t('The gateway could not finish reading its records. Try again.'));
    }
    throw error;
  } finally {
    await files.rm(scratch, { force: true });
  }
}

async function tellDone(target: vscode.Uri): Promise<void> {
  const open = t('Open File');
  const words = t('The requests were exported to {0}.', path.basename(target.fsPath));
  if ((await vscode.window.showInformationMessage(words, open)) === open) await vscode.window.showTextDocument(target);
}

function defaultTarget(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder === undefined ? vscode.Uri.file(path.join(homedir(), name)) : vscode.Uri.joinPath(folder.uri, name);
}
