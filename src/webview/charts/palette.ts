import type { Ink } from './chartModels.ts';

const inks: readonly Ink[] = [
  'ok',
  'saved',
  'client',
  'aborted',
  'broken',
  'error',
  'fatal',
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'quiet',
];

/** The colours of the moment, as a canvas understands them. */
export interface Palette {
  readonly inks: Readonly<Record<Ink, string>>;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  readonly fontFamily: string;
  /** Colours alone may not be told apart: patterns have to help. */
  readonly isHighContrast: boolean;
}

/** Reads the theme from the style sheet's variables, which follow those of VS Code. */
export function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const read = (variable: string): string => {
    probe.style.color = `var(--sb-${variable})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(inks.map((ink) => [ink, read(ink)])) as Record<Ink, string>;
  const palette: Palette = {
    inks: colours,
    text: read('text'),
    muted: read('muted'),
    grid: read('grid'),
    background: read('background'),
    fontFamily: getComputedStyle(document.body).fontFamily,
    isHighContrast: isHighContrast(),
  };
  probe.remove();
  return palette;
}

function isHighContrast(): boolean {
  const { classList } = document.body;
  return (
    classList.contains('vscode-high-contrast') ||
    classList.contains('vscode-high-contrast-light') ||
    matchMedia('(forced-colors: active)').matches
  );
}

/** Calls back after VS Code has changed the theme: it does so by class and style of the page. */
export function onThemeChange(changed: () => void): void {
  let isDue = false;
  const notice = (): void => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      changed();
    });
  };
  const observer = new MutationObserver(notice);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
}

/** How each ink is filled where colours are not enough. `plain` inks are told apart by what they lie between. */
const patterns: Readonly<Record<Ink, 'plain' | 'rising' | 'falling' | 'dots' | 'crosses' | 'level' | 'upright'>> = {
  ok: 'plain',
  saved: 'rising',
  client: 'dots',
  aborted: 'level',
  broken: 'falling',
  error: 'crosses',
  fatal: 'upright',
  first: 'plain',
  second: 'rising',
  third: 'dots',
  fourth: 'falling',
  fifth: 'level',
  sixth: 'crosses',
  quiet: 'level',
};

const strokes: Readonly<Record<(typeof patterns)[Ink], string>> = {
  plain: '',
  rising: 'M-2 2L2 -2M0 8L8 0M6 10L10 6',
  falling: 'M-2 6L2 10M0 0L8 8M6 -2L10 2',
  dots: 'M0.5 2h2.5M4.5 6h2.5',
  crosses: 'M0 0L8 8M8 0L0 8',
  level: 'M0 2h8M0 6h8',
  upright: 'M2 0v8M6 0v8',
};

/** How to fill an area with an ink: its colour, in high contrast with a pattern. */
export function fillOf(context: CanvasRenderingContext2D, ink: Ink, palette: Palette): string | CanvasPattern {
  const colour = palette.inks[ink];
  const stroke = strokes[patterns[ink]];
  if (!palette.isHighContrast || stroke === '') return colour;
  const size = 8;
  const scale = Math.max(1, Math.round(devicePixelRatio));
  const tile = document.createElement('canvas');
  tile.width = size * scale;
  tile.height = size * scale;
  const drawing = tile.getContext('2d');
  if (drawing === null) return colour;
  drawing.scale(scale, scale);
  drawing.fillStyle = palette.background;
  drawing.fillRect(0, 0, size, size);
  drawing.globalAlpha = 0.35;
  drawing.fillStyle = colour;
  drawing.fillRect(0, 0, size, size);
  drawing.globalAlpha = 1;
  drawing.strokeStyle = colour;
  drawing.lineWidth = 1.5;
  drawing.stroke(new Path2D(stroke));
  return context.createPattern(tile, 'repeat') ?? colour;
}
