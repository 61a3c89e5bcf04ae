import { element } from './element.ts';

/** A table of texts with a caption for screen readers; the first column names the rows. It scrolls by itself. */
export function plainTable(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const head = element('tr', {}, ...columns.map((label) => element('th', { scope: 'col' }, label)));
  const body = rows.map((cells) =>
    element(
      'tr',
      {},
      ...cells.map((text, index) => (index === 0 ? element('th', { scope: 'row' }, text) : element('td', {}, text))),
    ),
  );
  const table = element(
    'table',
    {},
    element('caption', { class: 'sr-only' }, caption),
    element('thead', {}, head),
    element('tbody', {}, ...body),
  );
  return element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': caption }, table);
}
