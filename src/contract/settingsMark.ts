import { createHmac } from 'node:crypto';

/**
 * A keyed hash of a configuration: 16 characters, equal for equal documents in any key order. Only holders of the control
 * token can compute it, so it reveals nothing.
 */
export function settingsMark(document: unknown, controlToken: string): string {
  const text = JSON.stringify(document, (_name, value: unknown) => inOrder(value)) ?? '';
  return createHmac('sha256', controlToken).update(`settings:${text}`).digest('base64url').slice(0, 16);
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
