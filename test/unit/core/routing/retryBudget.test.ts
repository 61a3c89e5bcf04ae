import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RetryBudget } from '../../../../src/core/routing/retryBudget.ts';

/** Retries that are allowed however few requests are in flight; why not the 3 of behaviour.md 1.2, the source says. */
const always = 16;

describe('RetryBudget', () => {
  it('allows a few retries at any time', () => {
    const budget = new RetryBudget();
    for (let count = 0; count < always; count += 1) {
      budget.requestBegan();
      assert.equal(budget.allows, true);
      budget.retryBegan();
    }
    assert.equal(budget.allows, false);
    budget.requestEnded(true);
    assert.equal(budget.allows, true);
  });

  it('allows a fifth of the requests in flight while they are, and the few once they have ended', () => {
    const budget = new RetryBudget();
    for (let count = 0; count < 100; count += 1) budget.requestBegan();
    for (let count = 0; count < 20; count += 1) {
      assert.equal(budget.allows, true, `${count} of 100`);
      budget.retryBegan();
    }
    assert.equal(budget.allows, false);
    for (let count = 0; count < 80; count += 1) budget.requestEnded(false);
    for (let count = 20; count > always; count -= 1) {
      assert.equal(budget.allows, false, `${count} of ${count}`);
      budget.requestEnded(true);
    }
    assert.equal(budget.allows, false);
    budget.requestEnded(true);
    assert.equal(budget.allows, true);
  });

  it('rounds its share down', () => {
    const budget = new RetryBudget();
    for (let count = 0; count < always * 5 + 1; count += 1) budget.requestBegan();
    for (let count = 0; count < always; count += 1) budget.retryBegan();
    assert.equal(budget.allows, false, 'one more would be beyond a fifth');
  });

  it('never allows more than a fifth of the requests in flight, or those few', () => {
    const actions = fc.array(fc.constantFrom('began', 'began', 'retried', 'ended' as const), {
      minLength: 50,
      maxLength: 400,
    });
    const property = fc.property(actions, (steps) => {
      const budget = new RetryBudget();
      const retrying: boolean[] = [];
      const countRetrying = () => retrying.filter(Boolean).length;
      for (const action of steps) {
        const first = retrying.indexOf(false);
        if (action === 'began') {
          budget.requestBegan();
          retrying.push(false);
        } else if (action === 'ended') {
          const ended = retrying.shift();
          if (ended !== undefined) budget.requestEnded(ended);
        } else if (first !== -1) {
          const before = countRetrying();
          const isAllowed = before < always || (before + 1) * 5 <= retrying.length;
          assert.equal(budget.allows, isAllowed, `${before} of ${retrying.length} retrying`);
          if (!isAllowed) continue;
          budget.retryBegan();
          retrying[first] = true;
        }
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
