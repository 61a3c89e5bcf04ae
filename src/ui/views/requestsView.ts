import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { recordsMark } from '../model/dashboard/dashboardStanding.ts';
import { filteredMessage, filteredTree } from '../model/trees/filteredTree.ts';
import type { RequestFilter } from '../model/trees/requestFilter.ts';
import { requestTree } from '../model/trees/requestTree.ts';
import type { ViewContext } from '../model/viewContext.ts';
import { errorWords } from '../words/errorWords.ts';
import { FilteredRequests, type FilteredRequestsOptions } from './filteredRequests.ts';
import { ModelTree } from './modelTree.ts';

const t = vscode.l10n.t;

/** Asks for a page of the recorded requests; the query is that of the contract. */
export type RequestsAsk = FilteredRequestsOptions['ask'];

/** The Requests view: the last 100, or those of the record that a filter lets through. The filter ends with the window. */
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

  setFilter(filter: RequestFilter | undefined): void {
    this.#found.setFilter(filter);
  }

  /** The next page of what the filter lets through. */
  showMore(): Promise<void> {
    return this.#found.showMore();
  }

  /** Shows what there is, as far as somebody can see it; nothing without a gateway. */
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
    // A setter that is called draws, whatever it is given. Without a message the welcome text can be seen.
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }
}
