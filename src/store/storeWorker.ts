import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { stackOf } from '../base/stackOf.ts';
import type { Entry } from './file/writer.ts';
import { MetricsStore } from './metricsStore.ts';
import { csvLines } from './query/csv.ts';
import type { FromStore, StoreQuestion, StoreStart, ToStore } from './storeProtocol.ts';

/** A crash loses at most this much history, plus what the gateway collects before it sends. */
const flushMs = 250;
/** An answer tells a state of the file that is at most this old: it may be gone. */
const lookMs = 1000;
const tidyMs = 60_000;

const port = parentPort;
if (port === null) throw new Error('the store runs in a worker thread');
// Older supported versions of Node warn that node:sqlite is experimental; users cannot act on that.
process.removeAllListeners('warning');

const tell = (message: FromStore, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const store = new MetricsStore({
  ...(workerData as StoreStart),
  now: Date.now,
  steadyNow: () => performance.now(),
  onHealth: (health) => tell({ kind: 'health', health }),
  note: (note) => tell({ kind: 'note', ...note }),
});
let timer: NodeJS.Timeout | undefined;
/** On the steady clock. */
let flushedAtMs = 0;
let toldUnwritten = 0;

const tellUnwritten = (): void => {
  if (store.unwritten === toldUnwritten) return;
  toldUnwritten = store.unwritten;
  tell({ kind: 'written', unwritten: toldUnwritten });
};

const flush = (): void => {
  clearTimeout(timer);
  store.flush();
  flushedAtMs = performance.now();
  // Without trouble there is nothing to do before the next message.
  const { retryInMs } = store;
  timer = Number.isFinite(retryInMs) ? setTimeout(flush, retryInMs).unref() : undefined;
  tellUnwritten();
};
/** In small steps, so that queries and entries are handled in between. */
let tidying: NodeJS.Timeout | undefined;
const tidy = (): void => {
  clearTimeout(tidying);
  tidying = store.tidy() ? setTimeout(tidy, 5).unref() : undefined;
};

port.on('message', (message: ToStore) => {
  switch (message.kind) {
    case 'entries':
      store.add(JSON.parse(message.json) as Entry[]);
      toldUnwritten = store.unwritten;
      tell({ kind: 'taken', unwritten: toldUnwritten });
      timer ??= setTimeout(flush, flushMs);
      return;
    case 'settings':
      store.settings = message.settings;
      return tidy();
    case 'question':
      if (performance.now() - flushedAtMs >= lookMs) flush();
      if (Date.now() < message.dueMs) answer(message.id, message.question);
      return;
    case 'close':
      clearTimeout(timer);
      store.close();
      tellUnwritten();
      tell({ kind: 'closed' });
      return port.close();
    default:
      message satisfies never;
  }
});
setInterval(tidy, tidyMs).unref();
flush();
tidy();

function answer(id: number, question: StoreQuestion): void {
  try {
    const { text, cursor } = answered(question);
    const bytes = new TextEncoder().encode(text);
    tell({ kind: 'answer', id, bytes, cursor, source: store.source }, [bytes.buffer]);
  } catch (error) {
    tell({ kind: 'failed', id, message: stackOf(error) });
  }
}

function answered(question: StoreQuestion): { readonly text: string; readonly cursor: string | null } {
  if (question.what === 'metrics') return { text: JSON.stringify(store.metrics(question.request)), cursor: null };
  const page = store.page(question.page);
  const { cursor, requests } = page;
  if (question.what === 'page') return { text: JSON.stringify(page), cursor };
  if (question.what === 'csv') return { text: csvLines(requests), cursor };
  return { text: requests.map((one) => JSON.stringify(one)).join(',\n'), cursor };
}
