import uPlot from 'uplot';
import type { Metrics } from '../../contract/metrics.ts';
import type { Formats } from '../elements/formats.ts';
import type { CursorFollower, CursorHub } from './cursorHub.ts';
import type { Palette } from './palette.ts';
import { timeTicks } from './timeTicks.ts';

/** A stretch of time and what happens in a plot of it. */
export interface PlotContext {
  readonly hub: CursorHub;
  readonly formats: Formats;
  readonly palette: () => Palette;
  /** A range was drawn with the mouse. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** A moment was clicked on; `y` is in CSS pixels from the top of the plot. */
  readonly onPick: (ms: number, y: number) => void;
  readonly onZoomOut: () => void;
}

export interface PlotSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The requested range up to the end of the last step, so that current data is not cut off. */
export function spanOf({ fromMs, toMs, stepMs, series }: Metrics): PlotSpan {
  return { fromMs, toMs: Math.max(toMs, (series.atMs.at(-1) ?? fromMs) + stepMs) };
}

/** Left of every plot, so that the cursors of charts below each other meet. */
export const gutter = 58;
export const axisHeight = 24;
export const topPadding = 8;
const rightMargin = 20;
/** More than this is a range, not a click. */
const clickPixels = 4;
/** A second click within this time makes it a double click, which means something else. */
const doubleClickMs = 240;

/** The parts of a plot besides its time axis. */
export interface PlotParts {
  readonly series: uPlot.Series[];
  readonly scales: uPlot.Scales;
  readonly axes: uPlot.Axis[];
  /** Of the points under the cursor, in CSS pixels. */
  readonly pointSize: (seriesIndex: number) => number;
}

interface PlotOptions extends PlotParts {
  readonly width: number;
  readonly height: number;
  readonly data: uPlot.AlignedData;
  /** Paints what lies behind the lines. */
  readonly paint: (plot: uPlot) => void;
  readonly onCursor: () => void;
}

/** A place in a plot: its moment, and CSS pixels from the left and the top of the plot. */
export interface PlotPoint {
  readonly ms: number;
  readonly left: number;
  readonly top: number;
}

/** A uPlot over a stretch of time that shares its cursor; what is drawn in it is the caller's. */
export class TimePlot implements CursorFollower {
  readonly plot: uPlot;
  readonly #hub: CursorHub;
  #isPointed = false;

  constructor(host: HTMLElement, context: PlotContext, span: () => PlotSpan, parts: PlotOptions) {
    this.#hub = context.hub;
    const { width, height, series, scales, axes } = parts;
    const options: uPlot.Options = {
      width,
      height,
      ms: 1,
      padding: [topPadding, rightMargin, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range: () => [span().fromMs, span().toMs] }, ...scales },
      axes: [timeAxis(context, span), ...axes],
      series: [{}, ...series],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: clickPixels },
        points: { size: (_plot, index) => parts.pointSize(index) },
        bind: { dblclick: () => () => null },
      },
      hooks: {
        drawAxes: [parts.paint],
        setCursor: [(plot) => this.#cursorMoved(plot), parts.onCursor],
        setSelect: [(plot) => this.#selected(plot, context)],
      },
    };
    this.plot = new uPlot(options, parts.data, host);
    this.#listen(context);
    context.hub.follow(this);
  }

  /** Where the mouse is; undefined while it is not over this plot. */
  get pointed(): PlotPoint | undefined {
    const { left = -1, top = 0 } = this.plot.cursor;
    return this.#isPointed && left >= 0 ? { ms: this.plot.posToVal(left, 'x'), left, top } : undefined;
  }

  showCursor(ms: number | undefined): void {
    if (this.#isPointed) return;
    const left = ms === undefined ? -10 : this.plot.valToPos(ms, 'x');
    const isInside = left >= 0 && left <= this.plot.over.clientWidth;
    this.plot.setCursor({ left: isInside ? left : -10, top: isInside ? 1 : -10 }, true);
  }

  destroy(): void {
    this.#hub.unfollow(this);
    this.plot.destroy();
  }

  #listen({ onPick, onZoomOut }: PlotContext): void {
    const { over } = this.plot;
    let downX = 0;
    let picking: number | undefined;
    over.addEventListener('mouseenter', () => {
      this.#isPointed = true;
    });
    over.addEventListener('mouseleave', () => {
      this.#isPointed = false;
      this.#hub.set(undefined);
    });
    over.addEventListener('mousedown', (event) => {
      downX = event.clientX;
    });
    over.addEventListener('click', (event) => {
      if (Math.abs(event.clientX - downX) >= clickPixels || event.detail > 1) return;
      const box = over.getBoundingClientRect();
      const [ms, y] = [this.plot.posToVal(event.clientX - box.left, 'x'), event.clientY - box.top];
      picking = setTimeout(() => onPick(ms, y), doubleClickMs);
    });
    over.addEventListener('dblclick', () => {
      clearTimeout(picking);
      onZoomOut();
    });
  }

  #cursorMoved(plot: uPlot): void {
    if (!this.#isPointed) return;
    const { left = -1 } = plot.cursor;
    this.#hub.set(left < 0 ? undefined : plot.posToVal(left, 'x'));
  }

  #selected(plot: uPlot, { onZoom }: PlotContext): void {
    const { left, width } = plot.select;
    if (width < clickPixels) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
  }
}

function timeAxis({ formats, palette }: PlotContext, span: () => PlotSpan): uPlot.Axis {
  const ticks = (plot: uPlot) =>
    timeTicks(span().fromMs, span().toMs, Math.floor(plot.bbox.width / devicePixelRatio / 68));
  return {
    scale: 'x',
    side: 2,
    size: axisHeight,
    gap: 4,
    font: `11px ${palette().fontFamily}`,
    stroke: () => palette().muted,
    grid: { show: false },
    ticks: { show: true, size: 4, width: 1, stroke: () => palette().grid },
    border: { show: true, width: 1, stroke: () => palette().grid },
    splits: (plot) => [...ticks(plot).atMs],
    values: (plot, splits) => {
      const { kind } = ticks(plot);
      return splits.map((ms) => {
        if (kind === 'month') return formats.month(ms);
        const isMidnight = new Date(ms).getHours() === 0 && new Date(ms).getMinutes() === 0;
        return kind === 'date' || isMidnight ? formats.date(ms) : formats.clock(ms);
      });
    },
  };
}
