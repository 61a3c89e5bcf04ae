import assert from 'node:assert/strict';
import { SavedTimes } from '../../../../src/core/endpoint/savedTimes.ts';
import { StoredReferences } from '../../../../src/core/routing/storedReferences.ts';

const dayMs = 86_400_000;

describe('F8: StoredReferences', () => {
  it('know which endpoint made something, for a month', () => {
    const references = new StoredReferences();
    references.remember('resp_1', 'first', 0);
    assert.equal(references.holderOf(['unknown', 'resp_1'], 29 * dayMs), 'first');
    assert.equal(references.holderOf(['resp_1'], 31 * dayMs), undefined);
    assert.equal(references.holderOf([], 0), undefined);
  });

  it('keep the latest 5,000', () => {
    const references = new StoredReferences();
    for (let at = 0; at < 6000; at += 1) references.remember(`resp_${at}`, 'first', at);
    assert.equal(references.size, 5000);
    assert.equal(references.holderOf(['resp_999'], 6000), undefined);
    assert.equal(references.holderOf(['resp_1000'], 6000), 'first');
  });

  it('outlive the process, their ids unreadable and their age kept', () => {
    const now = { mono: 10 * dayMs, wall: 1_800_000_000_000 };
    const references = new StoredReferences();
    references.remember('resp_old', 'first', now.mono - 29 * dayMs);
    references.remember('resp_new', 'second', now.mono);
    const saved = [...references.saved(now)];
    assert.doesNotMatch(JSON.stringify(saved), /resp_/);
    const next = new StoredReferences();
    const later = { mono: 5, wall: now.wall + 2 * dayMs };
    next.restore(saved, new SavedTimes(now.wall, later));
    assert.equal(next.holderOf(['resp_new'], later.mono), 'second');
    assert.equal(next.holderOf(['resp_old'], later.mono), undefined);
  });
});
