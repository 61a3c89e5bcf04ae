import assert from 'node:assert/strict';
import type { RequestPage } from '../../../../src/contract/metrics.ts';
import { ControlError } from '../../../../src/ui/link/controlClient.ts';
import { FilteredRequests } from '../../../../src/ui/views/filteredRequests.ts';
import { requestRecord } from '../model/snapshotParts.ts';

/** A record of numbered requests, newest first, in pages of `size`; its cursor is the last number shown. */
function scene(count: number, size = 3) {
  const state = { count, nowMs: 0, asked: [] as string[], failure: undefined as Error | undefined };
  let settled = (): void => {};
  const page = (query: string): RequestPage => {
    const cursor = new URLSearchParams(query).get('cursor');
    const top = cursor === null ? state.count : Number(cursor) - 1;
    const numbers = Array.from({ length: Math.min(size, top) }, (_, index) => top - index);
    const requests = numbers.map((number) => ({ ...requestRecord({ id: `r${number}` }), costUsd: null }));
    return { requests, cursor: top > size ? String(numbers.at(-1)) : null };
  };
  const found = new FilteredRequests({
    ask: async (query) => {
      state.asked.push(query);
      if (state.failure !== undefined) throw state.failure;
      return page(query);
    },
    onChange: () => settled(),
    wordsFor: (error) => (error instanceof Error ? error.message : ''),
    now: () => state.nowMs,
  });
  const look = async (mark: string): Promise<void> => {
    const before = state.asked.length;
    const change = new Promise<void>((resolve) => {
      settled = resolve;
    });
    found.look(mark);
    if (state.asked.length > before) await change;
  };
  const ids = () => found.standing?.requests?.map(({ id }) => id).join(' ');
  return { state, found, look, ids };
}

describe('filtered requests', () => {
  it('are asked for when there is something new, and not otherwise', async () => {
    const { state, found, look, ids } = scene(2);
    assert.equal(found.standing, undefined);
    await look('a');
    assert.deepEqual(state.asked, [], 'nobody has filtered');
    found.setFilter({ endpoint: ['first'] });
    await look('a');
    assert.equal(ids(), 'r2 r1');
    state.nowMs = 10_000;
    await look('a');
    assert.deepEqual(state.asked, ['endpoint=first&limit=100']);
    state.count = 3;
    await look('b');
    assert.equal(ids(), 'r3 r2 r1');
    found.dispose();
  });

  it('are asked for at most every two seconds', async () => {
    const { state, found, look } = scene(2);
    found.setFilter({ endpoint: ['first'] });
    await look('a');
    state.nowMs = 1999;
    await look('b');
    assert.equal(state.asked.length, 1);
    state.nowMs = 2000;
    await look('b');
    assert.equal(state.asked.length, 2);
    found.dispose();
  });

  it('come page by page, to the last one', async () => {
    const { state, found, look, ids } = scene(7);
    found.setFilter({ class: ['auth'] });
    await look('a');
    assert.equal(found.standing?.hasMore, true);
    await found.showMore();
    assert.equal(ids(), 'r7 r6 r5 r4 r3 r2');
    await found.showMore();
    assert.equal(ids(), 'r7 r6 r5 r4 r3 r2 r1');
    assert.equal(found.standing?.hasMore, false);
    await found.showMore();
    assert.equal(state.asked.length, 3);
    found.dispose();
  });

  it('keep the older pages below new ones, with neither gap nor doubles', async () => {
    const { state, found, look, ids } = scene(7);
    found.setFilter({ class: ['auth'] });
    await look('a');
    await found.showMore();
    Object.assign(state, { count: 9, nowMs: 5000 });
    await look('b');
    assert.equal(ids(), 'r9 r8 r7 r6 r5 r4 r3 r2');
    await found.showMore();
    assert.equal(ids(), 'r9 r8 r7 r6 r5 r4 r3 r2 r1');
    Object.assign(state, { count: 20, nowMs: 10_000 });
    await look('c');
    assert.equal(ids(), 'r20 r19 r18', 'what lies between is not known');
    await found.showMore();
    assert.equal(ids(), 'r20 r19 r18 r17 r16 r15');
    found.dispose();
  });

  it('stay when they cannot be read anew, with the reason, and are tried again', async () => {
    const { state, found, look, ids } = scene(2);
    found.setFilter({ class: ['auth'] });
    await look('a');
    Object.assign(state, { failure: new ControlError(undefined, [{ path: '', message: 'gone' }]), nowMs: 2000 });
    await look('b');
    assert.equal(ids(), 'r2 r1');
    assert.deepEqual(found.standing?.trouble, { kind: 'failed', reason: 'gone' });
    Object.assign(state, { failure: undefined, nowMs: 7000 });
    await look('b');
    assert.equal(found.standing?.trouble, undefined);
    found.dispose();
  });

  it('are none where the gateway keeps no record', async () => {
    const { state, found, look, ids } = scene(2);
    state.failure = new ControlError(404, [{ path: '', message: 'metrics are off' }]);
    found.setFilter({ class: ['auth'] });
    await look('a');
    assert.deepEqual(found.standing?.trouble, { kind: 'notKept' });
    assert.equal(ids(), undefined);
    found.dispose();
  });

  it('of another filter are forgotten, also those that come late', async () => {
    const answers: ((page: RequestPage) => void)[] = [];
    const late = (id: string): RequestPage => ({
      requests: [{ ...requestRecord({ id }), costUsd: null }],
      cursor: null,
    });
    let changes = 0;
    const found = new FilteredRequests({
      ask: () => new Promise((resolve) => answers.push(resolve)),
      onChange: () => {
        changes += 1;
      },
      wordsFor: String,
    });
    found.setFilter({ endpoint: ['first'] });
    found.look('a');
    found.setFilter({ endpoint: ['second'] });
    found.look('a');
    answers[0]?.(late('old'));
    answers[1]?.(late('new'));
    await new Promise(setImmediate);
    assert.deepEqual([found.standing?.requests?.map(({ id }) => id), changes], [['new'], 1]);
    found.setFilter(undefined);
    assert.equal(found.standing, undefined);
  });
});
