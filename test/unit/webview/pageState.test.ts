import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  filterWith,
  firstState,
  type PageState,
  restoredState,
  spanChosen,
  zoomedIn,
  zoomedOut,
} from '../../../src/webview/pageState.ts';

describe('what the dashboard remembers', () => {
  it('comes back as it was kept', () => {
    const kept: PageState = {
      range: { kind: 'between', fromMs: 5000, toMs: 9000 },
      outer: [{ kind: 'last', span: 'week' }],
      filter: { endpoint: 'first', model: '' },
      table: 'models',
      scrollTop: 140,
    };
    assert.deepEqual(restoredState(JSON.parse(JSON.stringify(kept))), kept);
  });

  it('is the last hour where nothing, or nothing sensible, was kept', () => {
    const range = { kind: 'last', span: 'hour' };
    for (const bad of [
      undefined,
      null,
      7,
      'x',
      {},
      { range: { kind: 'last', span: 'eon' } },
      { range: { ...range, kind: 'x' } },
    ]) {
      assert.deepEqual(restoredState(bad), firstState);
    }
    assert.deepEqual(restoredState({ range, filter: 7, outer: {}, table: 'x', scrollTop: -1 }), firstState);
    assert.deepEqual(restoredState({ range: { kind: 'between', fromMs: 9, toMs: 9 } }), firstState);
  });

  it('is sensible whatever was kept', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const state = restoredState(value);
        assert.deepEqual(restoredState(JSON.parse(JSON.stringify(state))), state);
      }),
    );
  });
});

describe('zooming', () => {
  it('goes in and comes back to the range before', () => {
    const once = zoomedIn(firstState, 10_000.4, 90_000.2);
    assert.deepEqual(once.range, { kind: 'between', fromMs: 10_000, toMs: 90_001 });
    const twice = zoomedIn(once, 20_000, 30_000);
    assert.deepEqual(zoomedOut(zoomedOut(twice)), firstState);
    assert.equal(zoomedOut(firstState), firstState);
  });

  it('ends at a second', () => {
    assert.equal(zoomedIn(firstState, 10_000, 10_900), firstState);
  });

  it('is over when a span is chosen', () => {
    const state = spanChosen(zoomedIn(firstState, 10_000, 90_000), 'day');
    assert.deepEqual([state.range, state.outer], [{ kind: 'last', span: 'day' }, []]);
  });
});

describe('a filter', () => {
  it('is set and cleared field by field', () => {
    const filter = filterWith({ endpoint: 'first' }, { model: 'small' });
    assert.deepEqual(filter, { endpoint: 'first', model: 'small' });
    assert.deepEqual(filterWith(filter, { endpoint: undefined }), { model: 'small' });
  });
});
