import { isRecord } from '../../base/isRecord.ts';

/** The first reason why a JSON schema is none of OpenAI's strict ones, in OpenAI's words; nothing when it is one. */
function strictSchemaFault(schema: unknown, context: readonly string[] = []): string | undefined {
  if (!isRecord(schema)) return undefined;
  const where = `In context=(${context.map((step) => `'${step}'`).join(', ')}${context.length === 1 ? ',' : ''}), `;
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  if (schema['type'] === 'object' || schema['properties'] !== undefined) {
    if (schema['additionalProperties'] !== false) {
      return `${where}'additionalProperties' is required to be supplied and to be false.`;
    }
    const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
    const missing = Object.keys(properties).find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `${where}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  const refused = ['default', 'allOf', 'not', 'if', 'patternProperties'].find((name) => schema[name] !== undefined);
  if (refused !== undefined) return `${where}'${refused}' is not permitted.`;
  for (const [name, each] of Object.entries(properties)) {
    const fault = strictSchemaFault(each, [...context, 'properties', name]);
    if (fault !== undefined) return fault;
  }
  if (schema['items'] !== undefined) return strictSchemaFault(schema['items'], [...context, 'items']);
  const forms: unknown[] = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  for (const [index, each] of forms.entries()) {
    const fault = strictSchemaFault(each, [...context, 'anyOf', String(index)]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Why a schema cannot be that of a function's parameters, strict or not. */
export function parametersFault(schema: unknown, isStrict: boolean): string | undefined {
  if (schema === undefined || schema === null) return undefined;
  if (!isRecord(schema)) return 'schema must be a JSON Schema of \'type: "object"\', got \'type: "None"\'.';
  if (schema['type'] !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${schema['type'] ?? 'None'}"'.`;
  }
  if (!isRecord(schema['properties'])) return 'In context=(), object schema missing properties.';
  return isStrict ? strictSchemaFault(schema) : undefined;
}
