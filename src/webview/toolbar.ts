import { minuteMs } from '../base/time.ts';
import type { Filter, Range } from '../contract/dashboard.ts';
import type { DashboardTexts, SpanName } from '../contract/dashboardTexts.ts';
import { button, element, iconButton, rove, setAttributes } from './elements/element.ts';
import { type Formats, fill } from './elements/formats.ts';
import { hasFilter, type PageState, spanNames } from './pageState.ts';

export interface ToolbarActions {
  readonly onSpan: (span: SpanName) => void;
  readonly onZoomOut: () => void;
  readonly onFilter: (change: Readonly<Record<keyof Filter, string | undefined>>) => void;
  readonly onRefresh: () => void;
  readonly onRequests: (origin: HTMLElement) => void;
  readonly onExport: (format: 'csv' | 'json') => void;
}

/** The options of the filter: value and text, by field. */
export type FilterChoices = Readonly<Record<keyof Filter, readonly (readonly [value: string, text: string])[]>>;

/** The row at the head of the page: range, filter, and what can be done with what is shown. */
export class Toolbar {
  readonly root: HTMLElement;
  readonly #texts: DashboardTexts;
  readonly #formats: Formats;
  readonly #spans: readonly HTMLButtonElement[];
  readonly #custom = element('span', { class: 'custom-range' });
  readonly #zoomOut: HTMLButtonElement;
  readonly #selects: Readonly<Record<keyof Filter, HTMLSelectElement>>;
  readonly #clear: HTMLButtonElement;
  readonly #live = element('span', { class: 'live', role: 'status' });

  constructor(texts: DashboardTexts, formats: Formats, actions: ToolbarActions) {
    const words = texts.toolbar;
    this.#texts = texts;
    this.#formats = formats;
    this.#spans = spanNames.map((name) =>
      button(texts.spans[name].short, () => actions.onSpan(name), {
        role: 'radio',
        title: texts.spans[name].long,
        'aria-label': texts.spans[name].long,
      }),
    );
    rove(this.#spans, { before: 'ArrowLeft', after: 'ArrowRight' });
    this.#zoomOut = iconButton('zoomOut', words.zoomOut, actions.onZoomOut);
    const select = (field: keyof Filter, label: string): HTMLSelectElement => {
      const made = element('select', { 'aria-label': label, 'data-filter': field });
      made.addEventListener('change', () => {
        const value = made.selectedIndex <= 0 ? undefined : made.value;
        actions.onFilter({ [field]: value } as Record<keyof Filter, string | undefined>);
      });
      return made;
    };
    this.#selects = {
      endpoint: select('endpoint', words.endpoint),
      model: select('model', words.model),
      session: select('session', words.session),
    };
    const none = { endpoint: undefined, model: undefined, session: undefined };
    this.#clear = button(words.clear, () => actions.onFilter(none), { class: 'link' });
    const list = iconButton('list', words.requests, () => actions.onRequests(list));
    this.root = element(
      'div',
      { class: 'toolbar', role: 'group', 'aria-label': words.toolbar },
      element('div', { class: 'spans', role: 'radiogroup', 'aria-label': words.range }, ...this.#spans),
      element('div', { class: 'zoomed' }, this.#custom, this.#zoomOut),
      element('div', { class: 'filters' }, ...Object.values(this.#selects), this.#clear),
      element(
        'div',
        { class: 'actions' },
        this.#live,
        iconButton('refresh', words.refresh, actions.onRefresh),
        list,
        this.#exportButton('csv', words.exportCsv, actions),
        this.#exportButton('json', words.exportJson, actions),
      ),
    );
  }

  update(state: PageState, choices: FilterChoices): void {
    const { range, filter, outer } = state;
    for (const [index, one] of this.#spans.entries()) {
      const isChosen = range.kind === 'last' && range.span === spanNames[index];
      setAttributes(one, { 'aria-checked': String(isChosen) });
    }
    const chosen = this.#spans.findIndex((one) => one.getAttribute('aria-checked') === 'true');
    if (!this.#spans.includes(document.activeElement as HTMLButtonElement)) {
      for (const [index, one] of this.#spans.entries()) one.tabIndex = index === Math.max(0, chosen) ? 0 : -1;
    }
    this.#custom.textContent = range.kind === 'last' ? '' : this.#rangeText(range);
    this.#zoomOut.hidden = outer.length === 0;
    const { allEndpoints, allModels, allSessions } = this.#texts.toolbar;
    fillSelect(this.#selects.endpoint, allEndpoints, choices.endpoint, filter.endpoint);
    fillSelect(this.#selects.model, allModels, choices.model, filter.model);
    fillSelect(this.#selects.session, allSessions, choices.session, filter.session);
    this.#clear.hidden = !hasFilter(filter);
  }

  /** Whether the figures follow the traffic, and when they came; undefined while there are none. */
  tellLive(how: 'live' | 'paused' | 'standing', updatedMs: number | undefined): void {
    const { [how]: text, updated } = this.#texts.toolbar;
    const when = updatedMs === undefined ? undefined : fill(updated, this.#formats.clock(updatedMs, true));
    this.#live.classList.toggle('on', how === 'live');
    // Screen readers read out what changes; the time is in the tooltip.
    if (this.#live.textContent !== text) this.#live.textContent = text;
    setAttributes(this.#live, { title: when });
  }

  #rangeText({ fromMs, toMs }: Extract<Range, { kind: 'between' }>): string {
    const isSameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
    const seconds = toMs - fromMs < 10 * minuteMs;
    const end = isSameDay ? this.#formats.clock(toMs, seconds) : this.#formats.moment(toMs);
    const begin = this.#formats.moment(fromMs, seconds);
    return fill(this.#texts.toolbar.custom, begin, end);
  }

  #exportButton(format: 'csv' | 'json', label: string, { onExport }: ToolbarActions): HTMLButtonElement {
    const made = iconButton('download', label, () => onExport(format), { class: 'icon-button labelled' });
    made.append(format.toUpperCase());
    return made;
  }
}

/** Brings a list of choices to the moment, the chosen one always among them. */
function fillSelect(
  select: HTMLSelectElement,
  all: string,
  choices: FilterChoices[keyof Filter],
  chosen: string | undefined,
): void {
  const isKnown = chosen === undefined || choices.some(([value]) => value === chosen);
  const list = isKnown ? choices : [...choices, [chosen, chosen] as const];
  const signature = JSON.stringify([all, list]);
  if (select.dataset['signature'] !== signature) {
    select.dataset['signature'] = signature;
    const options = list.map(([value, text]) => element('option', { value }, text));
    select.replaceChildren(element('option', { value: '' }, all), ...options);
  }
  select.selectedIndex = chosen === undefined ? 0 : list.findIndex(([value]) => value === chosen) + 1;
  select.classList.toggle('set', chosen !== undefined);
}
