import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import { sparkPath } from '../charts/series.ts';
import { element, svg } from '../elements/element.ts';
import type { TileModel } from './tileModels.ts';

const sparkWidth = 120;
const sparkHeight = 24;

/** The key figures: a list of terms, what they are, and what to make of them. */
export class TilesView {
  readonly root: HTMLElement;
  readonly #list = element('ul', { class: 'tiles' });

  constructor({ tiles }: DashboardTexts) {
    const heading = element('h2', { class: 'sr-only', id: 'tiles-title' }, tiles.heading);
    this.root = element('section', { 'aria-labelledby': 'tiles-title' }, heading, this.#list);
  }

  update(models: readonly TileModel[]): void {
    this.#list.replaceChildren(...models.map(tileElement));
  }
}

function tileElement({ id, label, value, note, spark, ink }: TileModel): HTMLElement {
  const tile = element(
    'li',
    { class: 'tile', 'data-tile': id },
    element('span', { class: 'tile-label' }, label),
    element('span', { class: 'tile-value' }, value),
    element('span', { class: 'tile-note', title: note }, note),
  );
  const path = sparkPath(spark, sparkWidth, sparkHeight - 2);
  const drawing = svg('svg', {
    class: `spark ink-${ink}`,
    viewBox: `0 -1 ${sparkWidth} ${sparkHeight}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  if (path !== '') drawing.append(svg('path', { d: path }));
  tile.append(drawing);
  return tile;
}
