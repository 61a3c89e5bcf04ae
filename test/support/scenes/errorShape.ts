import assert from 'node:assert/strict';

/** Asserts that a body is an error as clients of the dialect expect it, and gives its message. */
export function errorMessage(dialect: 'anthropic' | 'openai', text: string): string {
  const body: unknown = JSON.parse(text);
  assert.ok(isRecord(body) && isRecord(body['error']), text);
  const { error } = body;
  assert.equal(typeof error['type'], 'string', text);
  assert.equal(typeof error['message'], 'string', text);
  if (dialect === 'anthropic') assert.equal(body['type'], 'error', text);
  else assert.ok('param' in error && 'code' in error, text);
  return String(error['message']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
