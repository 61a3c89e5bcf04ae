import type { Translate } from '../viewContext.ts';

/** The parts that are not empty, in one line, with the comma of the language. */
export function listText(parts: readonly string[], t: Translate): string {
  return parts.filter((part) => part !== '').join(t(', '));
}
