import type uPlot from 'uplot';
import type { ChartModel } from './chartModels.ts';
import { fillOf, type Palette } from './palette.ts';
import { stacked } from './series.ts';

/** Bars narrower than this, in CSS pixels, stand side by side without a gap. */
const gapFromPixels = 4;

/** A pattern has no room in narrower ones. */
const patternFromPixels = 8;

/** Paints the bars of a chart on each other, one stack a step, as wide as the step. */
export function paintBars(plot: uPlot, model: ChartModel, palette: Palette): void {
  const bars = model.series.filter(({ style }) => style === 'bar');
  if (bars.length === 0) return;
  const tops = stacked(bars.map(({ values }) => values));
  const { ctx, bbox } = plot;
  const { atMs, stepMs } = model.steps;
  const edges = atMs.map((ms, index) =>
    [ms, atMs[index + 1] ?? ms + stepMs].map((one) => plot.valToPos(one, 'x', true)),
  );
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  // A little of the ground shines through: large areas are calmer than the lines of other charts.
  ctx.globalAlpha = palette.isHighContrast ? 1 : 0.82;
  for (const [index, { ink }] of bars.entries()) {
    const widest = edges.at(-1);
    const isThin = ((widest?.[1] ?? 0) - (widest?.[0] ?? 0)) / devicePixelRatio < patternFromPixels;
    ctx.fillStyle = isThin ? palette.inks[ink] : fillOf(ctx, ink, palette);
    for (const [step, [left = 0, right = 0]] of edges.entries()) {
      const top = tops[index]?.[step] ?? 0;
      const base = tops[index - 1]?.[step] ?? 0;
      if (top <= base) continue;
      const width = right - left;
      const gap = width / devicePixelRatio >= gapFromPixels ? Math.max(1, width * 0.12) : 0;
      const x = Math.round(left + gap / 2);
      const y = Math.round(plot.valToPos(top, 'left', true));
      const bottom = Math.round(plot.valToPos(base, 'left', true));
      // Any value above zero stays visible.
      ctx.fillRect(x, Math.min(y, bottom - 1), Math.max(1, Math.round(right - gap / 2) - x), Math.max(1, bottom - y));
    }
  }
  ctx.restore();
}
