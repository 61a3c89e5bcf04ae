import { stackOf } from '../../base/stackOf.ts';
import type { StoreHealth } from '../../contract/metrics.ts';

export type DegradedCause = Extract<StoreHealth, { kind: 'degraded' }>['cause'];

/** The file cannot be used now, with the cause. */
export class StoreTrouble extends Error {
  override readonly name = 'StoreTrouble';
  readonly degradedBy: DegradedCause;
  /** The file is fine, but the entry cannot be stored. */
  readonly isOfEntry: boolean;

  constructor(degradedBy: DegradedCause, message: string, isOfEntry = false) {
    super(message);
    this.degradedBy = degradedBy;
    this.isOfEntry = isOfEntry;
  }
}

/** Primary result codes of SQLite (sqlite.org/rescode.html): the low byte of an error's code. */
const causes: Readonly<Record<number, DegradedCause>> = {
  5: 'locked',
  6: 'locked',
  8: 'readOnly',
  11: 'corrupt',
  13: 'full',
  26: 'corrupt',
};

/** Result codes that blame the entry: TOOBIG, CONSTRAINT, MISMATCH, RANGE. */
const entryCodes: ReadonlySet<number> = new Set([18, 19, 20, 25]);

/** Classifies an error of SQLite or the file system. */
export function troubleOf(error: unknown): StoreTrouble {
  if (error instanceof StoreTrouble) return error;
  if (!(error instanceof Error)) return new StoreTrouble('failed', stackOf(error));
  const { errcode = 0, code = '', message }: Error & { errcode?: number; code?: string } = error;
  const primary = errcode & 0xff;
  const cause = causes[primary] ?? systemCauses[code] ?? 'failed';
  // Node throws a TypeError for a value that cannot be bound.
  return new StoreTrouble(cause, message, entryCodes.has(primary) || error instanceof TypeError);
}

const systemCauses: Readonly<Record<string, DegradedCause>> = {
  EACCES: 'readOnly',
  EPERM: 'readOnly',
  EROFS: 'readOnly',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

/** The wait before the file is tried again, in milliseconds; undefined if this process can never use it. */
export function retryAfterMs(cause: DegradedCause): number | undefined {
  if (cause === 'missing') return undefined;
  return cause === 'newer' ? 30_000 : cause === 'locked' ? 500 : 2000;
}
