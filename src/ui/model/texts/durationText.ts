import { minuteMs, secondMs } from '../../../base/time.ts';
import type { Translate, ViewContext } from '../viewContext.ts';

/** An age: `just now`, `3 min ago`. */
export function agoText(atMs: number, { nowMs, t }: ViewContext): string {
  const ms = nowMs - atMs;
  if (ms < 10_000) return t('just now');
  // Rounded down: 61 s ago is one minute ago, not two.
  if (ms < minuteMs) return t('{0} ago', t('{0} s', Math.floor(ms / 10_000) * 10));
  const minutes = Math.floor(ms / minuteMs);
  if (minutes < 60) return t('{0} ago', t('{0} min', minutes));
  const hours = Math.floor(minutes / 60);
  return t('{0} ago', hours < 48 ? t('{0} h', hours) : t('{0} d', Math.floor(hours / 24)));
}

/** A measured duration: `8 ms`, `412 ms`, `3.2 s`, `2 min`. */
export function latencyText(ms: number, t: Translate): string {
  if (ms < 999.5) return t('{0} ms', Math.round(ms));
  if (ms < 59_950) return t('{0} s', (ms / secondMs).toFixed(1));
  const minutes = Math.round(ms / minuteMs);
  return minutes < 120 ? t('{0} min', minutes) : t('{0} h', Math.round(minutes / 60));
}

/** A share from 0 to 1 in percent; 100 only for exactly 1. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent === 100 ? 100 : Math.min(99, Math.round(percent))}%`;
}

/** A count of tokens: `840`, `12.3k`, `1.2M`. */
export function tokensText(count: number): string {
  if (count < 1000) return String(count);
  if (count < 999_950) return `${(count / 1000).toFixed(1)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** An amount of US dollars: `$1.23`, `$0.056`; small ones with two digits that count. */
export function usdText(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  return `$${usd < 0.1 ? usd.toPrecision(2) : usd.toFixed(2)}`;
}
