import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { element, rove } from '../elements/element.ts';
import type { Formats } from '../elements/formats.ts';
import { BandDrawing } from './bandDrawing.ts';
import { type BandModel, bindingModel, type NameOf, stateModel } from './bandModels.ts';
import { type CardModel, type ChartModel, chartModels } from './chartModels.ts';
import { CursorHub } from './cursorHub.ts';
import { type Palette, readPalette } from './palette.ts';
import { SeriesDrawing } from './seriesDrawing.ts';
import { type CardOptions, type DrawingKind, type Picked, TimeCard } from './timeCard.ts';

/** How many charts are drawn before anything is shown: about as many as are in sight. */
const drawnAtOnce = 4;

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
  readonly #series = new Map<string, TimeCard<ChartModel>>();
  readonly #bands = new Map<string, TimeCard<BandModel>>();
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
    const bands = [stateModel, bindingModel].map((modelOf) => modelOf(metrics, nameOf, texts, formats));
    const draws = [
      ...this.#drawsOf(chartModels(metrics, texts, formats), metrics, this.#series, SeriesDrawing),
      ...this.#drawsOf(bands, metrics, this.#bands, BandDrawing),
    ];
    if (isFirst) {
      const stages = this.#cards.map(({ frame }) => frame.stage);
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
    for (const card of this.#cards) card.redraw();
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
    for (const card of this.#cards) card.fit();
  }

  get #cards(): readonly (TimeCard<ChartModel> | TimeCard<BandModel>)[] {
    return [...this.#series.values(), ...this.#bands.values()];
  }

  /** Makes the cards that are missing; returns what draws each of them. */
  #drawsOf<M extends CardModel>(
    models: readonly M[],
    metrics: Metrics,
    cards: Map<string, TimeCard<M>>,
    Kind: DrawingKind<M>,
  ): (() => void)[] {
    return models.map((model) => {
      const card = cards.get(model.name) ?? new TimeCard(Kind, model, metrics, this.#cardOptions);
      cards.set(model.name, card);
      if (!card.frame.root.isConnected) this.#grid.append(card.frame.root);
      return () => card.update(model, metrics);
    });
  }

  get #cardOptions(): CardOptions {
    return {
      ...this.#options,
      hub: this.#hub,
      palette: () => this.#palette,
      zoomAround: (ms, direction) => this.#zoom(ms, direction),
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
