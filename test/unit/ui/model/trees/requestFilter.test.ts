import assert from 'node:assert/strict';
import { requestsRequest } from '../../../../../src/contract/metrics.ts';
import { MemorySource } from '../../../../../src/store/query/memorySource.ts';
import {
  filterOf,
  filterQuery,
  filterText,
  holds,
  matches,
  type RequestFilter,
} from '../../../../../src/ui/model/trees/requestFilter.ts';
import { generatedRequests } from '../../../../support/store/generatedRequests.ts';
import { attemptRecord, endpointSnapshot, requestRecord, sessionSnapshot, snapshot } from '../snapshotParts.ts';
import { english, nowMs } from '../viewContexts.ts';

const failedOver = requestRecord({
  id: 'over',
  endpointId: 'second',
  sessionId: 'abc',
  attempts: [attemptRecord({ class: 'overloaded' }), attemptRecord({ endpointId: 'second' })],
});
const refused = requestRecord({
  id: 'refused',
  terminal: 'endpointError',
  endpointId: undefined,
  attempts: [attemptRecord({ class: 'request' })],
});
const records = [
  ...generatedRequests(nowMs - 3_600_000, nowMs, 200).requests,
  failedOver,
  refused,
  requestRecord({ id: 'broken', terminal: 'truncated' }),
  requestRecord({ id: 'aborted', terminal: 'clientAbort', endpointId: undefined }),
  requestRecord({ id: 'nobody', terminal: 'gatewayError', endpointId: undefined, attempts: [] }),
  requestRecord({
    id: 'failed',
    terminal: 'endpointError',
    endpointId: undefined,
    attempts: [attemptRecord({ class: 'auth' })],
  }),
];

function each(kind: keyof RequestFilter, values: readonly (string | undefined)[]): RequestFilter[] {
  return [...new Set(values)]
    .filter((value) => value !== undefined)
    .map((value) => ({ [kind]: [value] }) as RequestFilter);
}

describe('a filter of requests', () => {
  it('lets through what the store finds with it', () => {
    const source = new MemorySource(records.map((record) => ({ kind: 'request', record })));
    const filters: RequestFilter[] = [
      ...each('endpoint', ['first', 'second', ...records.map(({ endpointId }) => endpointId)]),
      ...each('session', ['abc', ...records.map(({ sessionId }) => sessionId)]),
      ...each('class', ['success', 'overloaded', 'request', 'auth', 'transient', 'billing']),
      ...each('end', ['ok', 'failedOver', 'clientFault', 'aborted', 'truncated', 'endpointError', 'gatewayError']),
      { endpoint: ['second'], class: ['overloaded'] },
      { endpoint: ['first'], class: ['overloaded'] },
      { session: ['abc'], end: ['failedOver'] },
      { class: ['overloaded', 'auth'] },
      { class: ['success', 'auth'], end: ['failedOver', 'endpointError'] },
      { endpoint: ['first', 'second'], end: ['ok', 'truncated'] },
      {},
    ];
    let found = 0;
    for (const filter of filters) {
      const page = requestsRequest.parse(Object.fromEntries(new URLSearchParams(filterQuery(filter))));
      const stored = source.requests({ ...page, limit: 500 }).map(({ record }) => record.id);
      const matching = records.filter((record) => matches(record, filter)).map(({ id }) => id);
      assert.deepEqual(matching.sort(), stored.sort(), JSON.stringify(filter));
      found += stored.length;
    }
    assert.ok(found > records.length, 'filters that find nothing would prove nothing');
  });

  it('asks in the words of the contract', () => {
    const filter: RequestFilter = { endpoint: ['a/b & c'], session: ['s'], class: ['auth'], end: ['truncated'] };
    const asked = Object.fromEntries(new URLSearchParams(filterQuery(filter, 'x+y')));
    const words = { endpoint: 'a/b & c', session: 's', class: 'auth', end: 'truncated' };
    assert.deepEqual(requestsRequest.parse(asked), { ...words, cursor: 'x+y', limit: 100 });
    assert.equal(filterQuery({ end: ['ok', 'failedOver'] }), 'end=ok%2CfailedOver&limit=100');
    assert.deepEqual(filterQuery({}), 'limit=100');
  });

  it('D5: takes any number of conditions, also of one kind', () => {
    const both = filterOf([{ endpoint: 'first' }, { class: 'overloaded' }]);
    assert.deepEqual(both, { endpoint: ['first'], class: ['overloaded'] });
    assert.ok(holds(both, { endpoint: 'first' }) && !holds(both, { endpoint: 'second' }));
    assert.ok(!holds(undefined, { endpoint: 'first' }));
    const failed = filterOf([{ end: 'failedOver' }, { end: 'gatewayError' }]);
    assert.deepEqual(failed, { end: ['failedOver', 'gatewayError'] });
    assert.ok(holds(failed, { end: 'failedOver' }) && holds(failed, { end: 'gatewayError' }));
    assert.deepEqual(filterOf([]), {});
  });

  it('is told by names, also of what is no longer there', () => {
    const state = snapshot({ endpoints: [endpointSnapshot({ name: 'Relay' })], sessions: [sessionSnapshot()] });
    const told = (filter: RequestFilter) => filterText(filter, state, english);
    assert.equal(told({ class: ['overloaded'], endpoint: ['first'] }), 'Relay · overloaded');
    assert.equal(told({ class: ['overloaded', 'auth'], endpoint: ['first'] }), 'Relay · overloaded, key refused');
    assert.equal(told({ endpoint: ['gone'], end: ['failedOver'] }), 'gone · succeeded after failover');
    assert.equal(told({ session: ['5f1d7a84db6ad0c3b1e2'] }), 'Claude Code 2.1.330, Session 5f1d7a84');
    assert.equal(told({ session: ['0123456789'] }), 'Session 01234567');
  });
});
