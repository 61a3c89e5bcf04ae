import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.ts';
import { drillFaults } from '../../contract/drill.ts';
import { gatewayProgram } from '../link/gatewayProgram.ts';
import { type DrillResult, drillDocument, drillProgressText, emptyDrillDocument } from '../model/drill/drillText.ts';
import { failureText } from '../model/texts/failureText.ts';
import { withProgress } from '../words/progress.ts';
import { runDrillProcess } from './drillProcess.ts';

const t = vscode.l10n.t;
const scheme = 'signalbox-drill';

/** Runs the fault drill, one at a time, and shows the last result as a read-only document. */
export class FaultDrill implements vscode.Disposable {
  readonly #extensionFolder: string;
  readonly #life = new DisposableStore();
  readonly #changed = this.#life.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #end = new AbortController();
  #text = emptyDrillDocument(t);
  #isRunning = false;

  constructor(extensionFolder: string) {
    this.#extensionFolder = extensionFolder;
    const provider = { onDidChange: this.#changed.event, provideTextDocumentContent: () => this.#text };
    this.#life.add(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Runs the drill unless one is running, and shows its result. Throws `CancellationError` if cancelled. */
  async run(): Promise<void> {
    this.#isRunning = true;
    try {
      const result = await this.#play();
      this.#text = drillDocument(result, drillFaults.length, t);
    } finally {
      this.#isRunning = false;
    }
    await this.#show();
  }

  /** Ends a running drill. */
  dispose(): void {
    this.#end.abort();
    this.#life.dispose();
  }

  async #play(): Promise<DrillResult> {
    const program = await gatewayProgram(this.#extensionFolder);
    if (program.kind === 'failed') throw new Error(failureText(program.failure, t).message);
    return withProgress(t('Fault drill'), async (cancelled, report) => {
      const signal = AbortSignal.any([cancelled, this.#end.signal]);
      let played = 0;
      const tell = (increment: number): void =>
        report({ message: drillProgressText(drillFaults, played, t), increment });
      tell(0);
      try {
        return await runDrillProcess(program, signal, () => {
          played += 1;
          tell(100 / drillFaults.length);
        });
      } catch (error) {
        if (signal.aborted) throw new vscode.CancellationError();
        throw new Error(t('The fault drill could not be run: {0}', (error as Error).message));
      }
    });
  }

  /** Opens the Markdown preview, or the text if the preview is disabled. */
  async #show(): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${t('Fault drill')}.md` });
    this.#changed.fire(uri);
    try {
      // A preview of its own: the usual one follows the next Markdown document that is opened.
      await vscode.commands.executeCommand('vscode.openWith', uri, 'vscode.markdown.preview.editor');
    } catch {
      await vscode.window.showTextDocument(uri);
    }
  }
}
