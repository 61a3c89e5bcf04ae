import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { minuteMs } from '../../base/time.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import { type GatewayStatus, type OtherSettings, type SettingsProblem, snapshotOf } from '../model/gatewayStatus.ts';
import { sentences } from '../model/sentences.ts';
import { networkText } from '../model/texts/networkText.ts';
import { otherSettingsText } from '../model/texts/otherSettingsText.ts';
import { problemsText } from '../model/texts/problemText.ts';
import { isOut } from '../model/texts/stateText.ts';
import { endpointTree } from '../model/trees/endpointTree.ts';
import { refreshIntervalMs } from '../model/trees/refreshInterval.ts';
import type { RequestFilter } from '../model/trees/requestFilter.ts';
import { sessionTree } from '../model/trees/sessionTree.ts';
import { endpointItems, statusItem } from '../model/trees/statusBarText.ts';
import { withFiguresOf } from '../model/trees/statusTooltip.ts';
import type { ViewContext } from '../model/viewContext.ts';
import type { Settings } from '../settings/settings.ts';
import { type DropActions, endpointDrops, sessionDrops } from './dragAndDrop.ts';
import { ModelTree } from './modelTree.ts';
import { type RequestsAsk, RequestsView } from './requestsView.ts';
import { StatusBar } from './statusBar.ts';

const t = vscode.l10n.t;
const figuresEveryMs = 30_000;

export interface ViewsOptions {
  readonly settings: Settings;
  readonly status: () => GatewayStatus;
  readonly problems: () => readonly SettingsProblem[];
  readonly otherSettings: () => OtherSettings | undefined;
  /** The window's memory: whether sessions are grouped. */
  readonly memory: vscode.Memento;
  /** Loads a page of recorded requests. */
  readonly askRequests: RequestsAsk;
  readonly actions: ViewActions;
}

/** The actions in the views besides commands. */
export interface ViewActions extends DropActions {
  /** Settles when it is done, or has failed. */
  readonly setEnabled: (endpointId: string, isEnabled: boolean) => Thenable<unknown>;
}

