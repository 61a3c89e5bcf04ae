import type { Filter, Range, RequestQuery } from '../../contract/dashboard.ts';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { RequestPage, RequestSort, StoredRequest } from '../../contract/metrics.ts';
import type { OutcomeClass } from '../../core/outcome/outcome.ts';
import type { RequestEnd } from '../../core/record/requestEnd.ts';
import type { NameOf } from '../charts/bandModels.ts';
import { button, element, iconButton, iconOf, rove, setAttributes } from '../elements/element.ts';
import { type Formats, fill } from '../elements/formats.ts';
import { requestDetails, requestRow } from './requestModels.ts';
import { detailsElement } from './waterfall.ts';

export interface DrawerOptions {
  readonly texts: DashboardTexts;
  readonly formats: Formats;
  readonly nameOf: NameOf;
  /** Resolves with the requests; rejects with why there are none. */
  readonly ask: (query: RequestQuery) => Promise<RequestPage>;
}

/** The listed requests: a period and a filter. */
export interface Listed {
  readonly range: Range;
  readonly filter: Filter;
  /** Nothing: all of the range that the page shows. */
  readonly between?: { readonly fromMs: number; readonly toMs: number };
  /** Gets the focus back when the list is closed; the list takes it when there is one. */
  readonly origin?: HTMLElement | undefined;
}

/** Shorter stretches of time are told with their seconds. */
const secondsBelowMs = 300_000;

/** The list of requests at the foot of the page; a click on one shows its attempts. */
export class RequestsDrawer {
  readonly root: HTMLElement;
  readonly #options: DrawerOptions;
  readonly #title = element('h2', { id: 'requests-title', tabindex: -1 });
  readonly #which: HTMLSelectElement;
  readonly #body = element('tbody', {});
  readonly #status = element('p', { class: 'drawer-status', role: 'status' });
  readonly #more: HTMLButtonElement;
  #listed: Listed | undefined;
  readonly #sortHeads = new Map<RequestSort, HTMLElement>();
  #sort: RequestSort = 'newest';
  #turn = 0;
  #cursor: string | null = null;
  /** The elements that open each request, in order. */
  #openers: HTMLElement[] = [];

  constructor(options: DrawerOptions) {
    this.#options = options;
    const { requests } = options.texts;
    this.#which = this.#makeWhich();
    this.#more = button(requests.more, () => void this.#load(), { class: 'link more', hidden: true });
    const close = iconButton('close', requests.close, () => this.close());
    const header = element('header', {}, this.#title, this.#which, close);
    const heads = [
      this.#sortHead(requests.time, 'newest'),
      ...[requests.model, requests.endpoint, requests.end].map((text) => element('th', { scope: 'col' }, text)),
      this.#sortHead(requests.firstByte, 'firstByte'),
      this.#sortHead(requests.total, 'total'),
      element('th', { scope: 'col', class: 'number' }, requests.tokens),
      this.#sortHead(requests.cost, 'cost'),
    ];
    const table = element(
      'table',
      { 'aria-labelledby': 'requests-title' },
      element('thead', {}, element('tr', {}, ...heads)),
      this.#body,
    );
    const scroll = element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-labelledby': 'requests-title' },
      table,
      this.#status,
      this.#more,
    );
    this.#tellOrder();
    this.root = element(
      'section',
      { class: 'drawer', id: 'requests', hidden: true, 'aria-labelledby': 'requests-title' },
      header,
      scroll,
    );
  }

  get isOpen(): boolean {
    return !this.root.hidden;
  }

  open(listed: Listed): void {
    this.#listed = listed;
    this.root.hidden = false;
    document.body.classList.add('with-drawer');
    this.#title.textContent = this.#titleOf(listed);
    this.#begin();
    if (listed.origin !== undefined) this.#title.focus({ preventScroll: true });
  }

  close(): void {
    this.root.hidden = true;
    this.#turn += 1;
    document.body.classList.remove('with-drawer');
    this.#listed?.origin?.focus({ preventScroll: true });
  }

