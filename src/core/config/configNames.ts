import type * as z from 'zod';

/** Names that other programs use for ours. */
const synonyms: Readonly<Record<string, string>> = {
  url: 'baseUrl',
  base: 'baseUrl',
  apibase: 'baseUrl',
  apiurl: 'baseUrl',
  endpoint: 'endpoints',
  key: 'apiKey',
  token: 'apiKey',
  authtoken: 'apiKey',
  proxy: 'httpProxy',
  authtype: 'auth',
  api: 'dialect',
  format: 'dialect',
};

/** The names that a schema has at a place; none where it takes any name. */
export function namesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let here: z.core.$ZodType | undefined = schema;
  for (const part of path) here = here === undefined ? undefined : inside(here, part);
  const { def } = (here === undefined ? undefined : bare(here)?._zod) ?? {};
  return def?.type === 'object' ? Object.keys((def as z.core.$ZodObjectDef).shape) : [];
}

/** The name that was meant by a misspelt one; undefined where none is near. */
export function nearestName(misspelt: string, names: readonly string[]): string | undefined {
  const given = plain(misspelt);
  const synonym = names.find((name) => name === synonyms[given]);
  const most = Math.min(2, Math.floor(given.length / 3));
  const near = names
    .map((name) => ({ name, edits: distance(given, plain(name)) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.name ?? synonym;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** Letters to insert, delete or replace between two words. */
function distance(from: string, to: string): number {
  let before = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const replaced = (before[column - 1] ?? 0) + (isSame ? 0 : 1);
      now.push(Math.min(replaced, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1));
    }
    before = now;
  }
  return before[to.length] ?? 0;
}

function inside(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  const { def } = bare(schema)?._zod ?? {};
  switch (def?.type) {
    case 'object':
      return (def as z.core.$ZodObjectDef).shape[String(part)];
    case 'array':
      return (def as z.core.$ZodArrayDef).element;
    case 'record':
      return (def as z.core.$ZodRecordDef).valueType;
    default:
      return undefined;
  }
}

/** Without defaults, null and the like around it. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  if ('out' in def) return bare((def as z.core.$ZodPipeDef).out);
  return 'innerType' in def ? bare((def as z.core.$ZodOptionalDef).innerType) : schema;
}
