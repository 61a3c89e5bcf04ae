import assert from 'node:assert/strict';
import {
  type FilteredStanding,
  filteredMessage,
  filteredTree,
} from '../../../../../src/ui/model/trees/filteredTree.ts';
import { endpointSnapshot, requestRecord, snapshot } from '../snapshotParts.ts';
import { english, englishContext, wordless, wordlessContext, wordsIn } from '../viewContexts.ts';
import { textsOf } from './nodeTexts.ts';

const state = snapshot({
  endpoints: [endpointSnapshot({ id: 'first', name: 'Relay' }), endpointSnapshot({ id: 'second' })],
  requests: [requestRecord({ id: 'r2', endpointId: 'second' }), requestRecord({ id: 'r1' })],
});

function standing(parts: Partial<FilteredStanding> = {}): FilteredStanding {
  const none = { requests: undefined, hasMore: false, trouble: undefined };
  return { filter: { endpoint: ['first'] }, ...none, ...parts };
}

const ids = (one: FilteredStanding) => filteredTree(one, state, englishContext()).map(({ id }) => id);
const message = (one: FilteredStanding) => filteredMessage(one, state, english);
const many = [requestRecord({ id: 'b' }), requestRecord({ id: 'a' })];

describe('the Requests view under a filter', () => {
  it('shows what was found, and how many those are', () => {
    assert.deepEqual(ids(standing({ requests: many })), ['b', 'a']);
    assert.equal(message(standing({ requests: many })), 'Only: Relay (2 found)');
  });

  it('ends with a node that shows more while there is more', () => {
    const one = standing({ requests: many, hasMore: true });
    const last = filteredTree(one, state, englishContext()).at(-1);
    assert.deepEqual([last?.label, last?.command], ['Show More', 'signalbox.showMoreRequests']);
    assert.equal(message(one), 'Only: Relay (the newest 2)');
  });

  it('shows what is among the last 100 while it looks, without counting, and claims nothing', () => {
    assert.deepEqual(ids(standing()), ['r1']);
    assert.deepEqual(ids(standing({ filter: { endpoint: ['nobody'] } })), []);
    assert.equal(message(standing()), 'Only: Relay (searching)');
  });

  it('says that nothing matches, and offers ways out', () => {
    const nodes = filteredTree(standing({ requests: [] }), state, englishContext());
    assert.deepEqual(
      nodes.map(({ label, command }) => [label, command]),
      [
        ['No request matches the filter', undefined],
        ['Clear Filter', 'signalbox.clearRequestFilter'],
        ['Change Filter', 'signalbox.filterRequests'],
      ],
    );
    assert.equal(message(standing({ requests: [] })), 'Only: Relay (0 found)');
  });

  it('looks among the last 100 where no record is kept, and says so', () => {
    const one = standing({ trouble: { kind: 'notKept' } });
    assert.deepEqual(ids(one), ['r1']);
    assert.match(
      message(one),
      /^Only: Relay \(1 found\)\nSearched the last 100 requests only; this gateway keeps no history/,
    );
  });

  it('tells what went wrong, with what there is', () => {
    const trouble = { kind: 'failed', reason: 'the disk is gone' } as const;
    assert.deepEqual(ids(standing({ trouble })), ['r1']);
    assert.match(message(standing({ trouble })), /could not be read: the disk is gone\nSearched the last 100 requests/);
    assert.deepEqual(ids(standing({ trouble, requests: many })), ['b', 'a']);
    assert.match(message(standing({ trouble, requests: many })), /\(2 found\)\nThe requests .*: the disk is gone$/);
  });

  it('is never empty without a word', () => {
    const filter = { endpoint: ['nobody'] };
    for (const trouble of [{ kind: 'notKept' }, { kind: 'failed', reason: 'x' }] as const)
      assert.equal(ids(standing({ filter, trouble }))[0], 'filter/nothing');
  });

  it('has no words of its own', () => {
    for (const one of [
      standing({ requests: [] }),
      standing({ requests: many, hasMore: true }),
      standing({ trouble: { kind: 'notKept' } }),
      standing({ trouble: { kind: 'failed', reason: 'Relay' } }),
      standing(),
    ]) {
      const texts = [filteredMessage(one, state, wordless)];
      if (one.requests?.length === 0) texts.push(...textsOf(filteredTree(one, state, wordlessContext)));
      for (const text of texts) assert.deepEqual(wordsIn(text, 'Relay'), [], text);
    }
  });
});