  #titleOf({ between }: Listed): string {
    const { requests } = this.#options.texts;
    const { formats } = this.#options;
    if (between === undefined) return requests.all;
    const isOneDay = new Date(between.fromMs).toDateString() === new Date(between.toMs).toDateString();
    const isShort = between.toMs - between.fromMs < secondsBelowMs;
    const begin = formats.moment(between.fromMs, isShort);
    const end = isOneDay ? formats.clock(between.toMs, isShort) : formats.moment(between.toMs);
    return `${requests.heading} · ${fill(requests.of, begin, end)}`;
  }

  /** A head that orders the list by its column, the largest first; once more, and the newest are first again. */
  #sortHead(text: string, sort: RequestSort): HTMLElement {
    const { newestFirst, sortedBy } = this.#options.texts.requests;
    const title = sort === 'newest' ? newestFirst : fill(sortedBy, text);
    const order = button(text, () => this.#order(this.#sort === sort ? 'newest' : sort), { title });
    const className = sort === 'newest' ? undefined : 'number';
    const head = element('th', { scope: 'col', class: className, 'aria-sort': 'none' }, order);
    this.#sortHeads.set(sort, head);
    return head;
  }

  #order(sort: RequestSort): void {
    this.#sort = sort;
    this.#tellOrder();
    this.#begin();
  }

  #tellOrder(): void {
    for (const [sort, head] of this.#sortHeads) {
      setAttributes(head, { 'aria-sort': sort === this.#sort ? 'descending' : 'none' });
    }
  }

  #begin(): void {
    this.#cursor = null;
    this.#openers = [];
    this.#body.replaceChildren();
    void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#listed === undefined) return;
    this.#turn += 1;
    const turn = this.#turn;
    const { texts, ask } = this.#options;
    this.#more.hidden = true;
    this.#status.textContent = this.#openers.length === 0 ? texts.requests.loading : '';
    try {
      const page = await ask(this.#query(this.#listed));
      if (turn === this.#turn) this.#show(page);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (turn === this.#turn) this.#status.textContent = fill(texts.requests.failedLoading, why);
    }
  }

  #query({ range, filter, between }: Listed): RequestQuery {
    const [kind, name] = this.#which.value.split(':');
    return {
      range: between === undefined ? range : { kind: 'between', ...between },
      ...filter,
      ...(kind === 'end' ? { end: name as RequestEnd } : {}),
      ...(kind === 'class' ? { class: name as OutcomeClass } : {}),
      ...(this.#sort === 'newest' ? {} : { sort: this.#sort }),
      ...(this.#cursor === null ? {} : { cursor: this.#cursor }),
    };
  }

  #show({ requests, cursor }: RequestPage): void {
    this.#cursor = cursor;
    const rows = requests.flatMap((request) => this.#rowsOf(request));
    this.#body.append(...rows);
    const current = this.#openers.indexOf(document.activeElement as HTMLElement);
    rove(this.#openers, { before: 'ArrowUp', after: 'ArrowDown' }, Math.max(0, current));
    // A list of one is asked for to see what happened to it.
    if (this.#openers.length === 1 && cursor === null) this.#openers[0]?.click();
    this.#more.hidden = cursor === null;
    this.#status.textContent = this.#openers.length === 0 ? this.#options.texts.requests.empty : '';
  }

  /** A row, and the hidden one with its attempts. */
  #rowsOf(request: StoredRequest): HTMLElement[] {
    const { texts, formats, nameOf } = this.#options;
    const row = requestRow(request, nameOf, texts, formats);
    const cells = [row.model, row.endpoint].map((text) => element('td', { title: text }, text));
    const end = element('td', {}, element('span', { class: `dot ink-${row.ink}`, 'aria-hidden': 'true' }), row.end);
    const numbers = [row.firstByte, row.total, row.tokens, row.cost].map((text) =>
      element('td', { class: 'number' }, text),
    );
    const opener = element('button', { type: 'button', 'aria-expanded': 'false' }, iconOf('chevron'), row.time);
    const time = element('th', { scope: 'row' }, opener);
    const head = element('tr', { class: 'choosable', 'data-request': row.id }, time, ...cells, end, ...numbers);
    const holder = element('td', { colspan: 8 });
    const details = element('tr', { class: 'details', hidden: true }, holder);
    const toggle = (): void => {
      if (holder.childElementCount === 0) {
        holder.append(detailsElement(requestDetails(request, nameOf, texts, formats), texts));
      }
      details.hidden = !details.hidden;
      setAttributes(opener, { 'aria-expanded': String(!details.hidden) });
    };
    // A click on its button comes here too, as do Enter and Space there.
    head.addEventListener('click', toggle);
    opener.addEventListener('keydown', (event) => {
      const wanted = { ArrowRight: true, ArrowLeft: false }[event.key];
      if (wanted === undefined) return;
      event.preventDefault();
      if (wanted === details.hidden) toggle();
    });
    this.#openers.push(opener);
    return [head, details];
  }

  /** Which of them: all, those that ended in some way, or those with an attempt that failed in some way. */
  #makeWhich(): HTMLSelectElement {
    const { requests, ends, classes } = this.#options.texts;
    const options = (kind: string, names: Readonly<Record<string, string>>) =>
      Object.entries(names).map(([name, text]) => element('option', { value: `${kind}:${name}` }, text));
    const failed = Object.fromEntries(Object.entries(classes).filter(([name]) => name !== 'success'));
    const select = element(
      'select',
      { 'aria-label': requests.show },
      element('option', { value: 'all' }, requests.allEnds),
      element('optgroup', { label: requests.byEnd }, ...options('end', ends)),
      element('optgroup', { label: requests.byClass }, ...options('class', failed)),
    );
    select.addEventListener('change', () => this.#begin());
    return select;
  }
}
