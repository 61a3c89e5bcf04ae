import type uPlot from 'uplot';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { CardFrame } from './cardFrame.ts';
import { type CardModel, type StepRange, stepRange } from './chartModels.ts';
import { middleOf, stepAt } from './series.ts';
import { gutter, type PlotContext, type PlotParts, type PlotPoint, spanOf, TimePlot, topPadding } from './timePlot.ts';

/** The selection in a card: a period, and in a row of bands also an endpoint or a session. */
export interface Picked extends StepRange {
  readonly endpoint?: string;
  readonly session?: string;
  /** Where the focus comes from, when it was picked by a key. */
  readonly origin?: HTMLElement;
}

export interface CardOptions extends Omit<PlotContext, 'onPick'> {
  readonly texts: DashboardTexts;
  readonly onPick: (picked: Picked) => void;
  readonly zoomAround: (ms: number, direction: 'in' | 'out') => void;
}

/** The services for a drawing. `redraw` draws the same figures again, for a drawing that now shows more or fewer of them. */
export interface DrawingTools extends Pick<CardOptions, 'texts' | 'formats' | 'palette'> {
  readonly frame: CardFrame;
  readonly redraw: () => void;
}

/** How a model is drawn in a card: as lines and bars, or as rows of bands. */
export interface Drawing<M extends CardModel> {
  /** The latest model; set by the card before it asks for anything else. */
  model: M;
  /** A change of it makes a new plot necessary. */
  readonly signature: string;
  /** Of the plot, in CSS pixels. */
  readonly height: number;
  readonly parts: PlotParts;
  /** A list of values for each series of `parts`. */
  readonly values: (number | null)[][];
  paint(plot: uPlot): void;
  /** Updates everything beside the plot. */
  update(): void;
  /** Called when the cursor moves to a step; -1 when it leaves. */
  tellStep?(step: number): void;
  /** The lines of the tooltip at a step: for the mouse at its point, for the keyboard of the whole step. */
  tooltip(step: number, at: PlotPoint | undefined): readonly Node[];
  /** The row at `y` pixels below the top of the plot, as a filter. */
  pickedAt?(y: number): Pick<Picked, 'endpoint' | 'session'>;
}

export type DrawingKind<M extends CardModel> = new (model: M, tools: DrawingTools) => Drawing<M>;

/** The card of a chart over time. `update` gives it figures, `fit` its width, `redraw` the current colours. */
export class TimeCard<M extends CardModel> {
  readonly frame: CardFrame;
  readonly #drawing: Drawing<M>;
  readonly #context: PlotContext;
  #metrics: Metrics;
  #plot: TimePlot | undefined;
  #signature = '';

  constructor(Kind: DrawingKind<M>, model: M, metrics: Metrics, options: CardOptions) {
    const { texts, hub, onPick, zoomAround } = options;
    this.#metrics = metrics;
    this.#context = {
      ...options,
      onPick: (ms, y) => {
        // The list that opens lies above the card.
        this.frame.showTooltip([]);
        onPick({ ...this.#rangeAt(ms), ...this.#drawing.pickedAt?.(y) });
      },
    };
    this.frame = new CardFrame(model, texts, {
      step: () => this.#step,
      moveTo: (step) => hub.set(this.#middle(step)),
      pick: (step) => {
        this.frame.showTooltip([]);
        onPick({ ...this.#rangeAt(this.#middle(step)), origin: this.frame.stage });
      },
      zoom: (step, direction) => zoomAround(this.#middle(step), direction),
    });
    const redraw = (): void => this.update(this.#drawing.model, this.#metrics);
    this.#drawing = new Kind(model, { ...options, frame: this.frame, redraw });
    this.frame.reserve(this.#drawing.height);
  }

  update(model: M, metrics: Metrics): void {
    const drawing = this.#drawing;
    drawing.model = model;
    this.#metrics = metrics;
    if (drawing.signature !== this.#signature) this.#destroy();
    this.#signature = drawing.signature;
    if (this.#plot === undefined) this.#plot = this.#newPlot();
    else this.#plot.plot.setData(this.#data);
    drawing.update();
    drawing.tellStep?.(this.#step);
    this.frame.update(model);
  }

  fit(): void {
    const width = this.frame.stage.clientWidth;
    if (width > 0) this.#plot?.plot.setSize({ width, height: this.#drawing.height });
  }

  redraw(): void {
    this.#destroy();
    this.update(this.#drawing.model, this.#metrics);
  }

  #destroy(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  get #step(): number {
    const { ms } = this.#context.hub;
    return ms === undefined ? -1 : stepAt(this.#drawing.model.steps.atMs, ms);
  }

  #middle(step: number): number {
    return middleOf(this.#drawing.model.steps, step);
  }

  #rangeAt(ms: number): StepRange {
    const { steps } = this.#drawing.model;
    return stepRange(steps, stepAt(steps.atMs, ms), this.#metrics);
  }

  /** Each step is drawn in its middle. */
  get #data(): uPlot.AlignedData {
    return [this.#drawing.model.steps.atMs.map((_, step) => this.#middle(step)), ...this.#drawing.values];
  }

  #newPlot(): TimePlot {
    const { frame } = this;
    const { height, parts } = this.#drawing;
    frame.reserve(height);
    return new TimePlot(frame.stage, this.#context, () => spanOf(this.#metrics), {
      ...parts,
      width: Math.max(200, frame.stage.clientWidth),
      height,
      data: this.#data,
      paint: (plot) => this.#drawing.paint(plot),
      onCursor: () => this.#cursorMoved(),
    });
  }

  #cursorMoved(): void {
    const [step, at] = [this.#step, this.#plot?.pointed];
    this.#drawing.tellStep?.(step);
    if (step < 0 || (at === undefined && !this.frame.isFocused)) {
      this.frame.showTooltip([]);
      return;
    }
    const { left = 0, top = this.#drawing.height / 3 } = at ?? {
      left: this.#plot?.plot.valToPos(this.#middle(step), 'x'),
    };
    this.frame.showTooltip(this.#drawing.tooltip(step, at), gutter + left, topPadding + top);
  }
}