/** The permanent views: three trees and the status bar, drawn from one state. */
export class Views implements Disposable {
  readonly #options: ViewsOptions;
  readonly #endpoints = new ModelTree();
  readonly #sessions = new ModelTree();
  readonly #endpointsView: vscode.TreeView<string>;
  readonly #sessionsView: vscode.TreeView<string>;
  readonly #requests: RequestsView;
  readonly #statusBar = new StatusBar();
  readonly #subscriptions: readonly vscode.Disposable[];
  readonly #contextKeys = new Map<string, unknown>();
  #figures: { readonly atMs: number; readonly from: Snapshot } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ViewsOptions) {
    this.#options = options;
    const { actions } = options;
    this.#endpointsView = viewOf('signalbox.endpoints', this.#endpoints, endpointDrops(actions));
    const dropOnSession = (node: string) => endpointOfSession(node, snapshotOf(options.status()));
    this.#sessionsView = viewOf('signalbox.sessions', this.#sessions, sessionDrops(actions, dropOnSession));
    this.#requests = new RequestsView({ ask: options.askRequests, onChange: () => this.draw() });
    this.#subscriptions = [
      ...[this.#endpointsView, this.#sessionsView].flatMap((view) => [
        view.onDidChangeVisibility(() => this.draw()),
        view,
      ]),
      this.#endpointsView.onDidChangeCheckboxState(({ items }) => {
        for (const [id, state] of items) {
          const isChecked = state === vscode.TreeItemCheckboxState.Checked;
          void actions.setEnabled(id, isChecked).then(() => this.#endpoints.redraw(id));
        }
      }),
      this.#statusBar,
      this.#endpoints,
      this.#sessions,
      this.#requests,
    ];
  }

  get areSessionsGrouped(): boolean {
    return this.#options.memory.get('signalbox.sessionsGrouped', true);
  }

  async groupSessions(isGrouped: boolean): Promise<void> {
    await this.#options.memory.update('signalbox.sessionsGrouped', isGrouped);
    this.draw();
  }

  /** The node with the keyboard focus of each view, for keys: VS Code passes them no node. */
  get selected(): { readonly endpoint: string | undefined; readonly session: string | undefined } {
    return {
      endpoint: this.#endpointsView.selection[0]?.split('/')[0],
      session: this.#sessionsView.selection[0],
    };
  }

  /** Opens the Sessions view and selects a session there. */
  async showSession(id: string): Promise<void> {
    await vscode.commands.executeCommand('signalbox.sessions.focus');
    this.draw();
    await this.#sessionsView.reveal(id, { select: true, focus: true });
  }

  get requestFilter(): RequestFilter | undefined {
    return this.#requests.filter;
  }

  /** The requests that the filter has found; none without a filter. */
  get foundRequests(): readonly RequestRecord[] {
    return this.#requests.found;
  }

  filterRequests(filter: RequestFilter | undefined): void {
    this.#requests.setFilter(filter);
    this.draw();
  }

  showMoreRequests(): Promise<void> {
    return this.#requests.showMore();
  }

  /** Updates everything to the current state. */
  draw(): void {
    const status = this.#options.status();
    // Problems of a gateway that is gone; the next one checks again.
    const problems = status.kind === 'running' ? this.#options.problems() : [];
    const context = { ...viewContext(), otherSettings: this.#options.otherSettings() };
    this.#drawTrees(status, context);
    this.#drawMessages(status, problems, context);
    const calm = this.#calm(status, context.nowMs);
    const perEndpoint = this.#options.settings.showsEachEndpoint ? endpointItems(calm, context) : [];
    this.#statusBar.update(statusItem(calm, problems, context), perEndpoint);
    this.#tellMenus(status);
    this.#drawAgain(status, perEndpoint.length > 0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const one of this.#subscriptions) one.dispose();
  }

  /** The status with figures that are renewed twice a minute, so that a tooltip can be read while requests come in. */
  #calm(status: GatewayStatus, nowMs: number): GatewayStatus {
    if (status.kind !== 'running') return status;
    const { snapshot } = status;
    const known = this.#figures;
    const isFresh = known !== undefined && nowMs - known.atMs < figuresEveryMs;
    if (isFresh && statesOf(known.from) === statesOf(snapshot)) {
      return { kind: 'running', snapshot: withFiguresOf(snapshot, known.from) };
    }
    this.#figures = { atMs: nowMs, from: snapshot };
    return status;
  }

  #drawTrees(status: GatewayStatus, context: ViewContext): void {
    const snapshot = snapshotOf(status);
    this.#requests.draw(snapshot, context);
    if (snapshot === undefined) {
      for (const tree of [this.#endpoints, this.#sessions]) tree.update([]);
      this.#endpointsView.badge = undefined;
      return;
    }
    this.#endpoints.update(endpointTree(snapshot, context));
    if (this.#sessionsView.visible) this.#sessions.update(sessionTree(snapshot, this.areSessionsGrouped, context));
    const out = snapshot.endpoints.filter(isOut).length;
    // Calling the setter always redraws.
    if ((this.#endpointsView.badge?.value ?? 0) === out) return;
    const tooltip = t('Endpoints not usable: {0}', out);
    this.#endpointsView.badge = out === 0 ? undefined : { value: out, tooltip };
  }

  #drawMessages(status: GatewayStatus, problems: readonly SettingsProblem[], context: ViewContext): void {
    const { otherSettings } = context;
    const gateway = snapshotOf(status)?.gateway;
    const isOthers = gateway !== undefined && gateway.owner !== 'window';
    const network = gateway === undefined ? '' : networkText(gateway, context);
    // A message hides the welcome text, which explains failures.
    const lines = [
      ...(isOthers ? [t('This gateway runs with its own configuration, not with your settings.')] : []),
      ...(otherSettings === undefined ? [] : [otherSettingsText(otherSettings, t)]),
      problemsText(problems, t),
      network,
    ];
    // The view shows line breaks as nothing.
    const message = sentences(...lines);
    // Calling the setter always redraws.
    if ((this.#endpointsView.message ?? '') !== message) this.#endpointsView.message = message;
  }

  /**
   * Ticks its first step where there are endpoints already: VS Code does so itself only for a key that changes after it has
   * read the walkthrough, which it does late.
   */
  walkthroughOpened(): void {
    this.#setContext('signalbox.hadEndpoints', this.#contextKeys.get('signalbox.hasEndpoints') === true);
  }

  /** Context keys for the manifest's `when` clauses, set only when they change. */
  #tellMenus(status: GatewayStatus): void {
    const snapshot = snapshotOf(status);
    this.#setContext('signalbox.state', status.kind);
    this.#setContext('signalbox.failure', status.kind === 'failed' ? status.failure.kind : '');
    this.#setContext('signalbox.hasEndpoints', (snapshot?.endpoints.length ?? 0) > 0);
    this.#setContext('signalbox.hasOverride', (snapshot?.gateway.override ?? null) !== null);
    this.#setContext('signalbox.hasSettingsProblems', this.#options.problems().length > 0);
    this.#setContext('signalbox.hasOtherSettings', this.#options.otherSettings() !== undefined);
    this.#setContext('signalbox.sessionsGrouped', this.areSessionsGrouped);
    this.#setContext('signalbox.requestsFiltered', this.requestFilter !== undefined);
  }

  #setContext(key: string, value: unknown): void {
    if (this.#contextKeys.get(key) === value) return;
    this.#contextKeys.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  /** Redraws countdowns and ages while they are visible; `isCounting`: in the status bar. */
  #drawAgain(status: GatewayStatus, isCounting: boolean): void {
    clearTimeout(this.#timer);
    if (status.kind !== 'running') return;
    const isSeen = this.#endpointsView.visible || this.#sessionsView.visible || this.#requests.isVisible;
    if (!isCounting && !isSeen) return;
    this.#timer = setTimeout(() => this.draw(), refreshIntervalMs(status.snapshot, Date.now()));
  }
}

/** Language and current time. */
export function viewContext(): ViewContext {
  const nowMs = Date.now();
  return { t, nowMs, timeOfDay: (ms) => timeText(ms, nowMs), clock: (ms) => clockText(ms, nowMs) };
}

/** A time of day, with the date if it is another day. */
function timeText(ms: number, nowMs: number): string {
  const [date, today] = [new Date(ms), new Date(nowMs)];
  const isToday = date.toDateString() === today.toDateString();
  return isToday ? date.toLocaleTimeString(vscode.env.language) : date.toLocaleString(vscode.env.language);
}

/** Another gateway, or another state of an endpoint, changes the tooltip anyway. */
function statesOf({ gateway, endpoints }: Snapshot): string {
  return JSON.stringify([
    gateway.pid,
    endpoints.map(({ id, state, isUsable, reason }) => [id, state, isUsable, reason]),
  ]);
}

/** The first full minute that is not before it, with the date if it is another day. */
function clockText(ms: number, nowMs: number): string {
  const date = new Date(Math.ceil(ms / minuteMs) * minuteMs);
  const isToday = date.toDateString() === new Date(nowMs).toDateString();
  const day = isToday ? {} : ({ month: 'short', day: 'numeric' } as const);
  return date.toLocaleString(vscode.env.language, { ...day, hour: 'numeric', minute: '2-digit' });
}

/** The endpoint of a node of the Sessions view: that of a group, or that of a session. */
function endpointOfSession(node: string, snapshot: Snapshot | undefined): string | undefined {
  const [kind, id] = node.split('/');
  return kind === 'group' ? id : snapshot?.sessions.find((one) => one.id === node)?.endpointId;
}

function viewOf(
  id: string,
  treeDataProvider: ModelTree,
  dragAndDropController: vscode.TreeDragAndDropController<string>,
): vscode.TreeView<string> {
  const options = { treeDataProvider, dragAndDropController, showCollapseAll: true };
  // A check box shows what the gateway says, not what was clicked.
  return vscode.window.createTreeView(id, { ...options, manageCheckboxStateManually: true });
}
