import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ExportRequest } from '../contract/metrics.ts';
import { csvHead } from '../store/csv.ts';
import type { MetricsKeeper } from './metricsKeeper.ts';

const pieceLength = 500;

/** Streams all requests that are asked for, newest first, at the pace of whoever reads. */
export async function exportRequests(
  metrics: MetricsKeeper,
  { format, ...filter }: ExportRequest,
  response: ServerResponse,
): Promise<void> {
  const first = await metrics.requests({ ...filter, limit: pieceLength }, format);
  response.writeHead(200, {
    'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    'content-disposition': `attachment; filename="signalbox-requests.${format}"`,
    'cache-control': 'no-store',
  });
  response.write(format === 'csv' ? csvHead : '[\n');
  for (let piece = first; piece !== undefined && !response.destroyed; ) {
    const { bytes, cursor } = piece;
    if (!response.write(bytes)) await drained(response);
    if (cursor === null) break;
    if (format === 'json') response.write(',\n');
    piece = await metrics.requests({ ...filter, cursor, limit: pieceLength }, format);
  }
  response.end(format === 'csv' ? '' : '\n]\n');
}

async function drained(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  response.once('close', leave);
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', leave);
}
