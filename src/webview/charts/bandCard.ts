import type uPlot from 'uplot';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { plainTable } from '../elements/dataTable.ts';
import { button, element, swatch } from '../elements/element.ts';
import { fill } from '../elements/formats.ts';
import { type BandModel, type BandRow, bandAt, bandText, lengthOf, momentText } from './bandModels.ts';
import { paintBands, rowHeight, rowIndexAt } from './bandPaint.ts';
import { type CardActions, CardFrame } from './cardFrame.ts';
import { type StepRange, stepRange } from './chartModels.ts';
import { stepAt } from './series.ts';
import { axisHeight, gutter, type PlotContext, spanOf, TimePlot } from './timePlot.ts';

/** More rows than this are shown on demand. */
const fewRows = 8;
const topPadding = 8;

interface Shown {
  readonly model: BandModel;
  readonly metrics: Metrics;
}

/** Rows of bands over time with their frame: the states of endpoints, or where sessions went. */
export class BandCard {
  readonly frame: CardFrame;
  readonly #context: PlotContext;
  readonly #texts: DashboardTexts;
  readonly #more: HTMLButtonElement;
  #shown: Shown;
  #plot: TimePlot | undefined;
  #drawnRows = -1;
  #isWhole = false;

  constructor(
    shown: Shown,
    texts: DashboardTexts,
    context: PlotContext,
    actions: CardActions,
    /** A moment of a row, or of none. */
    pickRow: (range: StepRange, row: BandRow | undefined) => void,
  ) {
    this.#shown = shown;
    this.#texts = texts;
    this.#context = { ...context, onPick: (ms, y) => pickRow(this.#rangeAt(ms), this.#rows[rowIndexAt(y)]) };
    this.frame = new CardFrame(
      shown.model.name,
      shown.model.title,
      texts,
      {
        steps: () => this.#shown.metrics.series.atMs.length,
        step: () => this.#step(),
        moveTo: (step) => context.hub.set(this.#middle(step)),
        textOf: (step) => momentText(this.#shown.model, this.#middle(step), context.formats),
        pick: (step) => actions.onPick(this.#rangeAt(this.#middle(step)), this.frame.stage),
        zoom: (step, direction) => actions.onZoom(this.#middle(step), direction),
      },
      () => this.#table(),
    );
    this.frame.root.classList.add('wide');
    this.#more = button('', () => this.#toggleRows(), { class: 'link more' });
    this.frame.root.append(this.#more);
    this.frame.reserve(this.#height);
  }

  get #rows(): readonly BandRow[] {
    const { rows } = this.#shown.model;
    return this.#isWhole ? rows : rows.slice(0, fewRows);
  }

  update(shown: Shown): void {
    this.#shown = shown;
    const { model } = shown;
    if (this.#drawnRows !== this.#rows.length) this.#destroy();
    if (this.#plot === undefined) this.#draw();
    else this.#plot.plot.setData(this.#data());
    this.frame.legend.replaceChildren(...model.legend.map(({ label, ink }) => element('li', {}, swatch(ink), label)));
    const { length } = model.rows;
    this.#more.hidden = length <= fewRows;
    this.#more.textContent = this.#isWhole ? this.#texts.chart.showFewer : fill(this.#texts.chart.showAll, length);
    this.frame.update(model.summary, length === 0 ? this.#texts.chart.noBands : undefined);
  }

  fit(): void {
    const width = this.frame.stage.clientWidth;
    if (width > 0) this.#plot?.plot.setSize({ width, height: this.#height });
  }

  redraw(): void {
    this.#destroy();
    this.update(this.#shown);
  }

  get #height(): number {
    return topPadding + Math.max(1, this.#rows.length) * rowHeight + axisHeight;
  }

  #destroy(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #step(): number {
    const { ms } = this.#context.hub;
    return ms === undefined ? -1 : stepAt(this.#shown.metrics.series.atMs, ms);
  }

  #middle(step: number): number {
    const { series, stepMs } = this.#shown.metrics;
    return (series.atMs[step] ?? 0) + stepMs / 2;
  }

  #rangeAt(ms: number): StepRange {
    const { series, stepMs, fromMs, toMs } = this.#shown.metrics;
    return stepRange({ atMs: series.atMs, stepMs }, stepAt(series.atMs, ms), { fromMs, toMs });
  }

  #data(): uPlot.AlignedData {
    const { series, stepMs } = this.#shown.metrics;
    return [series.atMs.map((ms) => ms + stepMs / 2), series.atMs.map(() => null)];
  }

  #draw(): void {
    this.#drawnRows = this.#rows.length;
    this.frame.reserve(this.#height);
    this.#plot = new TimePlot(this.frame.stage, this.#context, () => spanOf(this.#shown.metrics), {
      width: Math.max(200, this.frame.stage.clientWidth),
      height: this.#height,
      data: this.#data(),
      series: [{ scale: 'rows', paths: () => null, points: { show: false } }],
      scales: { rows: { range: () => [0, 1] } },
      axes: [{ scale: 'rows', size: gutter, grid: { show: false }, ticks: { show: false }, values: () => [] }],
      hooks: {
        drawAxes: [(plot) => paintBands(plot, this.#rows, this.#context.palette())],
        setCursor: [() => this.#cursorMoved()],
      },
      pointSize: () => 0,
    });
  }

  #cursorMoved(): void {
    const plot = this.#plot;
    const ms = plot?.cursorMs;
    if (plot?.isPointed !== true || ms === undefined) {
      this.frame.showTooltip([]);
      return;
    }
    const { left = 0, top = 0 } = plot.plot.cursor;
    const row = this.#rows[rowIndexAt(top)];
    const band = bandAt(row, ms);
    if (row === undefined || band === undefined) this.frame.showTooltip([]);
    else {
      const lines = bandText(row, band, this.#context.formats).map((line, index) =>
        element(
          'div',
          { class: index === 0 ? 'tooltip-line' : 'tooltip-time' },
          ...(index === 0 ? [swatch(band.ink)] : []),
          line,
        ),
      );
      this.frame.showTooltip(lines, gutter + left, top + topPadding);
    }
  }

  #toggleRows(): void {
    this.#isWhole = !this.#isWhole;
    this.update(this.#shown);
  }

  #table(): HTMLElement {
    const { model } = this.#shown;
    const { formats } = this.#context;
    const { chart, tables } = this.#texts;
    const rows = model.rows.flatMap(({ label, bands }) =>
      bands.map((band) => [
        label,
        band.label,
        band.detail,
        formats.moment(band.fromMs),
        formats.moment(band.toMs),
        lengthOf(band, formats),
      ]),
    );
    const kind = model.name === 'states' ? chart.state : tables.name;
    return plainTable(model.title, [tables.name, kind, chart.reason, chart.from, chart.until, chart.length], rows);
  }
}
