import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ExportRequest } from '../../contract/metrics.ts';
import { csvHead } from '../../store/query/csv.ts';
import { type StoreAnswer, StoreUnavailable } from '../../store/storeClient.ts';
import type { MetricsKeeper } from '../record/metricsKeeper.ts';

const pieceLength = 500;
/** Causes with which memory holds all records; with any other the file has records that cannot be read now. */
const permanentCauses: ReadonlySet<string> = new Set(['missing', 'newer']);

/**
 * Streams all requests that match a filter, newest first, at the reader's pace; breaks the connection off when the store's
 * file cannot be read any more. Rejects when the store cannot answer at all.
 */
export async function exportRequests(
  metrics: MetricsKeeper,
  { format, ...filter }: ExportRequest,
  response: ServerResponse,
): Promise<void> {
  const first = await metrics.requests({ ...filter, limit: pieceLength }, format);
  const { health } = metrics;
  const isComplete = health.kind === 'degraded' && permanentCauses.has(health.cause);
  if (first?.source === 0 && !isComplete) throw new StoreUnavailable('its file cannot be read');
  response.writeHead(200, {
    'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    'content-disposition': `attachment; filename="signalbox-requests.${format}"`,
    'cache-control': 'no-store',
  });
  response.write(format === 'csv' ? csvHead : '[\n');
  const isWhole = await writePieces(first, response, format, async (cursor) => {
    const piece = await metrics.requests({ ...filter, cursor, limit: pieceLength }, format);
    // A piece from another source (memory, or a new file) would look like the last one.
    return piece?.source === first?.source ? piece : undefined;
  });
  // An export that breaks off must not look complete.
  if (!isWhole) response.destroy();
  else response.end(format === 'csv' ? '' : '\n]\n');
}

/** Returns whether the last piece has been written. */
async function writePieces(
  first: StoreAnswer | undefined,
  response: ServerResponse,
  format: ExportRequest['format'],
  next: (cursor: string) => Promise<StoreAnswer | undefined>,
): Promise<boolean> {
  let piece = first;
  for (let isFirst = true; piece !== undefined && !response.destroyed; isFirst = false) {
    if (format === 'json' && !isFirst && piece.bytes.length > 0) response.write(',\n');
    if (!response.write(piece.bytes)) await drained(response);
    if (piece.cursor === null) return true;
    piece = await next(piece.cursor).catch(() => undefined);
  }
  return false;
}

async function drained(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  response.once('close', leave);
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', leave);
}
