import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { element, rove } from '../elements/element.ts';
import type { Formats } from '../elements/formats.ts';
import { BandCard } from './bandCard.ts';
import { type BandModel, bindingModel, type NameOf, stateModel } from './bandModels.ts';
import type { CardActions } from './cardFrame.ts';
import { type ChartModel, chartModels } from './chartModels.ts';
import { CursorHub } from './cursorHub.ts';
import { type Palette, readPalette } from './palette.ts';
import { SeriesCard } from './seriesCard.ts';
import type { PlotContext } from './timePlot.ts';

/** How many charts are drawn before anything is shown: about as many as are in sight. */
const drawnAtOnce = 4;

/** What was picked in a chart: a stretch of time, in a row of bands also an endpoint or a session. */
interface Picked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endpoint?: string;
  readonly session?: string;
  /** Where the focus comes from, when it was picked by a key. */
  readonly origin?: HTMLElement;
}

export interface ChartsOptions {
  readonly texts: DashboardTexts;
  readonly formats: Formats;
  readonly nameOf: NameOf;
  readonly onPick: (picked: Picked) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onZoomOut: () => void;
}

/** All charts: they share the cursor, and one stop of the tab key. */
export class ChartsView {
  readonly root: HTMLElement;
  readonly #options: ChartsOptions;
  readonly #hub = new CursorHub();
  readonly #series = new Map<ChartModel['name'], SeriesCard>();
  readonly #bands = new Map<'states' | 'bindings', BandCard>();
  readonly #grid = element('div', { class: 'charts' });
  #palette: Palette;
  #metrics: Metrics | undefined;
  #drawing: number | undefined;

  constructor(options: ChartsOptions) {
    this.#options = options;
    this.#palette = readPalette();
    const { chart } = options.texts;
    this.root = element(
      'section',
      { 'aria-labelledby': 'charts-title' },
      element('h2', { class: 'sr-only', id: 'charts-title' }, chart.heading),
      element('p', { class: 'sr-only', id: 'chart-keys' }, chart.keys),
      this.#grid,
    );
    new ResizeObserver(() => this.#fit()).observe(this.#grid);
  }

  /** Draws what is in sight first, and the rest in the moments after it; then calls `drawn`. */
  update(metrics: Metrics, drawn: () => void): void {
    this.#metrics = metrics;
    const { texts, formats, nameOf } = this.#options;
    const isFirst = this.#series.size === 0;
    const draws: (() => void)[] = [];
    for (const model of chartModels(metrics, texts, formats)) {
      const card = this.#seriesCard(model, metrics);
      draws.push(() => card.update({ model, metrics }));
    }
    for (const modelOf of [stateModel, bindingModel]) {
      const model = modelOf(metrics, nameOf, texts, formats);
      const card = this.#bandCard(model, metrics);
      draws.push(() => card.update({ model, metrics }));
    }
    if (isFirst) {
      const stages = [...this.#series.values(), ...this.#bands.values()].map(({ frame }) => frame.stage);
      rove(stages, { before: 'ArrowUp', after: 'ArrowDown' });
    }
    for (const draw of draws.splice(0, drawnAtOnce)) draw();
    clearTimeout(this.#drawing);
    this.#drawOn([...draws, drawn]);
  }

  /** The theme may have changed. */
  redraw(): void {
    const palette = readPalette();
    if (JSON.stringify(palette) === JSON.stringify(this.#palette)) return;
    this.#palette = palette;
    for (const card of [...this.#series.values(), ...this.#bands.values()]) card.redraw();
  }

  /** One chart at a time, so that the page answers in between. */
  #drawOn([draw, ...rest]: readonly (() => void)[]): void {
    if (draw === undefined) return;
    this.#drawing = setTimeout(() => {
      draw();
      this.#drawOn(rest);
    });
  }

  #fit(): void {
    for (const card of [...this.#series.values(), ...this.#bands.values()]) card.fit();
  }

  #seriesCard(model: ChartModel, metrics: Metrics): SeriesCard {
    const known = this.#series.get(model.name);
    if (known !== undefined) return known;
    const card = new SeriesCard({ model, metrics }, this.#options.texts, this.#context(), this.#actions());
    this.#series.set(model.name, card);
    this.#grid.append(card.frame.root);
    return card;
  }

  #bandCard(model: BandModel, metrics: Metrics): BandCard {
    const known = this.#bands.get(model.name);
    if (known !== undefined) return known;
    const card = new BandCard(
      { model, metrics },
      this.#options.texts,
      this.#context(),
      this.#actions(),
      (range, row) => {
        const which = row === undefined ? {} : model.name === 'states' ? { endpoint: row.id } : { session: row.id };
        this.#options.onPick({ ...range, ...which });
      },
    );
    this.#bands.set(model.name, card);
    this.#grid.append(card.frame.root);
    return card;
  }

  #context(): PlotContext {
    const { formats, onZoom, onZoomOut } = this.#options;
    return {
      hub: this.#hub,
      formats,
      palette: () => this.#palette,
      onZoom,
      onZoomOut,
      onPick: () => undefined,
    };
  }

  #actions(): CardActions {
    return {
      onPick: (range, origin) => this.#options.onPick({ ...range, ...(origin === undefined ? {} : { origin }) }),
      onZoom: (aroundMs, direction) => this.#zoom(aroundMs, direction),
    };
  }

  /** To half of what is shown, around a moment; or back. */
  #zoom(aroundMs: number, direction: 'in' | 'out'): void {
    const metrics = this.#metrics;
    if (metrics === undefined) return;
    if (direction === 'out') {
      this.#options.onZoomOut();
      return;
    }
    const half = (metrics.toMs - metrics.fromMs) / 4;
    const from = Math.min(Math.max(metrics.fromMs, aroundMs - half), metrics.toMs - 2 * half);
    this.#options.onZoom(from, from + 2 * half);
  }
}
