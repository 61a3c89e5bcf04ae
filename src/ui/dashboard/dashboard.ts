import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { DashboardPanel, type DashboardPanelOptions } from './dashboardPanel.ts';

const t = vscode.l10n.t;
const viewType = 'signalbox.dashboard';

/** The dashboard: one panel at a time, which VS Code brings back after a reload of the window. */
export class Dashboard implements Disposable {
  readonly #options: DashboardPanelOptions;
  readonly #serializer: vscode.Disposable;
  #shown: { readonly panel: vscode.WebviewPanel; readonly content: DashboardPanel } | undefined;

  constructor(options: DashboardPanelOptions) {
    this.#options = options;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel) => {
        // A second one, of an earlier run, has no place beside the first.
        if (this.#shown === undefined) this.#adopt(panel);
        else panel.dispose();
      },
    });
  }

  /** Shows it, where it is if it is open. */
  open(): void {
    if (this.#shown !== undefined) {
      this.#shown.panel.reveal();
      return;
    }
    this.#adopt(vscode.window.createWebviewPanel(viewType, t('Signalbox Dashboard'), vscode.ViewColumn.Active));
  }

  /** The panel stays: the next extension host brings it back to life. */
  dispose(): void {
    this.#shown?.content.dispose();
    this.#serializer.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    const content = new DashboardPanel(panel, this.#options);
    this.#shown = { panel, content };
    panel.onDidDispose(() => {
      content.dispose();
      this.#shown = undefined;
    });
  }
}
