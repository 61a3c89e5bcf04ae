import { visibleText } from '../../base/visibleText.ts';
import type { StoredRequest } from '../../contract/metrics.ts';
import { endpointOf, requestEnd } from '../../core/record/requestEnd.ts';
import { modelOf } from '../sums/keptRequest.ts';

type Value = string | number | boolean | null | undefined;

/** Column names and their values. The names are a promise to users: append new columns. */
const columns: readonly (readonly [string, (request: StoredRequest) => Value])[] = [
  ['id', ({ id }) => id],
  ['started', ({ startedWallMs }) => new Date(startedWallMs).toISOString()],
  ['dialect', ({ dialect }) => dialect],
  ['route', ({ route }) => route],
  ['model', ({ model }) => model],
  ['sent_model', (request) => modelOf(request)],
  ['stream', ({ isStream }) => isStream],
  ['client', ({ client }) => client],
  ['session', ({ sessionId }) => sessionId],
  ['end', (request) => requestEnd(request)],
  ['status', ({ status }) => status],
  ['endpoint', (request) => endpointOf(request)],
  ['attempts', ({ attempts }) => attempts.map((one) => `${one.endpointId}:${one.class}`).join(' ')],
  ['first_byte_ms', ({ firstByteMs }) => firstByteMs],
  ['total_ms', ({ totalMs }) => totalMs],
  ['bytes_in', ({ bytesIn }) => bytesIn],
  ['bytes_out', ({ bytesOut }) => bytesOut],
  ['input_tokens', ({ usage }) => usage?.inputTokens],
  ['output_tokens', ({ usage }) => usage?.outputTokens],
  ['cache_read_tokens', ({ usage }) => usage?.cacheReadTokens],
  ['cache_write_tokens', ({ usage }) => usage?.cacheWriteTokens],
  ['cost_usd', ({ costUsd }) => costUsd],
];

/** The first line of an export (RFC 4180). */
export const csvHead = `${columns.map(([name]) => name).join(',')}\r\n`;

/** One line per request. */
export function csvLines(requests: readonly StoredRequest[]): string {
  return requests.map((one) => `${columns.map(([, value]) => field(value(one))).join(',')}\r\n`).join('');
}

/** Clients choose some of the texts: a leading quote keeps spreadsheets from reading them as formulas. */
function field(value: Value): string {
  const text = value === null || value === undefined ? '' : visibleText(String(value));
  const safe = typeof value === 'string' && /^ *[=+\-@|%\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
