/** Larger numbers lose digits when they are parsed. */
const manyDigits = /\d{16}/;

/** `JSON.rawJSON` and the source of a number, which TypeScript does not know yet (ES2026). */
interface RawJson {
  rawJSON(text: string): unknown;
}
type SourceReviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Parses JSON whose large whole numbers come out of `JSON.stringify` as they were. Throws where the text is no JSON. */
export function parseExactly(text: string): unknown {
  if (!manyDigits.test(text)) return JSON.parse(text) as unknown;
  const keepDigits: SourceReviver = (_key, value, context) => {
    const isKept = typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(context.source ?? '');
    return isKept ? value : (JSON as unknown as RawJson).rawJSON(context.source ?? '');
  };
  return JSON.parse(text, keepDigits as (this: unknown, key: string, value: unknown) => unknown) as unknown;
}
