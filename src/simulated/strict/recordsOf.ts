import { isRecord } from '../../base/isRecord.ts';

/** The objects of a list; nothing for what is no list. */
export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
