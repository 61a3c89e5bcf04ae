import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { Period } from '../../contract/dashboard.ts';
import { DashboardPanel, type DashboardPanelOptions } from './dashboardPanel.ts';

const t = vscode.l10n.t;
const viewType = 'signalbox.dashboard';

/** The dashboard: one panel at a time, which VS Code restores after a reload. */
export class Dashboard implements Disposable {
  readonly #options: DashboardPanelOptions;
  readonly #serializer: vscode.Disposable;
  #shown: { readonly panel: vscode.WebviewPanel; readonly content: DashboardPanel } | undefined;

  constructor(options: DashboardPanelOptions) {
    this.#options = options;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel) => {
        // Only one panel: close a second one restored from an earlier run.
        if (this.#shown === undefined) this.#adopt(panel);
        else panel.dispose();
      },
    });
  }

  /** Shows the panel, or opens it; with the list of the requests of a period. */
  open(period?: Period): void {
    if (this.#shown !== undefined) this.#shown.panel.reveal();
    else this.#adopt(vscode.window.createWebviewPanel(viewType, t('Signalbox Dashboard'), vscode.ViewColumn.Active));
    if (period !== undefined) this.#shown?.content.list(period);
  }

  /** Leaves the panel open: the next extension host restores it. */
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
