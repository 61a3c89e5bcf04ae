import type { Filter } from '../../contract/dashboard.ts';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import { button, element, rove, setAttributes } from '../elements/element.ts';
import { fill } from '../elements/formats.ts';
import {
  type Cell,
  cellText,
  nextSorting,
  type Row,
  type Sorting,
  sortedRows,
  type TableModel,
} from './tableModels.ts';

export interface TablesOptions {
  readonly texts: DashboardTexts;
  readonly chosen: TableModel['id'];
  readonly onChosen: (id: TableModel['id']) => void;
  readonly onFilter: (filter: Filter) => void;
}

/** The figures by endpoint, model, session and day, one table at a time. */
export class TablesView {
  readonly root: HTMLElement;
  readonly #options: TablesOptions;
  readonly #tabs = element('div', { role: 'tablist', class: 'tabs' });
  readonly #panel = element('div', { role: 'tabpanel', id: 'table-panel', class: 'scroll', tabindex: 0 });
  readonly #sortings = new Map<TableModel['id'], Sorting>();
  #chosen: TableModel['id'];
  #models: readonly TableModel[] = [];

  constructor(options: TablesOptions) {
    this.#options = options;
    this.#chosen = options.chosen;
    const { heading } = options.texts.tables;
    setAttributes(this.#tabs, { 'aria-label': heading });
    const title = element('h2', { class: 'sr-only', id: 'tables-title' }, heading);
    this.root = element(
      'section',
      { class: 'card tables', 'aria-labelledby': 'tables-title' },
      title,
      this.#tabs,
      this.#panel,
    );
  }

  update(models: readonly TableModel[]): void {
    this.#models = models;
    if (this.#tabs.childElementCount === 0) this.#makeTabs();
    this.#draw();
  }

  #makeTabs(): void {
    const tabs = this.#models.map(({ id, title }) => {
      const tab = button(title, () => this.#choose(id), {
        role: 'tab',
        id: `tab-${id}`,
        'aria-controls': 'table-panel',
      });
      tab.addEventListener('focus', () => this.#choose(id));
      return tab;
    });
    this.#tabs.replaceChildren(...tabs);
    const current = this.#models.findIndex(({ id }) => id === this.#chosen);
    rove(tabs, { before: 'ArrowLeft', after: 'ArrowRight' }, Math.max(0, current));
  }

  #choose(id: TableModel['id']): void {
    if (id === this.#chosen) return;
    this.#chosen = id;
    this.#options.onChosen(id);
    this.#draw();
  }

  #draw(): void {
    for (const tab of this.#tabs.children) {
      setAttributes(tab, { 'aria-selected': String(tab.id === `tab-${this.#chosen}`) });
    }
    setAttributes(this.#panel, { 'aria-labelledby': `tab-${this.#chosen}` });
    const model = this.#models.find(({ id }) => id === this.#chosen);
    if (model === undefined) return;
    const focused = document.activeElement?.getAttribute('data-row');
    const isInside = this.#panel.contains(document.activeElement);
    const heads = this.#heads(model);
    const rows = sortedRows(model.rows, this.#sortings.get(model.id)).map((row) => this.#row(row));
    const empty = element('tr', {}, element('td', { colspan: model.columns.length }, this.#options.texts.tables.empty));
    const table = element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...(rows.length === 0 ? [empty] : rows)),
    );
    this.#panel.replaceChildren(table);
    const current = rows.findIndex((row) => row.getAttribute('data-row') === focused);
    rove(rows, { before: 'ArrowUp', after: 'ArrowDown' }, Math.max(0, current));
    // Redrawing the table keeps the focus in it.
    if (isInside && current >= 0) rows[current]?.focus({ preventScroll: true });
  }

  #heads(model: TableModel): HTMLElement[] {
    const sorting = this.#sortings.get(model.id);
    return model.columns.map(({ label, isNumber }, column) => {
      const direction = sorting?.column !== column ? 'none' : sorting.isDescending ? 'descending' : 'ascending';
      const sort = button(label, () => {
        this.#sortings.set(model.id, nextSorting(sorting, column, isNumber));
        this.#draw();
        this.#panel.querySelectorAll<HTMLButtonElement>('th button')[column]?.focus();
      });
      return element('th', { scope: 'col', 'aria-sort': direction, class: isNumber ? 'number' : undefined }, sort);
    });
  }

  #row(row: Row): HTMLTableRowElement {
    const { filter } = row;
    const name = cellText(row.cells[0]);
    const title = filter === undefined ? undefined : fill(this.#options.texts.tables.filterBy, name);
    const made = element(
      'tr',
      { 'data-row': row.id, title, class: filter === undefined ? undefined : 'choosable' },
      ...row.cells.map((cell, index) => cellElement(cell, index)),
    );
    if (filter === undefined) return made;
    const choose = (): void => this.#options.onFilter(filter);
    made.addEventListener('click', choose);
    made.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose();
    });
    return made;
  }
}

function cellElement(cell: Cell, index: number): HTMLElement {
  if (index === 0) return element('th', { scope: 'row' }, cell.text);
  const made = element('td', { class: 'number' }, cell.text);
  if (cell.share !== undefined) {
    made.classList.add('shared');
    made.style.setProperty('--share', `${(cell.share * 100).toFixed(1)}%`);
  }
  return made;
}
