import * as z from 'zod';
import type { SavedEndpointState } from '../core/endpoint/endpointState.ts';
import { failureClasses } from '../core/outcome/outcome.ts';
import type { Reason } from '../core/outcome/reason.ts';
import type { SavedBinding } from '../core/routing/affinity.ts';
import type { SavedReference } from '../core/routing/storedReferences.ts';

/** The state that a gateway saves for its successor in `state.json`. Times are wall clock; contains no key. */
export interface SavedState {
  /** The version of this format; a gateway ignores any other version. */
  readonly version: typeof savedStateVersion;
  readonly savedAtMs: number;
  readonly endpoints: readonly SavedEndpoint[];
  /** The endpoint chosen by hand for all requests. */
  readonly override: { readonly endpointId: string; readonly untilMs: number } | null;
  /** Least recently used first. */
  readonly sessions: readonly SavedBinding[];
  /** Those that have lost their endpoint. Not in files of earlier versions. */
  readonly unbound?: readonly SavedBinding[] | undefined;
  /** Oldest first. Not in files of earlier versions. */
  readonly references?: readonly SavedReference[] | undefined;
}

/** The state of one endpoint, and the settings that it is valid for. */
export interface SavedEndpoint extends SavedEndpointState {
  readonly id: string;
  /** Keyed hashes of destination and key, to see whether they are unchanged; null without a key. */
  readonly routeMark: string;
  readonly keyMark: string | null;
  /** The value in the configuration. */
  readonly enabled: boolean;
}

export const savedStateVersion = 1;

const text = z.string().max(1000);
const time = z.number();
const count = z.number();
/** The code is checked where it is read: another version may have other ones. */
const reason = { reason: text, why: z.custom<Reason>().optional() };

const outcomeClass = z.enum(['success', ...failureClasses]);

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
      ...reason,
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
  current: z.object({ ...reason, sinceMs: time, untilMs: time }).nullable(),
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
  lastFailure: z.object({ class: outcomeClass, ...reason, atMs: time }).nullable(),
});

/** The last two are not in files of earlier versions. */
const session = z.tuple([
  ...([text, text, time, time, count, text.nullable()] as const),
  z.number().min(0).nullable().optional(),
  text.nullable().optional(),
]);

/** The required shape of a file; its numbers may still be implausible. */
export const savedState = z.object({
  version: z.literal(savedStateVersion),
  savedAtMs: time,
  endpoints: z.array(endpoint),
  override: z.object({ endpointId: text, untilMs: time }).nullable(),
  sessions: z.array(session),
  unbound: z.array(session).optional(),
  references: z.array(z.tuple([text, text, time])).optional(),
}) satisfies z.ZodType<SavedState>;
