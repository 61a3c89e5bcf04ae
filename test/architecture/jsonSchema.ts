/** The part of VS Code's JSON schema validation that the manifest uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly not?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly uniqueItems?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: false | JsonSchema;
  readonly propertyNames?: JsonSchema;
}

/** Whether a value is as a schema wants it. */
export function matchesSchema(schema: JsonSchema, value: unknown): boolean {
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) return false;
  if (schema.anyOf !== undefined && !schema.anyOf.some((one) => matchesSchema(one, value))) return false;
  if (schema.not !== undefined && matchesSchema(schema.not, value)) return false;
  if (typeof value === 'number') return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value);
  if (typeof value === 'string') return matchesText(schema, value);
  if (Array.isArray(value)) return matchesList(schema, value);
  return typeof value !== 'object' || value === null || matchesObject(schema, value);
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function matchesText({ pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema, text: string) {
  // VS Code compiles patterns with this flag.
  const isLike = pattern === undefined || new RegExp(pattern, 'u').test(text);
  return isLike && text.length >= minLength && text.length <= maxLength;
}

function matchesList({ items = {}, uniqueItems = false }: JsonSchema, list: readonly unknown[]): boolean {
  const isUnique = !uniqueItems || new Set(list.map((one) => JSON.stringify(one))).size === list.length;
  return isUnique && list.every((one) => matchesSchema(items, one));
}

function matchesObject(schema: JsonSchema, value: object): boolean {
  const { properties = {}, required = [], additionalProperties = {}, propertyNames = {} } = schema;
  if (required.some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, one]) => {
    const rule = properties[name] ?? additionalProperties;
    return matchesSchema(propertyNames, name) && rule !== false && matchesSchema(rule, one);
  });
}
