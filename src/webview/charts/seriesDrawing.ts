import type uPlot from 'uplot';
import { dayMs } from '../../base/time.ts';
import { element, swatch } from '../elements/element.ts';
import { incrementsOf, type Unit } from '../elements/formats.ts';
import { paintBars } from './barPaint.ts';
import type { ChartModel, ChartSeries } from './chartModels.ts';
import { extremes, isolated, shareFloor, stacked } from './series.ts';
import type { Drawing, DrawingTools } from './timeCard.ts';
import { gutter, type PlotParts } from './timePlot.ts';

/** A line goes on over a gap of less than this share of the picture: a quiet quarter of an hour is no outage. */
const bridged = 0.03;
/** Nor of more than this: a week without requests is one in a year's picture too. */
const mostBridgedMs = 2 * dayMs;

/** Lines, and bars that stand on each other, over time. */
export class SeriesDrawing implements Drawing<ChartModel> {
  model: ChartModel;
  readonly height = 168;
  readonly #tools: DrawingTools;
  #legendValues: readonly HTMLElement[] = [];

  constructor(model: ChartModel, tools: DrawingTools) {
    this.model = model;
    this.#tools = tools;
  }

  get signature(): string {
    return this.model.series.map(({ label, style }) => `${label}/${style}`).join();
  }

  /** Bars reach to the sum of those below them. */
  get values(): (number | null)[][] {
    const { series } = this.model;
    const tops = stacked(series.filter(isBar).map(({ values }) => values));
    let bar = 0;
    return series.map((one) => (isBar(one) ? (tops[bar++] ?? []) : [...one.values]));
  }

  get parts(): PlotParts {
    const { series } = this.model;
    const left = series.find(({ isRight }) => !isRight);
    const right = series.find(({ isRight }) => isRight);
    return {
      series: series.map((_, index) => this.#seriesOptions(index)),
      scales: {
        left: { range: () => this.#range(false) },
        ...(right === undefined ? {} : { right: { range: () => this.#range(true) } }),
      },
      axes: [
        this.#axis('left', left?.unit ?? 'count'),
        ...(right === undefined ? [] : [this.#axis('right', right.unit)]),
      ],
      pointSize: (index) => (series[index - 1]?.style === 'bar' ? 0 : 7),
    };
  }

  paint(plot: uPlot): void {
    paintBars(plot, this.model, this.#tools.palette());
  }

  update(): void {
    const { series } = this.model;
    // A single share needs no name beside the title, only its value.
    const isNamed = series.length > 1;
    this.#legendValues = series.map(() => element('span', { class: 'legend-value' }));
    const items = series.map(({ label, ink, style }, index) =>
      element('li', {}, ...(isNamed ? [swatch(ink, style), label] : []), this.#legendValues[index] ?? ''),
    );
    this.#tools.frame.legend.replaceChildren(...items);
  }

  /** The values at that step, or those of the whole range. */
  tellStep(step: number): void {
    for (const [index, target] of this.#legendValues.entries()) {
      const series = this.model.series[index];
      const value = step < 0 ? series?.whole : series?.values[step];
      target.textContent = this.#tools.formats.value(value, series?.unit ?? 'count');
    }
  }

  tooltip(step: number): readonly Node[] {
    const { formats, texts } = this.#tools;
    const { series, steps } = this.model;
    const { atMs, stepMs } = steps;
    const from = atMs[step] ?? 0;
    const to = atMs[step + 1] ?? from + stepMs;
    const time = `${formats.moment(from)} – ${formats.clock(to)}`;
    const shown = series.filter((one) => !isBar(one) || series.length === 1 || (one.values[step] ?? 0) > 0);
    const lines = shown.map(({ label, ink, style, unit, values }) => {
      const value = element('b', {}, formats.value(values[step], unit));
      return element('div', { class: 'tooltip-line' }, swatch(ink, style), label, value);
    });
    return [
      element('div', { class: 'tooltip-time' }, stepMs === dayMs ? formats.date(from) : time),
      ...lines,
      element('div', { class: 'tooltip-hint' }, texts.chart.listHint),
    ];
  }

  #seriesOptions(index: number): uPlot.Series {
    const series = this.model.series[index];
    if (series === undefined) return {};
    const scale = series.isRight ? 'right' : 'left';
    if (isBar(series)) return { scale, paths: () => null, points: { show: false } };
    const colour = (): string => this.#tools.palette().inks[series.ink];
    const isAlone = this.model.series.length === 1;
    return {
      scale,
      stroke: colour,
      width: 1.5,
      ...(series.style === 'dashed' ? { dash: [5, 4] } : {}),
      ...(isAlone ? { fill: () => `color-mix(in srgb, ${colour()} 14%, transparent)` } : {}),
      gaps: (plot, _series, _first, _last, gaps) => {
        const width = (plot.bbox.width * this.#reach) / Math.max(1, this.model.steps.atMs.length);
        return gaps.filter(([from, to]) => to - from > width);
      },
      fillTo: () => this.#range(series.isRight)[0],
      points: {
        show: true,
        size: 4,
        width: 0,
        fill: colour,
        filter: () => isolated(this.model.series[index]?.values ?? [], this.#reach),
      },
    } as uPlot.Series;
  }

  #axis(scale: 'left' | 'right', unit: Unit): uPlot.Axis {
    const { palette, formats } = this.#tools;
    return {
      scale,
      side: scale === 'left' ? 3 : 1,
      size: gutter,
      gap: 6,
      space: 30,
      incrs: incrementsOf(unit),
      font: `11px ${palette().fontFamily}`,
      stroke: () => palette().muted,
      grid: { show: scale === 'left', stroke: () => palette().grid, width: 1 },
      ticks: { show: false },
      border: { show: false },
      values: (_plot, splits) => formats.axis(splits, unit),
    };
  }

  /** How many steps a line goes on over a gap. */
  get #reach(): number {
    const { atMs, stepMs } = this.model.steps;
    return Math.max(1, Math.floor(Math.min(atMs.length * bridged, mostBridgedMs / stepMs)));
  }

  /** From zero to a little above the maximum; a share ends at 1, and begins where its differences can be seen. */
  #range(isRight: boolean): [number, number] {
    const list = this.model.series.filter((one) => one.isRight === isRight);
    const first = list[0];
    if (first?.unit === 'share') return [shareFloor(extremes(first.values)?.least), 1];
    const tops = stacked(list.filter(isBar).map(({ values }) => values)).at(-1) ?? [];
    const lines = list.filter((one) => !isBar(one)).flatMap(({ values }) => extremes(values)?.most ?? []);
    const most = Math.max(0, ...tops, ...lines);
    return [0, most === 0 ? 1 : most * 1.08];
  }
}

function isBar({ style }: ChartSeries): boolean {
  return style === 'bar';
}
