import type { Entry } from '../src/store/file/writer.ts';
import type { MetricsStore } from '../src/store/metricsStore.ts';
import { seededRandom } from '../test/support/seededRandom.ts';
import { syntheticRequest } from '../test/support/store/syntheticRequests.ts';

const batch = 500;

/** Writes requests spread over a stretch before `endMs`, in batches like those of a busy gateway. */
export function fillStore(store: MetricsStore, count: number, spanMs: number, endMs: number): void {
  const random = seededRandom(1);
  for (let nth = 0; nth < count; nth += batch) {
    const entries = Array.from({ length: Math.min(batch, count - nth) }, (_, index): Entry => {
      const atMs = Math.round(endMs - spanMs + ((nth + index) / count) * spanMs);
      return { kind: 'request', record: syntheticRequest(nth + index, atMs, random) };
    });
    store.add(entries);
    store.flush();
  }
}
