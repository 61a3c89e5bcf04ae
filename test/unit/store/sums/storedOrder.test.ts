import assert from 'node:assert/strict';
import { type SumName, Sums } from '../../../../src/store/sums/sums.ts';

const ends = ['ok', 'failedOver', 'clientFault', 'aborted', 'truncated', 'endpointError', 'gatewayError'] as const;
const tokens = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h'] as const;
const first = ['clientAbort', 'localNetwork', 'badResponse', 'overloaded', 'billing', 'rateLimit'] as const;
const rest = ['model', 'auth', 'transient', 'request', 'unknown'] as const;

/** As existing files have it. New counters come last; any other change would read old figures under another name. */
const stored: readonly SumName[] = [
  'requests',
  ...ends.map((end) => `end.${end}` as const),
  'totalMs',
  ...([0, 1, 2] as const).flatMap((band) => tokens.map((name) => `${name}.${band}` as const)),
  'attempts',
  ...[...first, ...rest].map((name) => `failure.${name}` as const),
  'reused',
  'known',
  'sameEndpoint',
  'withPredecessor',
];

describe('sums in the file', () => {
  it('keep the order of their counters', () => {
    for (const [index, name] of stored.entries()) {
      const sums = new Sums();
      sums.count(name);
      // The first byte is the number of counters.
      assert.equal(sums.encode().indexOf(1, 1), index + 1, name);
    }
  });
});
