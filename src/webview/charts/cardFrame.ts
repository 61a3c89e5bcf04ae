import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import { plainTable } from '../elements/dataTable.ts';
import { element, iconButton, iconOf, setAttributes } from '../elements/element.ts';
import type { CardModel } from './chartModels.ts';

/** The key bindings of a focused chart. */
export interface CardKeys {
  /** The step under the cursor; -1 while there is none. */
  readonly step: () => number;
  readonly moveTo: (step: number) => void;
  readonly pick: (step: number) => void;
  readonly zoom: (step: number, direction: 'in' | 'out') => void;
}

const jump = 10;

/** The frame around a chart: its title, legend, text for screen readers, the keys, and the table in its place. */
export class CardFrame {
  readonly root: HTMLElement;
  /** Where the picture goes; it takes the focus. */
  readonly stage: HTMLElement;
  readonly legend = element('ul', { class: 'legend' });
  readonly #tooltip = element('div', { class: 'tooltip', hidden: true });
  readonly #summary: HTMLElement;
  readonly #tableHost = element('div', { class: 'card-table', hidden: true });
  readonly #empty: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #texts: DashboardTexts;
  readonly #keys: CardKeys;
  #model: CardModel;
  #isTable = false;

  constructor(model: CardModel, texts: DashboardTexts, keys: CardKeys) {
    const { name: id, title } = model;
    this.#model = model;
    this.#texts = texts;
    this.#keys = keys;
    this.#summary = element('p', { class: 'sr-only', id: `${id}-summary` });
    this.#empty = element('p', { class: 'card-empty', hidden: true });
    this.stage = element('div', {
      class: 'stage',
      id: `${id}-stage`,
      role: 'slider',
      tabindex: -1,
      'aria-label': title,
      'aria-orientation': 'horizontal',
      'aria-describedby': `${id}-summary chart-keys`,
    });
    this.#toggle = iconButton('table', texts.chart.asTable, () => this.#flip());
    const heading = element('h3', { id: `${id}-title` }, title);
    const header = element('header', {}, heading, this.legend, this.#toggle);
    const body = element('div', { class: 'card-body' }, this.stage, this.#tooltip, this.#empty, this.#tableHost);
    this.root = element(
      'section',
      { class: 'card', 'data-chart': id, 'aria-labelledby': `${id}-title` },
      header,
      this.#summary,
      body,
    );
    this.stage.addEventListener('keydown', (event) => this.#pressed(event));
    this.stage.addEventListener('blur', () => this.showTooltip([]));
  }

  /** The keys go to this chart. */
  get isFocused(): boolean {
    return document.activeElement === this.stage;
  }

  /** Updates everything but the picture and its legend. */
  update(model: CardModel): void {
    this.#model = model;
    this.#summary.textContent = model.summary;
    this.#empty.hidden = model.emptyText === undefined || this.#isTable;
    this.#empty.textContent = model.emptyText ?? '';
    this.tellStep();
    if (this.#isTable) this.#tableHost.replaceChildren(this.#table());
  }

  #table(): HTMLElement {
    const { heads, rows } = this.#model.table();
    return plainTable(this.#model.title, heads, rows);
  }

  /** Reserves the space of the picture while it is redrawn, so that the page does not jump. */
  reserve(height: number): void {
    this.stage.style.minHeight = `${height}px`;
  }

  /** Says to a screen reader where the cursor is. */
  tellStep(): void {
    const last = Math.max(0, this.#model.steps.atMs.length - 1);
    const step = this.#keys.step();
    setAttributes(this.stage, {
      'aria-valuemin': 0,
      'aria-valuemax': last,
      'aria-valuenow': step < 0 ? last : Math.min(step, last),
      'aria-valuetext': this.#model.stepText(step < 0 ? last : step),
    });
  }

  /** Shows lines beside a point of the stage, in CSS pixels of the card's body; without lines nothing. */
  showTooltip(lines: readonly Node[], x = 0, y = 0): void {
    this.#tooltip.hidden = lines.length === 0;
    if (lines.length === 0) return;
    this.#tooltip.replaceChildren(...lines);
    const room = this.stage.clientWidth;
    const { offsetWidth: width, offsetHeight: height } = this.#tooltip;
    const left = x + 14 + width > room ? Math.max(0, x - 14 - width) : x + 14;
    this.#tooltip.style.left = `${left}px`;
    this.#tooltip.style.top = `${Math.max(-height / 2, y - height / 2)}px`;
  }

  #flip(): void {
    this.#isTable = !this.#isTable;
    const label = this.#isTable ? this.#texts.chart.asChart : this.#texts.chart.asTable;
    this.#toggle.replaceChildren(iconOf(this.#isTable ? 'chart' : 'table'));
    setAttributes(this.#toggle, { title: label, 'aria-label': label });
    this.stage.hidden = this.#isTable;
    this.#tableHost.hidden = !this.#isTable;
    this.#tableHost.replaceChildren(...(this.#isTable ? [this.#table()] : []));
    if (this.#isTable) this.#empty.hidden = true;
    this.showTooltip([]);
  }

  #pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = this.#model.steps.atMs.length - 1;
    if (last < 0) return;
    const step = this.#keys.step() < 0 ? last : this.#keys.step();
    const far = event.shiftKey ? jump : 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: this.#keys.step() < 0 ? last : step - far,
      ArrowRight: step + far,
      PageDown: step - jump,
      PageUp: step + jump,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target !== undefined) this.#keys.moveTo(Math.min(last, Math.max(0, target)));
    else if (event.key === 'Enter' || event.key === ' ') this.#keys.pick(step);
    else if (event.key === '+' || event.key === '=') this.#keys.zoom(step, 'in');
    else if (event.key === '-') this.#keys.zoom(step, 'out');
    else return;
    event.preventDefault();
    this.tellStep();
  }
}
