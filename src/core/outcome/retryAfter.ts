import { dayMs, hourMs, minuteMs, secondMs } from '../../base/time.ts';

/** Header lookup by lower-case name. */
type HeaderLookup = (name: string) => string | undefined;

const resetGroups = [
  { remaining: 'anthropic-ratelimit-requests-remaining', reset: 'anthropic-ratelimit-requests-reset' },
  { remaining: 'anthropic-ratelimit-tokens-remaining', reset: 'anthropic-ratelimit-tokens-reset' },
  { remaining: 'anthropic-ratelimit-input-tokens-remaining', reset: 'anthropic-ratelimit-input-tokens-reset' },
  { remaining: 'anthropic-ratelimit-output-tokens-remaining', reset: 'anthropic-ratelimit-output-tokens-reset' },
  { remaining: 'x-ratelimit-remaining-requests', reset: 'x-ratelimit-reset-requests' },
  { remaining: 'x-ratelimit-remaining-tokens', reset: 'x-ratelimit-reset-tokens' },
];

/** The end of a rate limit, and whether it applies to the whole key. */
export interface RateLimitReset {
  readonly forMs: number;
  readonly isUnified: boolean;
}

/**
 * Milliseconds until the documented end of a rate limit, or undefined where the answer names none (behaviour.md §2,
 * row 7): `retry-after-ms`, else `retry-after` (seconds or HTTP date, RFC 9110 10.2.3), else the unified reset (unix
 * seconds), else the latest reset among the buckets whose `remaining` is 0. Nonsense counts as absent; never negative.
 */
export function rateLimitReset(header: HeaderLookup, wallMs: number): RateLimitReset | undefined {
  const isUnified = header('anthropic-ratelimit-unified-status') === 'rejected';
  const forMs = retryAfterMs(header, wallMs) ?? unifiedMs(header, wallMs) ?? bucketsMs(header, wallMs);
  return forMs === undefined ? undefined : { forMs, isUnified };
}

/**
 * `retry-after-ms`, else `retry-after`, in milliseconds from now; undefined where absent or nonsense. A header that is there
 * several times (joined by commas) means the longest of the times that make sense.
 */
export function retryAfterMs(header: HeaderLookup, wallMs: number): number | undefined {
  return (
    longest(header('retry-after-ms'), finite) ??
    longest(header('retry-after'), (one) => {
      const seconds = finite(one);
      return seconds === undefined ? untilDate(one, wallMs) : seconds * secondMs;
    })
  );
}

/** The longest of the values that are joined in a header; a comma after a weekday belongs to its date. */
function longest(joined: string | undefined, read: (one: string) => number | undefined): number | undefined {
  if (joined === undefined) return undefined;
  const times = joined.split(/(?<![A-Z][a-z]{2,8}), */).flatMap((one) => read(one.trim()) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function unifiedMs(header: HeaderLookup, wallMs: number): number | undefined {
  if (header('anthropic-ratelimit-unified-status') !== 'rejected') return undefined;
  const seconds = finite(header('anthropic-ratelimit-unified-reset'));
  return seconds === undefined ? undefined : Math.max(0, seconds * secondMs - wallMs);
}

function bucketsMs(header: HeaderLookup, wallMs: number): number | undefined {
  let latest: number | undefined;
  for (const { remaining, reset } of resetGroups) {
    if (finite(header(remaining)) !== 0) continue;
    const value = header(reset);
    const forMs = value === undefined ? undefined : (durationMs(value) ?? untilDate(value, wallMs));
    if (forMs !== undefined) latest = Math.max(latest ?? 0, forMs);
  }
  return latest;
}

/** A duration as OpenAI writes it: `6m0s`, `1h2m`, `350ms`, `2s`, `1.5s`. */
function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+$/.test(text)) return undefined;
  const unitMs: Readonly<Record<string, number>> = { ms: 1, s: secondMs, m: minuteMs, h: hourMs, d: dayMs };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|d|h|m|s)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return total;
}

/** Only dates that begin with a weekday (RFC 9110) or a year (RFC 3339): `Date.parse` accepts far too much. */
function untilDate(text: string, wallMs: number): number | undefined {
  if (!/^(?:[A-Z][a-z]{2,8},? |\d{4}-\d\d-\d\dT)/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - wallMs);
}

/** A plain non-negative decimal number with at most 10 digits before the point. */
function finite(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}
