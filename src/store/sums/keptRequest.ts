import { promptTokens, type TokenCounts, tokensOf } from '../../core/record/prices.ts';
import type { RequestRecord } from '../../core/record/record.ts';

/** A record with the facts that depend on the records before it. */
export interface KeptRequest {
  readonly record: RequestRecord;
  /** The endpoint of the previous request in the same session; null if there was none or it is unknown. */
  readonly previous: string | null;
}

/** Rounds durations to 0.1 ms before they are counted, so that sums equal the sums of the stored rows. */
export function inTenths(record: RequestRecord): RequestRecord {
  return {
    ...record,
    startedWallMs: Math.round(record.startedWallMs),
    firstByteMs: tenths(record.firstByteMs),
    totalMs: tenths(record.totalMs),
    attempts: record.attempts.map((one) => ({
      ...one,
      startedAfterMs: tenths(one.startedAfterMs),
      firstByteMs: tenths(one.firstByteMs),
      totalMs: tenths(one.totalMs),
    })),
  };
}

function tenths<T extends number | undefined>(ms: T): T {
  return (ms === undefined ? ms : Math.round(ms * 10) / 10) as T;
}

/** The model that a request counts for: the one sent with its last attempt; empty without an attempt or model. */
export function modelOf({ attempts }: RequestRecord): string {
  return attempts.at(-1)?.sentModel ?? '';
}

/** Tokens, with those written to the one-hour cache counted separately. */
export interface UsedTokens extends TokenCounts {
  readonly cacheWrite1h: number;
}

/** The tokens a request used; zeros when its usage is unknown. */
export function usedBy({ usage, dialect }: RequestRecord): UsedTokens {
  const tokens = usage === undefined ? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } : tokensOf(usage, dialect);
  return { ...tokens, cacheWrite1h: tokens.cacheWrite1h ?? 0 };
}

/**
 * Lower bounds of the prompt bands, in tokens. Some prices change at these sizes; sums per band can still be priced, one
 * sum over all bands could not.
 */
export const promptBands = [0, 100_000, 272_000] as const;
export type PromptBand = 0 | 1 | 2;

/** The band of a prompt of this size. */
export function promptBand(tokens: TokenCounts): PromptBand {
  const prompt = promptTokens(tokens);
  return prompt > promptBands[2] ? 2 : prompt > promptBands[1] ? 1 : 0;
}
