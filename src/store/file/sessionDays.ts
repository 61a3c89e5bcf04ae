import type { RequestRecord } from '../../core/record/record.ts';
import { endpointOf } from '../../core/record/requestEnd.ts';
import { modelOf, promptBand, usedBy } from '../sums/keptRequest.ts';
import { dayOf } from '../sums/levels.ts';
import { tokenNames } from '../sums/sums.ts';
import type { StoreFile } from './storeFile.ts';

const addToSession = `
INSERT INTO session_days (day, session, endpoint, model, band, client, requests,
  input, output, cache_read, cache_write, cache_write_1h, first_ms, last_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, session, endpoint, model, band) DO UPDATE SET
  client = coalesce(excluded.client, client),
  requests = requests + excluded.requests,
  input = input + excluded.input,
  output = output + excluded.output,
  cache_read = cache_read + excluded.cache_read,
  cache_write = cache_write + excluded.cache_write,
  cache_write_1h = cache_write_1h + excluded.cache_write_1h,
  first_ms = min(first_ms, excluded.first_ms),
  last_ms = max(last_ms, excluded.last_ms)`;

interface SessionDay {
  readonly key: readonly [day: number, session: string, endpoint: string, model: string, band: number];
  client: string | null;
  requests: number;
  readonly tokens: number[];
  firstMs: number;
  lastMs: number;
}

/** Adds the requests to the sums of their sessions, one statement for all of the same day, endpoint, model and prompt band. */
export function addToSessions(file: StoreFile, records: Iterable<RequestRecord>): void {
  const days = new Map<string, SessionDay>();
  for (const record of records) add(days, record);
  for (const { key, client, requests, tokens, firstMs, lastMs } of days.values()) {
    file.prepare(addToSession).run(...key, client, requests, ...tokens, firstMs, lastMs);
  }
}

function add(days: Map<string, SessionDay>, record: RequestRecord): void {
  const { sessionId, client, startedWallMs } = record;
  if (sessionId === undefined) return;
  const used = usedBy(record);
  const at = Math.round(startedWallMs);
  const key = [dayOf(at), sessionId, endpointOf(record), modelOf(record), promptBand(used)] as const;
  const name = key.join(' ');
  const tokens = tokenNames.map((one) => used[one]);
  const day = days.get(name);
  if (day === undefined) {
    days.set(name, { key, client: client ?? null, requests: 1, tokens, firstMs: at, lastMs: at });
    return;
  }
  day.client = client ?? day.client;
  day.requests += 1;
  for (const [index, count] of tokens.entries()) day.tokens[index] = (day.tokens[index] ?? 0) + count;
  day.firstMs = Math.min(day.firstMs, at);
  day.lastMs = Math.max(day.lastMs, at);
}
