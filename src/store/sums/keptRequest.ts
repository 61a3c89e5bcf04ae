import { promptTokens, type TokenCounts, tokensOf } from '../../core/record/prices.ts';
import type { RequestRecord } from '../../core/record/record.ts';

/** A record, and what is known of it only in the order of all. */
export interface KeptRequest {
  readonly record: RequestRecord;
  /** The endpoint of the request before in the same session; null: there was none, or none is known. */
  readonly previous: string | null;
}

/** Durations to a tenth of a millisecond, before anything is counted: sums must say what rows say. */
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

/** The model that a request is counted for: what the last endpoint was asked for; empty when none was, or for none. */
export function modelOf({ attempts }: RequestRecord): string {
  return attempts.at(-1)?.sentModel ?? '';
}

/** Tokens, with those written into a cache for an hour known apart. */
export interface UsedTokens extends TokenCounts {
  readonly cacheWrite1h: number;
}

/** What a request used; nothing where nothing is known of it. */
export function usedBy({ usage, dialect }: RequestRecord): UsedTokens {
  const tokens = usage === undefined ? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } : tokensOf(usage, dialect);
  return { ...tokens, cacheWrite1h: tokens.cacheWrite1h ?? 0 };
}

/**
 * From how many tokens of a prompt on a request counts in the next band: some prices change there, so sums by band keep
 * what a sum of all would lose.
 */
export const promptBands = [0, 100_000, 272_000] as const;
export type PromptBand = 0 | 1 | 2;

/** The band of a prompt of so many tokens. */
export function promptBand(tokens: TokenCounts): PromptBand {
  const prompt = promptTokens(tokens);
  return prompt > promptBands[2] ? 2 : prompt > promptBands[1] ? 1 : 0;
}
