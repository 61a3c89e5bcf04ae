import type uPlot from 'uplot';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { plainTable } from '../elements/dataTable.ts';
import { element, swatch } from '../elements/element.ts';
import type { Unit } from '../elements/formats.ts';
import { paintBars } from './barPaint.ts';
import { type CardActions, CardFrame } from './cardFrame.ts';
import { type ChartModel, type ChartSeries, type StepRange, stepRange, stepText } from './chartModels.ts';
import { extremes, isolated, middleOf, shareFloor, stacked, stepAt } from './series.ts';
import { gutter, type PlotContext, spanOf, TimePlot } from './timePlot.ts';

const plotHeight = 168;
const dayMs = 86_400_000;
/** A line goes on over a gap of less than this share of the picture: a quiet quarter of an hour is no outage. */
const bridged = 0.03;

export interface Shown {
  readonly model: ChartModel;
  readonly metrics: Metrics;
}

/** A chart over time with its frame. `update` gives it figures, `fit` its width, `redraw` the colours of the moment. */
export class SeriesCard {
  readonly frame: CardFrame;
  readonly #context: PlotContext;
  readonly #texts: DashboardTexts;
  #shown: Shown;
  #plot: TimePlot | undefined;
  #signature = '';
  #legendValues: readonly HTMLElement[] = [];

