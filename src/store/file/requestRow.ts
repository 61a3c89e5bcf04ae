import type { Reason } from '../../core/outcome/reason.ts';
import type { AttemptRecord, RequestRecord, Usage } from '../../core/record/record.ts';
import { endpointOf, requestEnd } from '../../core/record/requestEnd.ts';
import { type KeptRequest, modelOf, promptBand, usedBy } from '../sums/keptRequest.ts';
import { codeOf, codeText, toldOf } from './reasonColumns.ts';
import type { StoreFile } from './storeFile.ts';

type Value = string | number | null;
type Row = Readonly<Record<string, unknown>>;
type SkippedEndpoint = RequestRecord['passedOver'];

const requestColumns = [
  'id',
  'started_ms',
  'dialect',
  'route',
  'model',
  'is_stream',
  'client',
  'session',
  'terminal',
  'end',
  'status',
  'answered_by',
  'endpoint',
  'sent_model',
  'previous',
  'passed_over',
  'first_byte_ms',
  'total_ms',
  'bytes_in',
  'bytes_out',
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'band',
];
const attemptColumns = [
  'request',
  'nth',
  'endpoint',
  'sent_model',
  'class',
  'reason',
  'why',
  'status',
  'chosen_because',
  'chosen_why',
  'passed_over',
  'started_after_ms',
  'first_byte_ms',
  'total_ms',
  'is_reused',
  'maybe_billed',
  'translation',
];
const insertRequest = insertion('requests', requestColumns);
const insertAttempt = insertion('attempts', attemptColumns);
const attemptsOfRequest = 'SELECT * FROM attempts WHERE request = ? ORDER BY nth';

/** Writes a request and its attempts, inside the caller's transaction. */
export function writeRequest(file: StoreFile, { record, previous }: KeptRequest): void {
  const { usage } = record;
  const { lastInsertRowid } = file
    .prepare(insertRequest)
    .run(
      record.id,
      record.startedWallMs,
      record.dialect,
      record.route,
      record.model ?? null,
      record.isStream ? 1 : 0,
      record.client ?? null,
      record.sessionId ?? null,
      record.terminal,
      requestEnd(record),
      record.status ?? null,
      record.endpointId ?? null,
      endpointOf(record),
      modelOf(record),
      previous,
      passedOverText(record.passedOver),
      record.firstByteMs ?? null,
      record.totalMs,
      record.bytesIn,
      record.bytesOut,
      usage?.inputTokens ?? null,
      usage?.outputTokens ?? null,
      usage?.cacheReadTokens ?? null,
      usage?.cacheWriteTokens ?? null,
      usage?.cacheWrite1hTokens ?? null,
      promptBand(usedBy(record)),
    );
  for (const [nth, attempt] of record.attempts.entries()) {
    file.prepare(insertAttempt).run(lastInsertRowid, nth, ...attemptValues(attempt));
  }
}

/** Reads the request of a row of `requests`, with its attempts. */
export function readRequest(file: StoreFile, row: Row): KeptRequest {
  const text = (name: string): string => String(row[name]);
  const record = {
    id: text('id'),
    startedWallMs: Number(row['started_ms']),
    dialect: text('dialect') as RequestRecord['dialect'],
    route: text('route'),
    model: textOrNone(row['model']),
    isStream: row['is_stream'] === 1,
    client: textOrNone(row['client']),
    sessionId: textOrNone(row['session']),
    terminal: text('terminal') as RequestRecord['terminal'],
    status: numberOrNone(row['status']),
    endpointId: textOrNone(row['answered_by']),
    attempts: file.prepare(attemptsOfRequest).all(Number(row['seq'])).map(readAttempt),
    passedOver: passedOverOf(row['passed_over']),
    firstByteMs: numberOrNone(row['first_byte_ms']),
    totalMs: Number(row['total_ms']),
    bytesIn: Number(row['bytes_in']),
    bytesOut: Number(row['bytes_out']),
    usage: usageOf(row),
  };
  return { record, previous: textOrNone(row['previous']) ?? null };
}

function attemptValues(attempt: AttemptRecord): Value[] {
  return [
    attempt.endpointId,
    attempt.sentModel ?? null,
    attempt.class,
    attempt.reason,
    codeText(attempt.why),
    attempt.status ?? null,
    attempt.chosenBecause,
    codeText(attempt.chosenWhy),
    passedOverText(attempt.passedOver),
    attempt.startedAfterMs,
    attempt.firstByteMs ?? null,
    attempt.totalMs,
    attempt.isReusedConnection ? 1 : 0,
    attempt.maybeBilled ? 1 : 0,
    attempt.translation === undefined ? null : JSON.stringify(attempt.translation),
  ];
}

function readAttempt(row: Row): AttemptRecord {
  return {
    endpointId: String(row['endpoint']),
    sentModel: textOrNone(row['sent_model']),
    class: String(row['class']) as AttemptRecord['class'],
    ...toldOf(row),
    status: numberOrNone(row['status']),
    chosenBecause: String(row['chosen_because']),
    chosenWhy: codeOf(row['chosen_why']),
    passedOver: passedOverOf(row['passed_over']),
    startedAfterMs: Number(row['started_after_ms']),
    firstByteMs: numberOrNone(row['first_byte_ms']),
    totalMs: Number(row['total_ms']),
    isReusedConnection: row['is_reused'] === 1,
    maybeBilled: row['maybe_billed'] === 1,
    translation: translationOf(row['translation']),
  };
}

/** Skipped endpoints without the time of their return, which was monotonic time of a process that may have ended. */
function passedOverText(passedOver: SkippedEndpoint): string | null {
  if (passedOver.length === 0) return null;
  return JSON.stringify(passedOver.map(({ endpointId, reason, why }) => [endpointId, reason, why]));
}

function passedOverOf(text: unknown): SkippedEndpoint {
  if (typeof text !== 'string') return [];
  const all = JSON.parse(text) as [string, string, (Reason | null)?][];
  return all.map(([endpointId, reason, why]) => ({ endpointId, reason, why: why ?? undefined, untilMs: undefined }));
}

function translationOf(text: unknown): AttemptRecord['translation'] {
  return typeof text === 'string' ? (JSON.parse(text) as AttemptRecord['translation']) : undefined;
}

function usageOf(row: Row): Usage | undefined {
  const usage = {
    inputTokens: numberOrNone(row['input']),
    outputTokens: numberOrNone(row['output']),
    cacheReadTokens: numberOrNone(row['cache_read']),
    cacheWriteTokens: numberOrNone(row['cache_write']),
    cacheWrite1hTokens: numberOrNone(row['cache_write_1h']),
  };
  return Object.values(usage).every((count) => count === undefined) ? undefined : usage;
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOrNone(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function insertion(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}
