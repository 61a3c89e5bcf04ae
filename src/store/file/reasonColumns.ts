import type { Reason, Told } from '../../core/outcome/reason.ts';

/** The content of a column for the code of a reason; null where there are words only. */
export function codeText(why: Reason | undefined): string | null {
  return why === undefined ? null : JSON.stringify(why);
}

/** The code in such a column. Rows of earlier versions have none; later versions may have others. */
export function codeOf(value: unknown): Reason | undefined {
  return typeof value === 'string' ? (JSON.parse(value) as Reason) : undefined;
}

/** The reason of a row, from its columns `reason` and `why`. */
export function toldOf(row: Readonly<Record<string, unknown>>): Told {
  const [reason, why] = [String(row['reason']), codeOf(row['why'])];
  return why === undefined ? { reason } : { reason, why };
}