  constructor(shown: Shown, texts: DashboardTexts, context: PlotContext, actions: CardActions) {
    this.#shown = shown;
    this.#texts = texts;
    this.#context = { ...context, onPick: (ms) => actions.onPick(this.#rangeAt(ms)) };
    this.frame = new CardFrame(
      shown.model.name,
      shown.model.title,
      texts,
      {
        pick: (step) => actions.onPick(this.#rangeAt(this.#middle(step)), this.frame.stage),
        zoom: (step, direction) => actions.onZoom(this.#middle(step), direction),
        steps: () => this.#shown.model.steps.atMs.length,
        step: () => this.#step(),
        moveTo: (step) => context.hub.set(this.#middle(step)),
        textOf: (step) => stepText(this.#shown.model, step, context.formats),
      },
      () => this.#table(),
    );
    this.frame.reserve(plotHeight);
  }

  update(shown: Shown): void {
    this.#shown = shown;
    const { model } = shown;
    const signature = model.series.map(({ label, style }) => `${label}/${style}`).join();
    if (signature !== this.#signature) this.#destroy();
    this.#signature = signature;
    if (this.#plot === undefined) this.#draw();
    else this.#plot.plot.setData(this.#data());
    this.frame.update(model.summary, model.isEmpty ? this.#texts.chart.nothing : undefined);
    this.#tellLegend();
  }

  fit(): void {
    const width = this.frame.stage.clientWidth;
    if (width > 0) this.#plot?.plot.setSize({ width, height: plotHeight });
  }

  redraw(): void {
    this.#destroy();
    this.update(this.#shown);
  }

  #destroy(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #step(): number {
    const { ms } = this.#context.hub;
    return ms === undefined ? -1 : stepAt(this.#shown.model.steps.atMs, ms);
  }

  #middle(step: number): number {
    return middleOf(this.#shown.model.steps, step);
  }

  #rangeAt(ms: number): StepRange {
    const { model, metrics } = this.#shown;
    return stepRange(model.steps, stepAt(model.steps.atMs, ms), metrics);
  }

  /** Each step is drawn in its middle, where its bar is; bars reach to the sum of those below them. */
  #data(): uPlot.AlignedData {
    const { model } = this.#shown;
    const tops = stacked(model.series.filter(isBar).map(({ values }) => values));
    let bar = 0;
    const lists = model.series.map((one) => (isBar(one) ? (tops[bar++] ?? []) : [...one.values]));
    return [model.steps.atMs.map((_, index) => middleOf(model.steps, index)), ...lists];
  }

  #draw(): void {
    const { model } = this.#shown;
    const hasRight = model.series.some(({ isRight }) => isRight);
    const left = model.series.find(({ isRight }) => !isRight);
    const right = model.series.find(({ isRight }) => isRight);
    this.#plot = new TimePlot(this.frame.stage, this.#context, () => spanOf(this.#shown.metrics), {
      width: Math.max(200, this.frame.stage.clientWidth),
      height: plotHeight,
      data: this.#data(),
      series: model.series.map((_, index) => this.#seriesOptions(index)),
      scales: {
        left: { range: () => this.#range(false) },
        ...(hasRight ? { right: { range: () => this.#range(true) } } : {}),
      },
      axes: [
        this.#axis('left', left?.unit ?? 'count'),
        ...(right === undefined ? [] : [this.#axis('right', right.unit)]),
      ],
      hooks: {
        drawAxes: [(plot) => paintBars(plot, this.#shown.model, this.#context.palette())],
        setCursor: [() => this.#cursorMoved()],
      },
      pointSize: (index) => (model.series[index - 1]?.style === 'bar' ? 0 : 7),
    });
    this.#drawLegend();
  }

  #seriesOptions(index: number): uPlot.Series {
    const series = this.#shown.model.series[index];
    if (series === undefined) return {};
    const scale = series.isRight ? 'right' : 'left';
    if (isBar(series)) return { scale, paths: () => null, points: { show: false } };
    const colour = (): string => this.#context.palette().inks[series.ink];
    const isAlone = this.#shown.model.series.length === 1;
    return {
      scale,
      stroke: colour,
      width: 1.5,
      ...(series.style === 'dashed' ? { dash: [5, 4] } : {}),
      ...(isAlone ? { fill: () => `color-mix(in srgb, ${colour()} 14%, transparent)` } : {}),
      gaps: (plot, _series, _first, _last, gaps) => gaps.filter(([from, to]) => to - from > plot.bbox.width * bridged),
      fillTo: () => this.#range(series.isRight)[0],
      points: {
        show: true,
        size: 4,
        width: 0,
        fill: colour,
        filter: () => isolated(this.#shown.model.series[index]?.values ?? [], this.#reach),
      },
    } as uPlot.Series;
  }

  #axis(scale: 'left' | 'right', unit: Unit): uPlot.Axis {
    const { palette, formats } = this.#context;
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
    return Math.max(1, Math.floor(this.#shown.model.steps.atMs.length * bridged));
  }

  /** From nothing to a little above the most; a share ends at 1, and begins where its differences can be seen. */
  #range(isRight: boolean): [number, number] {
    const list = this.#shown.model.series.filter((one) => one.isRight === isRight);
    const first = list[0];
    if (first?.unit === 'share') return [shareFloor(extremes(first.values)?.least), 1];
    const tops = stacked(list.filter(isBar).map(({ values }) => values)).at(-1) ?? [];
    const lines = list.filter((one) => !isBar(one)).flatMap(({ values }) => extremes(values)?.most ?? []);
    const most = Math.max(0, ...tops, ...lines);
    return [0, most === 0 ? 1 : most * 1.08];
  }

  #drawLegend(): void {
    const { series } = this.#shown.model;
    // A single share needs no name beside the title, only its value.
    const isNamed = series.length > 1;
    const values = series.map(() => element('span', { class: 'legend-value' }));
    this.#legendValues = values;
    const items = series.map(({ label, ink, style }, index) =>
      element('li', {}, ...(isNamed ? [swatch(ink, style), label] : []), values[index] ?? ''),
    );
    this.frame.legend.replaceChildren(...items);
    this.#tellLegend();
  }

  /** The values under the cursor, or those of the whole range. */
  #tellLegend(): void {
    const step = this.#step();
    for (const [index, target] of this.#legendValues.entries()) {
      const series = this.#shown.model.series[index];
      const value = step < 0 ? series?.whole : series?.values[step];
      target.textContent = this.#context.formats.value(value, series?.unit ?? 'count');
    }
  }

  #cursorMoved(): void {
    this.#tellLegend();
    if (this.#plot?.isPointed !== true) {
      this.frame.showTooltip([]);
      return;
    }
    const { left = -1, top = 0 } = this.#plot.plot.cursor;
    const step = this.#step();
    if (left < 0 || step < 0) this.frame.showTooltip([]);
    else this.frame.showTooltip(this.#tooltip(step), gutter + left, top);
  }

  #tooltip(step: number): Node[] {
    const { model } = this.#shown;
    const { formats } = this.#context;
    const { atMs, stepMs } = model.steps;
    const from = atMs[step] ?? 0;
    const to = atMs[step + 1] ?? from + stepMs;
    const lines = model.series
      .filter(({ style, values }) => style !== 'bar' || model.series.length === 1 || (values[step] ?? 0) > 0)
      .map(({ label, ink, style, unit, values }) =>
        element(
          'div',
          { class: 'tooltip-line' },
          swatch(ink, style),
          label,
          element('b', {}, formats.value(values[step], unit)),
        ),
      );
    const time = `${formats.moment(from)} – ${formats.clock(to)}`;
    return [
      element('div', { class: 'tooltip-time' }, stepMs === dayMs ? formats.date(from) : time),
      ...lines,
      element('div', { class: 'tooltip-hint' }, this.#texts.chart.listHint),
    ];
  }

  #table(): HTMLElement {
    const { model } = this.#shown;
    const { formats } = this.#context;
    const rows = model.steps.atMs.map((ms, step) => [
      formats.moment(ms),
      ...model.series.map(({ values, unit }) => formats.value(values[step], unit)),
    ]);
    return plainTable(model.title, [this.#texts.chart.time, ...model.series.map(({ label }) => label)], rows);
  }
}

function isBar({ style }: ChartSeries): boolean {
  return style === 'bar';
}

/** Distances of ticks that people can read: whole counts, and round durations. */
function incrementsOf(unit: Unit): number[] {
  const decades = (from: number, to: number): number[] => {
    const found: number[] = [];
    for (let power = from; power <= to; power += 1) found.push(...[1, 2, 5].map((one) => Number(`${one}e${power}`)));
    return found;
  };
  if (unit === 'share') return [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1];
  if (unit === 'usd') return decades(-5, 6);
  if (unit !== 'duration') return decades(0, 12);
  const minute = 60_000;
  const seconds = [1, 2, 5, 10, 15, 30].map((one) => one * 1000);
  return [
    ...decades(0, 2),
    ...seconds,
    ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1440, 2880].map((one) => one * minute),
  ];
}
