import type { StoreHealth } from '../../contract/metrics.ts';

export type DegradedCause = Extract<StoreHealth, { kind: 'degraded' }>['cause'];

/** The file cannot be used now, and why. */
export class StoreTrouble extends Error {
  override readonly name = 'StoreTrouble';
  readonly degradedBy: DegradedCause;
  /** Nothing is wrong with the file: what was to be written cannot be. */
  readonly isOfEntry: boolean;

  constructor(degradedBy: DegradedCause, message: string, isOfEntry = false) {
    super(message);
    this.degradedBy = degradedBy;
    this.isOfEntry = isOfEntry;
  }
}

/** Primary result codes of SQLite (sqlite.org/rescode.html), the low byte of what an error carries. */
const causes: Readonly<Record<number, DegradedCause>> = {
  5: 'locked',
  6: 'locked',
  8: 'readOnly',
  11: 'corrupt',
  13: 'full',
  26: 'corrupt',
};

/** Too big, a constraint, a mismatch, a range. */
const entryCodes: ReadonlySet<number> = new Set([18, 19, 20, 25]);

/** What kind of trouble an error of SQLite or of the file system is. */
export function troubleOf(error: unknown): StoreTrouble {
  if (error instanceof StoreTrouble) return error;
  const {
    errcode = 0,
    code = '',
    message = String(error),
  } = error as { errcode?: number; code?: string; message?: string };
  const primary = errcode & 0xff;
  const cause = causes[primary] ?? systemCauses[code] ?? 'failed';
  // A value that cannot be bound is a TypeError of Node.
  return new StoreTrouble(cause, message, entryCodes.has(primary) || error instanceof TypeError);
}

const systemCauses: Readonly<Record<string, DegradedCause>> = {
  EACCES: 'readOnly',
  EPERM: 'readOnly',
  EROFS: 'readOnly',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

/** How long to wait before the file is tried again; undefined: this process will never be able to. */
export function retryAfterMs(cause: DegradedCause): number | undefined {
  if (cause === 'missing') return undefined;
  return cause === 'newer' ? 30_000 : cause === 'locked' ? 500 : 2000;
}
