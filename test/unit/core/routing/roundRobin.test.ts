import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RoundRobin } from '../../../../src/core/routing/roundRobin.ts';

interface Turn {
  readonly config: { readonly id: string; readonly weight: number };
}

const turn = (id: string, weight = 100): Turn => ({ config: { id, weight } });
const [a, b, c, d] = [turn('a'), turn('b'), turn('c'), turn('d')];

/** The order in which they are chosen. */
function order(roundRobin: RoundRobin, candidates: readonly Turn[], count: number): string {
  const next = (): string => {
    const chosen = roundRobin.peek(candidates);
    roundRobin.take(candidates, chosen);
    return chosen.config.id;
  };
  return Array.from({ length: count }, next).join('');
}

const countOf = (id: string, text: string) => [...text].filter((one) => one === id).length;

describe('RoundRobin', () => {
  it('takes turns in their order', () => {
    assert.equal(order(new RoundRobin(), [a, b, c], 6), 'abcabc');
    assert.equal(order(new RoundRobin(), [a], 3), 'aaa');
  });

  it('keeps a turn that was looked at until it is taken', () => {
    const roundRobin = new RoundRobin();
    for (const id of ['a', 'b', 'c', 'a']) {
      const seen = Array.from({ length: 5 }, () => roundRobin.peek([a, b, c]).config.id);
      assert.deepEqual(seen, Array(5).fill(id));
      order(roundRobin, [a, b, c], 1);
    }
  });

  it('forgets the turns of the sets that were used longest ago, never those of one in use', () => {
    const roundRobin = new RoundRobin();
    let text = '';
    for (let other = 0; other < 5000; other += 1) {
      if (other % 500 === 0) text += order(roundRobin, [a, b], 1);
      order(roundRobin, [a, turn(`other${other}`)], 1);
    }
    assert.equal(text, 'ababababab');
  });

  it('gives each set of candidates turns of its own', () => {
    const roundRobin = new RoundRobin();
    assert.equal(order(roundRobin, [a, b], 1), 'a');
    assert.equal(order(roundRobin, [a, c], 1), 'a');
    assert.equal(order(roundRobin, [a, b], 1), 'b');
    assert.equal(order(roundRobin, [turn('bab'), a], 1), 'bab');
    assert.equal(order(roundRobin, [b, a, turn('ba')], 1), 'b', 'another set, though its ids join to the same text');
  });

  it('spreads the turns of a heavy one', () => {
    assert.equal(order(new RoundRobin(), [turn('a', 5), turn('b', 1), turn('c', 1)], 14), 'aabacaaaabacaa');
  });

  it('gives each its weight in every full round, and is never far off on the way', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
    const property = fc.property(weights, (given) => {
      const candidates = given.map((weight, index) => turn(String(index), weight));
      const total = given.reduce((sum, weight) => sum + weight, 0);
      const text = order(new RoundRobin(), candidates, total * 2);
      assert.equal(text.slice(0, total), text.slice(total), 'the rounds are alike');
      for (const { config } of candidates) {
        assert.equal(countOf(config.id, text.slice(0, total)), config.weight);
        for (let length = 1; length < total; length += 1) {
          const off = countOf(config.id, text.slice(0, length)) - (length * config.weight) / total;
          assert.ok(Math.abs(off) < candidates.length, `${config.id}: ${off} after ${length}`);
        }
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('follows a weight that changes', () => {
    const roundRobin = new RoundRobin();
    order(roundRobin, [a, b], 10);
    const text = order(roundRobin, [turn('a', 300), b], 40);
    assert.deepEqual([countOf('a', text), countOf('b', text)], [30, 10]);
  });

  it('lets one that was away catch up on nothing, and lose nothing', () => {
    for (const awayFor of [1, 2, 3, 100, 101]) {
      const roundRobin = new RoundRobin();
      order(roundRobin, [a, b, c], 7);
      order(roundRobin, [a, b], awayFor);
      const text = order(roundRobin, [a, b, c], 30);
      for (const id of ['a', 'b', 'c']) {
        const count = countOf(id, text);
        assert.ok(count >= 9 && count <= 11, `${count} of 30 for ${id} after ${awayFor}`);
      }
      assert.doesNotMatch(text, /ccc/);
    }
  });

  it('gives each its share though requests differ in where they can go', () => {
    const roundRobin = new RoundRobin();
    let [first, second] = ['', ''];
    for (let count = 0; count < 20; count += 1) {
      first += order(roundRobin, [a, b], 1);
      second += order(roundRobin, [c, d], 1);
    }
    assert.deepEqual([countOf('a', first), countOf('b', first)], [10, 10], first);
    assert.deepEqual([countOf('c', second), countOf('d', second)], [10, 10], second);
  });
});
