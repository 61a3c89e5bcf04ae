import assert from 'node:assert/strict';
import { DisposableStore } from '../../../src/base/disposable.ts';

/** Items that write down when they end. */
function recording() {
  const ended: string[] = [];
  return { ended, item: (name: string) => ({ name, dispose: () => ended.push(name) }) };
}

describe('DisposableStore', () => {
  it('ends what it owns in reverse order, once', () => {
    const { ended, item } = recording();
    const store = new DisposableStore();
    for (const name of ['a', 'b', 'c']) store.add(item(name));
    assert.deepEqual(ended, []);
    store.dispose();
    store.dispose();
    assert.deepEqual(ended, ['c', 'b', 'a']);
  });

  it('gives back what is added', () => {
    const { item } = recording();
    assert.equal(new DisposableStore().add(item('a')).name, 'a');
  });

  it('ends at once what comes too late', () => {
    const { ended, item } = recording();
    const store = new DisposableStore();
    store.dispose();
    store.add(item('late'));
    assert.deepEqual(ended, ['late']);
    store.dispose();
    assert.deepEqual(ended, ['late']);
  });

  it('ends at once what is added while it ends', () => {
    const { ended, item } = recording();
    const store = new DisposableStore();
    store.add(item('first'));
    store.add({
      dispose: () => {
        ended.push('adds');
        store.add(item('added'));
      },
    });
    store.dispose();
    assert.deepEqual(ended, ['adds', 'added', 'first']);
  });

  it('may own another store', () => {
    const { ended, item } = recording();
    const outer = new DisposableStore();
    outer.add(new DisposableStore()).add(item('inner'));
    outer.dispose();
    assert.deepEqual(ended, ['inner']);
  });
});
