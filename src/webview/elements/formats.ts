import { dayMs, hourMs, minuteMs, secondMs } from '../../base/time.ts';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';

/** The unit of a number on the page. */
export type Unit = 'count' | 'tokens' | 'share' | 'duration' | 'usd' | 'usdInList';

/** How this reader writes numbers and times; times are in the zone of the machine that shows the page. */
export interface Formats {
  /** A number with its unit, or `—` where nothing was measured. */
  value(value: number | null | undefined, unit: Unit): string;
  /** The labels of an axis, all in one unit with as many digits as their distance needs. */
  axis(values: readonly number[], unit: Unit): string[];
  /** `1,234`. */
  count(value: number): string;
  /** `14:05`, with seconds on demand. */
  clock(ms: number, withSeconds?: boolean): string;
  /** `25 Nov, 14:05`, with seconds on demand. */
  moment(ms: number, withSeconds?: boolean): string;
  /** `25 Nov`. */
  date(ms: number): string;
  /** `Nov`, in January with the year. */
  month(ms: number): string;
  /** `11/25/26` of `2026-11-25`, a calendar day of no zone, as this reader writes it. */
  isoDate(isoDay: string): string;
  /** The same with the day of the week. */
  day(isoDay: string): string;
}

/** Puts a value in the place of each `{0}`, `{1}`... */
export function fill(template: string, ...values: readonly (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

export const nothing = '—';

/** `16.4k`, `1.07M` in every language, as in the sidebar. */
const thousands = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

export function formatsFor(locale: string, units: DashboardTexts['units']): Formats {
  const number = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value) => format.format(value);
  };
  const date = (options: Intl.DateTimeFormatOptions): ((ms: number) => string) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (ms) => format.format(ms);
  };
  const clockParts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const count = number({ maximumFractionDigits: 0 });
  const compact = (value: number): string => thousands.format(value).replace('K', 'k');
  const cents = number({ style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' });
  const small = number({
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    maximumSignificantDigits: 2,
  });
  // In a column the points of all amounts stand below each other.
  const exact = number({
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
  });
  const fixed = [0, 1, 2].map((digits) => number({ minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const digits = (value: number, places: number): string => (fixed[places] ?? count)(value);
  const clock = date(clockParts);
  const seconds = date({ ...clockParts, second: '2-digit' });
  const moment = date({ month: 'short', day: 'numeric', ...clockParts });
  const exactMoment = date({ month: 'short', day: 'numeric', ...clockParts, second: '2-digit' });
  const shortDate = date({ month: 'short', day: 'numeric' });
  const month = date({ month: 'short' });
  const monthAndYear = date({ month: 'short', year: 'numeric' });
  const calendar = date({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const plainDate = date({ dateStyle: 'short', timeZone: 'UTC' });
  const percentSign = number({ style: 'percent' })(0).replace(/\d/, '{0}');

  const duration = (ms: number): string => {
    if (ms < 999.5) return fill(units.ms, ms > 0 && ms < 9.95 ? digits(ms, 1) : count(ms));
    if (ms < 59_950) return fill(units.s, digits(ms / secondMs, ms < 9950 ? 2 : 1));
    if (ms < 99.5 * minuteMs) return fill(units.min, digits(ms / minuteMs, ms < 9.95 * minuteMs ? 1 : 0));
    return ms < 48 * hourMs
      ? fill(units.h, digits(ms / hourMs, ms < 9.95 * hourMs ? 1 : 0))
      : fill(units.d, digits(ms / dayMs, 1));
  };
  /** 100 only when nothing is missing, 0 only when nothing is there. */
  const share = (value: number): string => {
    const percent = value * 100;
    if (percent >= 100 || percent <= 0) return fill(percentSign, count(percent));
    return fill(percentSign, digits(Math.min(99.9, Math.max(0.1, percent)), 1));
  };
  const usd = (value: number): string => {
    if (value >= 10_000) return `$${compact(value)}`;
    return value === 0 || value >= 0.01 ? cents(value) : small(value);
  };
  const words: Readonly<Record<Unit, (value: number) => string>> = {
    count: (value) => (value < 100_000 ? count(value) : compact(value)),
    tokens: (value) => (value < 10_000 ? count(value) : compact(value)),
    share,
    duration,
    usd,
    usdInList: (value) => (value >= 10_000 ? usd(value) : exact(value)),
  };
  return {
    value: (value, unit) => (value === null || value === undefined ? nothing : words[unit](value)),
    axis: (values, unit) => axisLabels(values, unit, { units, digits, compact, cents, percentSign }),
    count,
    clock: (ms, withSeconds = false) => (withSeconds ? seconds(ms) : clock(ms)),
    moment: (ms, withSeconds = false) => (withSeconds ? exactMoment(ms) : moment(ms)),
    date: shortDate,
    month: (ms) => (new Date(ms).getMonth() === 0 ? monthAndYear(ms) : month(ms)),
    isoDate: (isoDay) => plainDate(Date.parse(`${isoDay}T00:00:00Z`)),
    day: (isoDay) => calendar(Date.parse(`${isoDay}T00:00:00Z`)),
  };
}

interface AxisWords {
  readonly units: DashboardTexts['units'];
  readonly digits: (value: number, places: number) => string;
  readonly compact: (value: number) => string;
  readonly cents: (value: number) => string;
  readonly percentSign: string;
}

function axisLabels(values: readonly number[], unit: Unit, words: AxisWords): string[] {
  const { units, digits, compact, cents, percentSign } = words;
  const step = Math.abs((values[1] ?? 1) - (values[0] ?? 0)) || 1;
  /** Digits after the point that tell two neighbours apart. */
  const places = (distance: number): number => (distance >= 0.999 ? 0 : distance >= 0.0999 ? 1 : 2);
  const scaled = (divisor: number, template: string): string[] =>
    values.map((value) => fill(template, digits(value / divisor, places(step / divisor))));
  switch (unit) {
    case 'share':
      return values.map((value) => fill(percentSign, digits(value * 100, places(step * 100))));
    case 'duration': {
      const most = Math.max(...values);
      if (most < secondMs) return scaled(1, units.ms);
      if (most < 3 * minuteMs) return scaled(secondMs, units.s);
      return most < 3 * hourMs ? scaled(minuteMs, units.min) : scaled(hourMs, units.h);
    }
    case 'usd':
    case 'usdInList':
      return values.map((value) => (step >= 1 ? `$${compact(value)}` : cents(value)));
    case 'count':
    case 'tokens':
      return values.map((value) => (Number.isInteger(step) ? compact(value) : digits(value, places(step))));
    default:
      return unit satisfies never;
  }
}

/** Round distances between the ticks of an axis in this unit. */
export function incrementsOf(unit: Unit): number[] {
  const decades = (from: number, to: number): number[] => {
    const found: number[] = [];
    for (let power = from; power <= to; power += 1) found.push(...[1, 2, 5].map((one) => Number(`${one}e${power}`)));
    return found;
  };
  if (unit === 'share') return [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1];
  if (unit === 'usd') return decades(-5, 6);
  if (unit !== 'duration') return decades(0, 12);
  const seconds = [1, 2, 5, 10, 15, 30].map((one) => one * secondMs);
  return [
    ...decades(0, 2),
    ...seconds,
    ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1440, 2880].map((one) => one * minuteMs),
  ];
}
