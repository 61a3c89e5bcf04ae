import assert from 'node:assert/strict';
import { changed } from '../../../../src/ui/model/snapshotChange.ts';
import { endpointSnapshot, openEndpoint, requestRecord, sessionSnapshot, snapshot } from './snapshotParts.ts';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_value, index) => requestRecord({ id: `r${to - index}` }));

const before = snapshot({
  endpoints: [endpointSnapshot(), endpointSnapshot({ id: 'second' })],
  sessions: [sessionSnapshot()],
  requests: numbered(1, 3),
});

describe('changed', () => {
  it('replaces each part that came as a whole, and leaves the others', () => {
    const endpoints = [openEndpoint()];
    const after = changed(before, { endpoints });
    assert.deepEqual(after, { ...before, endpoints });
    assert.equal(after.gateway, before.gateway);
    const gateway = { ...before.gateway, isDraining: true };
    const totals = { ...before.totals, requests: 4 };
    assert.deepEqual(changed(before, { gateway, totals }), { ...before, gateway, totals });
  });

  it('replaces, adds and removes sessions, the most recently used first', () => {
    const sessions = [5000, 3000, 1000].map((lastUsedMs, n) => sessionSnapshot({ id: `s${n}`, lastUsedMs }));
    const used = sessionSnapshot({ id: 's2', lastUsedMs: 9000, requestCount: 7 });
    const fresh = sessionSnapshot({ id: 'new', lastUsedMs: 4000 });
    const after = changed(snapshot({ sessions }), { sessions: { changed: [used, fresh], removed: ['s0'] } });
    assert.deepEqual(after.sessions, [used, fresh, sessions[1]]);
  });

  it('puts new requests in front of the known ones', () => {
    const after = changed(before, { requests: numbered(4, 5) });
    assert.deepEqual(
      after.requests.map(({ id }) => id),
      ['r5', 'r4', 'r3', 'r2', 'r1'],
    );
    assert.deepEqual(changed(before, { requests: [] }).requests, before.requests);
  });

  it('keeps the last 100', () => {
    const full = snapshot({ requests: numbered(1, 100) });
    const after = changed(full, { requests: numbered(101, 103) });
    assert.equal(after.requests.length, 100);
    assert.deepEqual([after.requests[0]?.id, after.requests.at(-1)?.id], ['r103', 'r4']);
  });

  it('does not touch what was there before', () => {
    const copy = structuredClone(before);
    changed(before, { endpoints: [], requests: numbered(4, 9), sessions: { changed: [], removed: ['s1'] } });
    assert.deepEqual(before, copy);
  });

  it('changes nothing when nothing came', () => {
    assert.deepEqual(changed(before, {}), before);
  });
});
