import { release } from 'node:os';
import * as vscode from 'vscode';
import { diagnostics } from '../diagnostics/diagnostics.ts';
import type { CommandTable, Services } from './services.ts';

const t = vscode.l10n.t;

/** Opens a document for a bug report in an editor, so that the user can check it first. */
export function diagnosticsCommands(services: Services): CommandTable {
  return { 'signalbox.exportDiagnostics': () => exportDiagnostics(services) };
}

async function exportDiagnostics({ supervisor, configuration, settings, keys, state }: Services): Promise<void> {
  const content = await diagnostics({
    status: supervisor.status,
    problems: configuration.problems,
    settings,
    windowSettings: settings.ofWindows,
    keys,
    state,
    env: process.env,
    host: hostFacts(),
  });
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document, { preview: false });
  // Not awaited: the command has done its work.
  void offerToPassOn(document);
}

async function offerToPassOn(document: vscode.TextDocument): Promise<void> {
  const [save, copy] = [t('Save As...'), t('Copy All')];
  const words = t('Keys, tokens, prompts and answers are left out. Check it before you share it.');
  const answer = await vscode.window.showInformationMessage(words, save, copy);
  if (answer === save) await vscode.workspace.saveAs(document.uri);
  if (answer === copy) await vscode.env.clipboard.writeText(document.getText());
}

function hostFacts(): Readonly<Record<string, string>> {
  const { appName, appHost, remoteName, uiKind, language } = vscode.env;
  return {
    'VS Code': vscode.version,
    application: `${appName} (${appHost}, ${uiKind === vscode.UIKind.Web ? 'web' : 'desktop'})`,
    remote: remoteName ?? 'none',
    'release of the system': release(),
    language,
  };
}
