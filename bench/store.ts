// How fast the store takes requests, how large its file becomes, and how long each question of the dashboard takes:
//   npm run bench:store -- [--requests 1000000] [--days 90] [--file FILE]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MetricsStore } from '../src/store/metricsStore.ts';
import { fillStore } from './fillStore.ts';
import { quantile } from './measuring/quantile.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '90' },
    file: { type: 'string' },
  },
});
const count = Number(values.requests);
const days = Number(values.days);
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const nowMs = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
const path = values.file ?? join(folder, 'metrics.sqlite');
const repeats = 9;

try {
  run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(): void {
  const store = open(512);
  console.log(`${count} requests over ${days} days`);
  fill(store);
  table(store, `all ${count} requests kept`);
  line('retention (14 days of requests)', seconds(timed(() => tidy(store))));
  table(store, '14 days of requests kept');
  line('one year, opened anew', ms(coldAnswer(store)));
  const small = open(32);
  line('retention (at most 32 MiB)', seconds(timed(() => tidy(small))));
  line('file', fileSize());
  small.close();
}

function open(maxMb: number): MetricsStore {
  const store = new MetricsStore({
    steadyNow: () => performance.now(),
    path,
    rawDays: 14,
    prices: {},
    maxBytes: maxMb * 1024 * 1024,
    now: () => nowMs,
    onHealth: () => undefined,
    note: ({ text, why }) => console.log(text, why),
  });
  store.flush();
  return store;
}

function fill(store: MetricsStore): void {
  const tookMs = timed(() => fillStore(store, count, days * dayMs, nowMs));
  line('inserted, with roll-ups', `${Math.round(count / (tookMs / 1000))} requests/s (${seconds(tookMs)})`);
}

function tidy(store: MetricsStore): void {
  while (store.tidy());
}

function table(store: MetricsStore, title: string): void {
  console.log(`\n${title}`);
  line('file', fileSize());
  const ranges: readonly (readonly [string, number])[] = [
    ['last hour', hourMs],
    ['last day', dayMs],
    ['last 7 days', 7 * dayMs],
    ['last 30 days', 30 * dayMs],
    ['last 90 days', 90 * dayMs],
    ['last year', 365 * dayMs],
  ];
  for (const [name, span] of ranges)
    line(
      name,
      median(() => bytesOf(store.metrics({ from: nowMs - span, to: nowMs }))),
    );
  const from = nowMs - 30 * dayMs;
  line(
    'last 30 days, one endpoint',
    median(() => bytesOf(store.metrics({ from, endpoint: 'second' }))),
  );
  line(
    'last 30 days, one session',
    median(() => bytesOf(store.metrics({ from, session: `session-${Math.floor(count / 600) - 1}-1` }))),
  );
  line(
    '100 requests',
    median(() => bytesOf(store.page({ limit: 100 }))),
  );
  line(
    '100 requests of a rare class',
    median(() => bytesOf(store.page({ class: 'rateLimit', limit: 100 }))),
  );
  line(
    'requests of a class that never was',
    median(() => bytesOf(store.page({ class: 'billing', limit: 100 }))),
  );
}

function coldAnswer(store: MetricsStore): number {
  store.close();
  return timed(() => {
    const again = open(512);
    again.metrics({ from: nowMs - 365 * dayMs });
    again.close();
  });
}

function bytesOf(answer: object): number {
  return JSON.stringify(answer).length;
}

function median(question: () => number): string {
  let bytes = 0;
  const ask = (): void => {
    bytes = question();
  };
  const startedAt = process.cpuUsage();
  const times = Array.from({ length: repeats }, () => timed(ask));
  const { user, system } = process.cpuUsage(startedAt);
  const cpu = ms((user + system) / 1000 / repeats);
  const range = `${ms(quantile(times, 0.5))} (${ms(Math.min(...times))} to ${ms(Math.max(...times))})`;
  return `${range}, of the processor ${cpu}, ${Math.round(bytes / 1024)} KiB`;
}

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function fileSize(): string {
  return `${Math.round(statSync(path).size / 1024 / 1024)} MiB`;
}

function line(name: string, value: string): void {
  console.log(`  ${name.padEnd(36)} ${value}`);
}

function ms(value: number): string {
  return `${Math.round(value * 10) / 10} ms`;
}

function seconds(valueMs: number): string {
  return `${Math.round(valueMs / 100) / 10} s`;
}
