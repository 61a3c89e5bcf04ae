import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import { recordsMark } from '../model/dashboard/dashboardStanding.ts';
import { filteredMessage, filteredTree } from '../model/trees/filteredTree.ts';
import type { RequestFilter } from '../model/trees/requestFilter.ts';
import { requestTree } from '../model/trees/requestTree.ts';
import type { ViewContext } from '../model/viewContext.ts';
import { errorWords } from '../words/errorWords.ts';
import { FilteredRequests, type FilteredRequestsOptions } from './filteredRequests.ts';
import { ModelTree } from './modelTree.ts';

const t = vscode.l10n.t;

/** Loads a page of recorded requests, with the query of the contract. */
export type RequestsAsk = FilteredRequestsOptions['ask'];

/** The Requests view: the last 100, or the recorded ones that match a filter, which lasts as long as the window. */
export class RequestsView implements Disposable {
  readonly #tree = new ModelTree();
  readonly #found: FilteredRequests;
  readonly #view: vscode.TreeView<string>;

  constructor(options: Pick<FilteredRequestsOptions, 'ask' | 'onChange'>) {
    this.#found = new FilteredRequests({ ...options, wordsFor: errorWords });
    const treeDataProvider = this.#tree;
    this.#view = vscode.window.createTreeView('signalbox.requests', { treeDataProvider, showCollapseAll: true });
    this.#view.onDidChangeVisibility(options.onChange);
  }

  get isVisible(): boolean {
    return this.#view.visible;
  }

  get filter(): RequestFilter | undefined {
    return this.#found.filter;
  }

  get found(): readonly RequestRecord[] {
    return this.#found.standing?.requests ?? [];
  }

  setFilter(filter: RequestFilter | undefined): void {
    this.#found.setFilter(filter);
  }

  /** Loads the next page of matches. */
  showMore(): Promise<void> {
    return this.#found.showMore();
  }

  /** Updates the view while it is visible; empty without a gateway. */
  draw(snapshot: Snapshot | undefined, context: ViewContext): void {
    if (snapshot === undefined) {
      this.#tree.update([]);
      this.#say('');
      return;
    }
    if (!this.#view.visible) return;
    this.#found.look(recordsMark(snapshot));
    const { standing } = this.#found;
    this.#tree.update(
      standing === undefined ? requestTree(snapshot, context) : filteredTree(standing, snapshot, context),
    );
    this.#say(standing === undefined ? '' : filteredMessage(standing, snapshot, t));
  }

  dispose(): void {
    for (const one of [this.#found, this.#view, this.#tree]) one.dispose();
  }

  #say(message: string): void {
    // Calling the setter always redraws. Without a message the welcome text is visible.
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }
}
