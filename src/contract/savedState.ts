import { z } from 'zod';
import type { SavedEndpointState } from '../core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { SavedBinding } from '../core/routing/affinity.ts';

/** What a gateway leaves behind for the one that comes after it, as `state.json`. Times are wall clock; holds no key. */
export interface SavedState {
  /** Of this format; whoever finds another one begins anew. */
  readonly version: typeof savedStateVersion;
  readonly savedAtMs: number;
  readonly endpoints: readonly SavedEndpoint[];
  /** One endpoint for everything, chosen by hand. */
  readonly override: { readonly endpointId: string; readonly untilMs: number } | null;
  /** Least recently used first. */
  readonly sessions: readonly SavedBinding[];
}

/** The state of one endpoint, and for what it holds. */
export interface SavedEndpoint extends SavedEndpointState {
  readonly id: string;
  /** Marks that tell whether destination and key are still the same, and nothing else; null where there was no key. */
  readonly routeMark: string;
  readonly keyMark: string | null;
  /** What the configuration said. */
  readonly enabled: boolean;
}

export const savedStateVersion = 1;

const text = z.string().max(1000);
const time = z.number();
const count = z.number();

const outcomeClass = z.enum({
  success: 'success',
  clientAbort: 'clientAbort',
  localNetwork: 'localNetwork',
  badResponse: 'badResponse',
  overloaded: 'overloaded',
  billing: 'billing',
  rateLimit: 'rateLimit',
  model: 'model',
  auth: 'auth',
  transient: 'transient',
  request: 'request',
  unknown: 'unknown',
} as const satisfies { readonly [Name in OutcomeClass]: Name });

const breaker = z.object({
  state: z.enum(['closed', 'open', 'halfOpen']),
  consecutiveFailures: count,
  level: count,
  sinceMs: time,
});

const cooldowns = z.object({
  active: z.array(
    z.object({
      scope: text,
      causedBy: outcomeClass,
      reason: text,
      isSoft: z.boolean(),
      sinceMs: time,
      untilMs: time,
      quotaUntilMs: time.nullable(),
    }),
  ),
  growth: z.array(
    z.object({ causedBy: outcomeClass, scope: text, level: count, untilMs: time, failedAtMs: z.array(time).max(1000) }),
  ),
});

const suspension = z.object({
  strikeAtMs: time.nullable(),
  current: z.object({ reason: text, sinceMs: time, untilMs: time }).nullable(),
});

const endpoint = z.object({
  id: text,
  routeMark: text,
  keyMark: text.nullable(),
  enabled: z.boolean(),
  enabledOverride: z.boolean().nullable(),
  breaker,
  cooldowns,
  suspension,
  lastFailure: z.object({ class: outcomeClass, reason: text, atMs: time }).nullable(),
});

/** What a file must look like to be believed; its numbers may still be nonsense. */
export const savedState = z.object({
  version: z.literal(savedStateVersion),
  savedAtMs: time,
  endpoints: z.array(endpoint),
  override: z.object({ endpointId: text, untilMs: time }).nullable(),
  sessions: z.array(z.tuple([text, text, time, time, count, text.nullable()])),
}) satisfies z.ZodType<SavedState>;
