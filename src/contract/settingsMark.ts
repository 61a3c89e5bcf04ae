import { createHmac } from 'node:crypto';

/**
 * Tells one configuration from another, and nothing else of it: 16 characters, equal for documents that say the same in
 * whatever order. Only who holds the control token can make one, so nothing can be guessed from it.
 */
export function settingsMark(document: unknown, controlToken: string): string {
  const text = JSON.stringify(document, (_name, value: unknown) => inOrder(value)) ?? '';
  return createHmac('sha256', controlToken).update(`settings:${text}`).digest('base64url').slice(0, 16);
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
