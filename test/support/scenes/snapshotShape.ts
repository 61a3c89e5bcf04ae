import assert from 'node:assert/strict';
import { reasonKept } from '../../../src/core/outcome/reason.ts';

/** The expected shape of a value. */
type Check = (value: unknown, place: string) => void;

const is = (what: string, holds: (value: unknown) => boolean): Check => {
  return (value, place) => assert.ok(holds(value), `${place} must be ${what}, not ${JSON.stringify(value)}`);
};
const text = is('text', (value) => typeof value === 'string');
const word = is('text that is not empty', (value) => typeof value === 'string' && value !== '');
const flag = is('true or false', (value) => typeof value === 'boolean');
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const count = is('a whole number >= 0', isCount);
const ms = is('a number of ms >= 0', (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0);
const share = is('between 0 and 1', (value) => typeof value === 'number' && value >= 0 && value <= 1);
const year = 365 * 24 * 3600 * 1000;
const time = is('epoch milliseconds of about now', (value) => Math.abs(Number(value) - Date.now()) < year);
const oneOf = (...values: unknown[]): Check => is(`one of ${values.join(', ')}`, (value) => values.includes(value));
const orNull = (check: Check): Check => {
  return (value, place) => {
    if (value !== null) check(value, place);
  };
};
const optional = (check: Check): Check => {
  return (value, place) => {
    if (value !== undefined) check(value, place);
  };
};
const list = (check: Check): Check => {
  return (value, place) => {
    assert.ok(Array.isArray(value), `${place} must be a list`);
    value.forEach((one: unknown, index) => {
      check(one, `${place}[${index}]`);
    });
  };
};
/** Exactly these fields: a snapshot with more might hold what it must not. */
const record = (fields: Readonly<Record<string, Check>>): Check => {
  return (value, place) => {
    assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${place} must be an object`);
    for (const [name, check] of Object.entries(fields))
      check((value as Record<string, unknown>)[name], `${place}.${name}`);
    for (const name of Object.keys(value))
      assert.ok(Object.hasOwn(fields, name), `${place}.${name} is not in the contract`);
  };
};

const outcome = oneOf(
  ...['success', 'clientAbort', 'localNetwork', 'badResponse', 'overloaded', 'billing', 'rateLimit', 'model', 'auth'],
  ...['transient', 'request', 'unknown'],
);
const state = oneOf(
  ...['healthy', 'unused', 'degraded', 'cooling', 'halfOpen', 'open', 'suspended', 'disabled', 'keyMissing'],
);
const why = optional(is('a code with its data', (value) => reasonKept({ reason: '', why: value }).code !== 'prose'));
const dialect = oneOf('anthropic', 'openai');

/** The answer of a warm-up or probe. */
export const warmUpShape = record({
  endpointId: word,
  atMs: time,
  isGood: flag,
  isReachable: flag,
  key: oneOf('ok', 'refused', 'notSupported', 'unknown'),
  connectMs: orNull(ms),
  firstByteMs: orNull(ms),
  class: outcome,
  reason: text,
  why,
});

/** One endpoint of a snapshot. */
export const endpointShape = record({
  id: is('an id', (value) => /^[a-z0-9][a-z0-9-]{0,31}$/.test(String(value))),
  name: word,
  baseUrl: is('a base URL', (value) => /^https?:\/\/[^/]+.*[^/]$/.test(String(value))),
  dialect,
  alsoServes: list(dialect),
  priority: count,
  weight: count,
  isEnabled: flag,
  isOverridden: flag,
  hasKey: flag,
  proxyFrom: orNull(word),
  state,
  isUsable: flag,
  reason: text,
  why,
  sinceMs: orNull(time),
  untilMs: orNull(time),
  lastError: orNull(record({ class: outcome, reason: word, why, atMs: time })),
  breaker: record({
    state: oneOf('closed', 'open', 'halfOpen'),
    consecutiveFailures: count,
    untilMs: orNull(time),
  }),
  cooldowns: list(record({ scope: word, reason: word, why, sinceMs: time, untilMs: time, quotaUntilMs: orNull(time) })),
  inFlight: count,
  waiting: count,
  requestCount: count,
  successRate: orNull(share),
  firstByteMs: orNull(record({ p50: ms, p95: ms })),
  connections: record({ open: count, opened: count, reuseRate: orNull(share) }),
  sessionCount: count,
  lastWarmUp: orNull(warmUpShape),
});

const passedOver = record({ endpointId: word, reason: word, why, untilMs: optional(ms) });

const attempt = record({
  endpointId: word,
  sentModel: optional(text),
  class: outcome,
  reason: text,
  why,
  status: optional(count),
  chosenBecause: word,
  chosenWhy: why,
  passedOver: list(passedOver),
  startedAfterMs: ms,
  firstByteMs: optional(ms),
  totalMs: ms,
  isReusedConnection: flag,
  maybeBilled: flag,
  translation: optional(record({ to: oneOf('messages', 'chat', 'responses'), losses: list(word) })),
});

const tokens = optional(count);

const request = record({
  id: word,
  startedWallMs: time,
  dialect,
  route: word,
  model: optional(text),
  isStream: flag,
  client: optional(text),
  sessionId: optional(word),
  terminal: oneOf('ok', 'endpointError', 'gatewayError', 'clientAbort', 'truncated'),
  status: optional(count),
  endpointId: optional(word),
  attempts: list(attempt),
  passedOver: list(passedOver),
  firstByteMs: optional(ms),
  totalMs: ms,
  bytesIn: count,
  bytesOut: count,
  usage: optional(
    record({ inputTokens: tokens, outputTokens: tokens, cacheReadTokens: tokens, cacheWriteTokens: tokens }),
  ),
  costUsd: orNull(is('dollars', (value) => typeof value === 'number' && value >= 0)),
});

/** The whole of `GET /signalbox/status`, field by field as `src/contract/snapshot.ts` says. */
export const snapshotShape = record({
  gateway: record({
    protocol: is('a version', (value) => /^\d+\.\d+$/.test(String(value))),
    build: word,
    pid: count,
    owner: oneOf('window', 'config', 'demo'),
    url: is('our URL', (value) => /^http:\/\/127\.0\.0\.1:\d+$/.test(String(value))),
    startedAtMs: time,
    stateDir: word,
    clientToken: oneOf('ours', 'configured', 'none'),
    hasConfig: flag,
    settings: orNull(record({ app: orNull(word), mark: word })),
    isDraining: flag,
    strategy: oneOf('priority', 'weighted', 'roundRobin', 'random', 'leastConnections', 'fastest'),
    override: orNull(record({ endpointId: word, untilMs: time })),
    network: orNull(
      record({ kind: oneOf('offline', 'proxy'), reason: word, why, proxyFrom: orNull(word), sinceMs: time }),
    ),
  }),
  endpoints: list(endpointShape),
  sessions: list(
    record({
      id: word,
      endpointId: word,
      isBound: flag,
      client: orNull(text),
      boundAtMs: time,
      lastUsedMs: time,
      requestCount: count,
      costUsd: orNull(is('dollars', (value) => typeof value === 'number' && value >= 0)),
      model: orNull(text),
    }),
  ),
  totals: record({
    requests: count,
    succeeded: count,
    failedOver: count,
    failed: count,
    clientFaults: count,
    aborted: count,
    inFlight: count,
    waiting: count,
    sessions: count,
  }),
  requests: list(request),
});
