import type uPlot from 'uplot';
import type { Band, BandRow } from './bandModels.ts';
import { fillOf, type Palette } from './palette.ts';

/** CSS pixels of a row: its name above, its bands below. */
export const rowHeight = 36;
const nameHeight = 15;
const bandHeight = 15;
const padding = 5;

/** Paints rows of bands over the stretch of time that the plot shows. */
export function paintBands(plot: uPlot, rows: readonly BandRow[], palette: Palette): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
  ctx.clip();
  ctx.textBaseline = 'middle';
  for (const [index, { label, bands }] of rows.entries()) {
    const top = bbox.top + index * rowHeight * scale;
    ctx.font = `${11 * scale}px ${palette.fontFamily}`;
    ctx.fillStyle = palette.text;
    ctx.textAlign = 'left';
    ctx.fillText(label, bbox.left, top + (nameHeight / 2) * scale);
    const bandTop = top + nameHeight * scale;
    ctx.fillStyle = palette.grid;
    ctx.fillRect(bbox.left, bandTop, bbox.width, bandHeight * scale);
    // Long bands first, so that short troubles are painted over them.
    const ordered = bands.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
    for (const band of ordered) paintBand(plot, band, bandTop, palette);
  }
  ctx.restore();
}

function paintBand(plot: uPlot, band: Band, top: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const left = Math.max(bbox.left, plot.valToPos(band.fromMs, 'x', true));
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(band.toMs, 'x', true));
  if (right < bbox.left || left > bbox.left + bbox.width) return;
  const x = Math.round(left);
  const width = Math.max(Math.round(2 * scale), Math.round(right) - x);
  ctx.fillStyle = fillOf(ctx, band.ink, palette);
  ctx.fillRect(x, top, width, bandHeight * scale);
  if (palette.isHighContrast) {
    ctx.strokeStyle = palette.inks[band.ink];
    ctx.lineWidth = scale;
    ctx.strokeRect(x + scale / 2, top + scale / 2, width - scale, bandHeight * scale - scale);
  }
  ctx.font = `${10 * scale}px ${palette.fontFamily}`;
  const text = ctx.measureText(band.label).width + 2 * padding * scale;
  if (text > width) return;
  if (palette.isHighContrast) {
    ctx.fillStyle = palette.background;
    ctx.fillRect(x + 2 * scale, top + 2 * scale, text, (bandHeight - 4) * scale);
  }
  ctx.fillStyle = palette.isHighContrast ? palette.text : palette.background;
  ctx.fillText(band.label, x + padding * scale, top + (bandHeight / 2 + 0.5) * scale);
}

/** The row at `y` CSS pixels below the top of the plot; its index may be that of no row. */
export function rowIndexAt(y: number): number {
  return Math.floor(y / rowHeight);
}
