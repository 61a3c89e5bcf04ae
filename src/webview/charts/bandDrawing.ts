import type uPlot from 'uplot';
import { button, element, swatch } from '../elements/element.ts';
import { fill } from '../elements/formats.ts';
import { type BandModel, type BandRow, bandAt, bandText } from './bandModels.ts';
import { paintBands, rowHeight, rowIndexAt } from './bandPaint.ts';
import { middleOf } from './series.ts';
import type { Drawing, DrawingTools, Picked } from './timeCard.ts';
import { axisHeight, gutter, type PlotParts, type PlotPoint, topPadding } from './timePlot.ts';

/** More rows than this are shown on demand. */
const fewRows = 8;

/** Rows of bands over time: the states of endpoints, or where sessions went. */
export class BandDrawing implements Drawing<BandModel> {
  model: BandModel;
  readonly parts: PlotParts = {
    series: [{ scale: 'rows', paths: () => null, points: { show: false } }],
    scales: { rows: { range: () => [0, 1] } },
    axes: [{ scale: 'rows', size: gutter, grid: { show: false }, ticks: { show: false }, values: () => [] }],
    pointSize: () => 0,
  };
  readonly #tools: DrawingTools;
  readonly #more: HTMLButtonElement;
  #isWhole = false;

  constructor(model: BandModel, tools: DrawingTools) {
    this.model = model;
    this.#tools = tools;
    this.#more = button('', () => this.#toggleRows(), { class: 'link more' });
    tools.frame.root.classList.add('wide');
    tools.frame.root.append(this.#more);
  }

  get #rows(): readonly BandRow[] {
    const { rows } = this.model;
    return this.#isWhole ? rows : rows.slice(0, fewRows);
  }

  get signature(): string {
    return String(this.#rows.length);
  }

  get height(): number {
    return topPadding + Math.max(1, this.#rows.length) * rowHeight + axisHeight;
  }

  get values(): (number | null)[][] {
    return [this.model.steps.atMs.map(() => null)];
  }

  paint(plot: uPlot): void {
    paintBands(plot, this.#rows, this.#tools.palette());
  }

  update(): void {
    const { frame, texts } = this.#tools;
    const { legend, rows } = this.model;
    frame.legend.replaceChildren(...legend.map(({ label, ink }) => element('li', {}, swatch(ink), label)));
    this.#more.hidden = rows.length <= fewRows;
    this.#more.textContent = this.#isWhole ? texts.chart.showFewer : fill(texts.chart.showAll, rows.length);
  }

  tooltip(step: number, at: PlotPoint | undefined): readonly Node[] {
    if (at === undefined) return this.#allRowsAt(middleOf(this.model.steps, step));
    const { ms, top } = at;
    const row = this.#rows[rowIndexAt(top)];
    const band = bandAt(row, ms);
    if (row === undefined || band === undefined) return [];
    const [head = '', ...more] = bandText(row, band, this.#tools.formats);
    return [
      element('div', { class: 'tooltip-line' }, swatch(band.ink), head),
      ...more.map((line) => element('div', { class: 'tooltip-time' }, line)),
    ];
  }

  #allRowsAt(ms: number): readonly Node[] {
    const lines = this.#rows.flatMap((row) => {
      const band = bandAt(row, ms);
      return band === undefined
        ? []
        : [element('div', { class: 'tooltip-line' }, swatch(band.ink), `${row.label}: ${band.label}`)];
    });
    return [element('div', { class: 'tooltip-time' }, this.#tools.formats.moment(ms)), ...lines];
  }

  pickedAt(y: number): Pick<Picked, 'endpoint' | 'session'> {
    const row = this.#rows[rowIndexAt(y)];
    if (row === undefined) return {};
    return this.model.name === 'states' ? { endpoint: row.id } : { session: row.id };
  }

  #toggleRows(): void {
    this.#isWhole = !this.#isWhole;
    this.#tools.redraw();
  }
}
