import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { HostMessage, PageMessage, Period } from '../../contract/dashboard.ts';
import { type ControlClient, ControlError } from '../link/controlClient.ts';
import type { GatewaySupervisor } from '../link/gatewaySupervisor.ts';
import { dashboardHtml } from '../model/dashboard/dashboardHtml.ts';
import { metricsQuery, requestsQuery } from '../model/dashboard/dashboardRange.ts';
import { recordsMark, standingOf } from '../model/dashboard/dashboardStanding.ts';
import { dashboardTexts } from '../model/dashboard/dashboardTexts.ts';
import { metricsInWords, requestsInWords } from '../model/dashboard/dashboardWords.ts';
import { snapshotOf } from '../model/gatewayStatus.ts';
import { vscodeCommands } from '../model/vscodeCommands.ts';
import { errorWords } from '../words/errorWords.ts';
import { exportRecords } from './dashboardExport.ts';
import { MetricsAhead } from './metricsAhead.ts';

const t = vscode.l10n.t;

/** Minimum interval between notices of new records, since the page reloads everything each time. */
const changeEveryMs = 2500;
const requestsPerPage = 100;

export interface DashboardPanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly supervisor: GatewaySupervisor;
  readonly onError: (error: unknown) => void;
}

/** One panel: sends the page its texts, the gateway's answers, and notices of new data. */
export class DashboardPanel implements Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #options: DashboardPanelOptions;
  readonly #life = new DisposableStore();
  readonly #ahead = new MetricsAhead(
    async ({ range, filter }) => this.#client.metrics(metricsQuery(range, filter, Date.now())),
    Date.now,
  );
  #isVisible = false;
  #isDisposed = false;
  /** The page has asked for its texts since it was last shown. */
  #isReady = false;
  #toList: Period | undefined;
  #mark = '';
  #changeTimer: NodeJS.Timeout | undefined;
  /** The process id of a gateway without metrics. */
  #oldPid: number | undefined;
  #lastStanding = '';

  constructor(panel: vscode.WebviewPanel, options: DashboardPanelOptions) {
    this.#panel = panel;
    this.#options = options;
    const folder = vscode.Uri.joinPath(options.extensionUri, 'dist', 'webview');
    panel.iconPath = vscode.Uri.joinPath(options.extensionUri, 'media', 'icon.png');
    panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    this.#life.add(panel.webview.onDidReceiveMessage((message: PageMessage) => this.#heard(message)));
    this.#life.add(panel.onDidChangeViewState(() => this.#visibilityChanged()));
    this.#visibilityChanged();
    this.#life.add(options.supervisor.onStatus.on(() => this.#statusChanged()));
    const uri = (name: string): string => String(panel.webview.asWebviewUri(vscode.Uri.joinPath(folder, name)));
    panel.webview.html = dashboardHtml({
      script: uri('dashboard.js'),
      style: uri('dashboard.css'),
      cspSource: panel.webview.cspSource,
      nonce: randomBytes(18).toString('base64url'),
      language: vscode.env.language,
      title: t('Signalbox Dashboard'),
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#changeTimer);
    this.#life.dispose();
  }

  /** Has the page list the requests of a period, as soon as it is there. */
  list(period: Period): void {
    this.#toList = period;
    if (this.#isReady && this.#isVisible) this.#tellList();
  }

  #tellList(): void {
    if (this.#toList !== undefined) this.#tell({ kind: 'list', period: this.#toList });
    this.#toList = undefined;
  }

  /** VS Code recreates a hidden page when it is shown again. */
  #visibilityChanged(): void {
    const { visible } = this.#panel;
    if (visible && !this.#isVisible) this.#ahead.begin();
    if (!visible) this.#isReady = false;
    this.#isVisible = visible;
  }

  #tell(message: HostMessage): void {
    // VS Code throws where a closed panel is used; an answer may come after its panel has been closed.
    if (this.#isDisposed) return;
    this.#panel.webview.postMessage(message).then(undefined, this.#options.onError);
  }

  #heard(message: PageMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#tell({ kind: 'setup', texts: dashboardTexts(t), locale: vscode.env.language });
        this.#lastStanding = '';
        this.#tellStanding();
        this.#isReady = true;
        this.#tellList();
        return;
      case 'askMetrics':
        void this.#answer(message.ask, async () => {
          const metrics = await this.#ahead.of(message);
          return { kind: 'metrics', ask: message.ask, metrics: metricsInWords(metrics, t) };
        });
        return;
      case 'askRequests':
        void this.#answer(message.ask, async () => {
          const page = await this.#client.requests(requestsQuery(message.query, requestsPerPage, Date.now()));
          return { kind: 'requests', ask: message.ask, page: requestsInWords(page, t) };
        });
        return;
      case 'export':
        exportRecords(this.#options.supervisor, message).catch(this.#options.onError);
        return;
      case 'run': {
        // Only commands in the table, whatever the page sends.
        const [id, ...args] = vscodeCommands[message.command] ?? [];
        if (id !== undefined) void vscode.commands.executeCommand(id, ...args);
        return;
      }
      default:
        message satisfies never;
    }
  }

  /** Throws without a gateway. */
  get #client(): ControlClient {
    const { client } = this.#options.supervisor;
    if (client === undefined) throw new ControlError(undefined, []);
    return client;
  }

  async #answer(ask: number, question: () => Promise<HostMessage>): Promise<void> {
    try {
      this.#tell(await question());
    } catch (error) {
      this.#tell({ kind: 'refused', ask, message: this.#wordsFor(error) });
    }
  }

  #wordsFor(error: unknown): string {
    if (error instanceof ControlError && error.status === 404) {
      this.#oldPid = snapshotOf(this.#options.supervisor.status)?.gateway.pid;
      this.#tellStanding();
    }
    return errorWords(error);
  }

  #statusChanged(): void {
    this.#tellStanding();
    const snapshot = snapshotOf(this.#options.supervisor.status);
    const mark = snapshot === undefined ? '' : recordsMark(snapshot);
    if (mark === '' || mark === this.#mark) return;
    this.#mark = mark;
    this.#changeTimer ??= setTimeout(() => {
      this.#changeTimer = undefined;
      // A hidden page does not exist; it requests everything when shown again.
      if (this.#panel.visible) this.#tell({ kind: 'changed' });
    }, changeEveryMs);
  }

  #tellStanding(): void {
    const { status } = this.#options.supervisor;
    const snapshot = snapshotOf(status);
    const isOld = snapshot !== undefined && snapshot.gateway.pid === this.#oldPid;
    const endpoints = (snapshot?.endpoints ?? []).map(({ id, name }) => ({ id, name }));
    const message: HostMessage = { kind: 'gateway', standing: standingOf(status, isOld, t), endpoints };
    const signature = JSON.stringify(message);
    if (signature === this.#lastStanding) return;
    this.#lastStanding = signature;
    this.#tell(message);
  }
}
