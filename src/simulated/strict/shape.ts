import { isRecord } from '../../base/isRecord.ts';

/**
 * The form that a value of a request must have. `closed`: an object with these fields and no others, of which `required`
 * must be there; null in another field is as if it were absent. `tagged`: an object whose form follows from its field
 * `by`. `either`: the first form whose JSON type is the value's.
 */
export type Shape =
  | 'any'
  | 'string'
  | 'number'
  | 'boolean'
  | 'null'
  | 'object'
  | { readonly kind: 'closed'; readonly fields: Readonly<Record<string, Shape>>; readonly required: readonly string[] }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'tagged'; readonly by: string; readonly forms: Readonly<Record<string, Shape>> }
  | { readonly kind: 'either'; readonly of: readonly Shape[] };

/** A step into a request's body: a field, an index, or the tag of an object (which only some vendors tell). */
export type Step = string | number | { readonly tag: string };

/** A place where a value does not have its form. */
export type ShapeFault = { readonly path: readonly Step[] } & (
  | { readonly kind: 'unknown' | 'missing' }
  | { readonly kind: 'type'; readonly expected: JsonType; readonly got: JsonType }
  | { readonly kind: 'tag'; readonly by: string; readonly got: string; readonly known: readonly string[] }
);

export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** A closed object; the names in `required` must be there. */
export function closed(fields: Readonly<Record<string, Shape>>, ...required: string[]): Shape {
  return { kind: 'closed', fields, required };
}

/** A list of values of one form. */
export function list(of: Shape): Shape {
  return { kind: 'list', of };
}

/** An object whose field `by` names its form. */
export function tagged(by: string, forms: Readonly<Record<string, Shape>>): Shape {
  return { kind: 'tagged', by, forms };
}

/** One of several forms, told apart by their JSON type. */
export function either(...of: Shape[]): Shape {
  return { kind: 'either', of };
}

/** Every fault of a value, in the order of the body. */
export function* faultsOf(value: unknown, shape: Shape, path: readonly Step[] = []): Generator<ShapeFault, void> {
  if (shape === 'any') return;
  const got = jsonTypeOf(value);
  if (typeof shape !== 'string' && shape.kind === 'either') {
    const form = shape.of.find((each) => jsonTypeOfShape(each) === got) ?? shape.of[0];
    if (form !== undefined) yield* faultsOf(value, form, path);
    return;
  }
  const expected = jsonTypeOfShape(shape);
  if (got !== expected) {
    yield { kind: 'type', path, expected, got };
    return;
  }
  if (typeof shape === 'string') return;
  if (shape.kind === 'list' && Array.isArray(value)) {
    for (const [index, each] of value.entries()) yield* faultsOf(each, shape.of, [...path, index]);
  }
  if (!isRecord(value)) return;
  if (shape.kind === 'tagged') yield* taggedFaults(value, shape, path);
  if (shape.kind === 'closed') yield* closedFaults(value, shape, path);
}

function* taggedFaults(
  value: Record<string, unknown>,
  shape: Extract<Shape, { kind: 'tagged' }>,
  path: readonly Step[],
): Generator<ShapeFault, void> {
  const tag = value[shape.by];
  if (tag === undefined) {
    yield { kind: 'missing', path: [...path, shape.by] };
    return;
  }
  const form = typeof tag === 'string' && Object.hasOwn(shape.forms, tag) ? shape.forms[tag] : undefined;
  if (form === undefined) yield { kind: 'tag', path, by: shape.by, got: String(tag), known: Object.keys(shape.forms) };
  else yield* faultsOf(value, form, [...path, { tag: String(tag) }]);
}

function* closedFaults(
  value: Record<string, unknown>,
  shape: Extract<Shape, { kind: 'closed' }>,
  path: readonly Step[],
): Generator<ShapeFault, void> {
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const form = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (form === undefined) yield { kind: 'unknown', path: [...path, name] };
    else if (each !== null || shape.required.includes(name)) yield* faultsOf(each, form, [...path, name]);
  }
  for (const name of shape.required) {
    if (value[name] === undefined) yield { kind: 'missing', path: [...path, name] };
  }
}

function jsonTypeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value as JsonType;
    default:
      return 'object';
  }
}

function jsonTypeOfShape(shape: Exclude<Shape, 'any'> | Shape): JsonType {
  if (typeof shape === 'string') return shape === 'any' ? 'object' : shape;
  return shape.kind === 'list' ? 'array' : 'object';
}
