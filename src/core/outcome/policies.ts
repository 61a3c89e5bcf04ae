import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import type { Outcome, OutcomeClass } from './outcome.ts';

/** The consequences that a class has, whatever led to it. */
export type Policy = Pick<Outcome, 'sameEndpoint' | 'otherEndpoint' | 'countsAgainstBreaker' | 'cooldown'>;

/** A documented end of a rate limit that is later than this is shown, and not waited for. */
export const softClampMs = 30 * minuteMs;
/** Spend limits are monthly; longer ends are invalid. */
export const longestBillingMs = 31 * dayMs;

const neutral: Policy = {
  sameEndpoint: 'no',
  otherEndpoint: 'no',
  countsAgainstBreaker: false,
  cooldown: undefined,
};

/** One row per class: behaviour.md §2, the columns from "same endpoint again" on. */
export const policies: Readonly<Record<OutcomeClass, Policy>> = {
  success: neutral,
  clientAbort: neutral,
  localNetwork: { ...neutral, otherEndpoint: 'otherWay' },
  request: neutral,
  badResponse: {
    ...neutral,
    otherEndpoint: 'yes',
    countsAgainstBreaker: true,
    cooldown: { scope: 'endpoint', kind: 'growing', baseMs: 10_000, maxMs: 5 * minuteMs, free: 0 },
  },
  overloaded: {
    sameEndpoint: 'ifAlone',
    otherEndpoint: 'yes',
    countsAgainstBreaker: true,
    cooldown: { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: 2 * minuteMs, free: 0 },
  },
  billing: { ...neutral, otherEndpoint: 'yes', cooldown: { scope: 'key', kind: 'until', forMs: hourMs } },
  // Without a documented end: the endpoint refused, and every other one may be asked.
  rateLimit: {
    ...neutral,
    otherEndpoint: 'yes',
    cooldown: { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: minuteMs, free: 2 },
  },
  model: { ...neutral, otherEndpoint: 'yes', cooldown: { scope: 'model', kind: 'until', forMs: 10 * minuteMs } },
  auth: { ...neutral, otherEndpoint: 'yes', cooldown: { scope: 'key', kind: 'strike' } },
  transient: { ...neutral, otherEndpoint: 'yes', countsAgainstBreaker: true },
  unknown: { ...neutral, otherEndpoint: 'once', countsAgainstBreaker: true },
};

/**
 * The longest time, in milliseconds, for which a failure of this class puts anything out of use, random additions left
 * out; 0 where it does no such thing. `isSoft` are the growing cooldowns.
 */
export function longestCooldownMs(name: OutcomeClass, isSoft: boolean): number {
  const { cooldown } = policies[name];
  if (isSoft) return cooldown?.kind === 'growing' ? cooldown.maxMs : 0;
  if (name === 'rateLimit') return softClampMs;
  if (name === 'billing') return longestBillingMs;
  return cooldown?.kind === 'until' ? cooldown.forMs : 0;
}
