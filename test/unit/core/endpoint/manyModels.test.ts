import assert from 'node:assert/strict';
import type { Outcome } from '../../../../src/core/outcome/outcome.ts';
import { select } from '../../../../src/core/routing/selection.ts';
import { endpointsOf, now, usual } from '../routing/selectionRig.ts';

describe('clients that make up model names', () => {
  it('A7: 20,000 of them that nobody has leave a state of a bounded size that is read as fast as before', () => {
    const endpoints = endpointsOf({ first: {}, second: {} });
    const outcome: Outcome = {
      class: 'model',
      reason: { code: 'status', status: 404 },
      neverSent: false,
      isAmbiguous: false,
      sameEndpoint: 'no',
      otherEndpoint: 'yes',
      countsAgainstBreaker: false,
      cooldown: { scope: 'model', kind: 'until', forMs: 600_000 },
    };
    for (let nth = 0; nth < 20_000; nth += 1) {
      for (const state of endpoints) {
        const permit = state.acquire(now);
        assert.ok(permit !== undefined);
        state.settle(permit, outcome, `${'made-up-'.repeat(30)}${nth}`, now);
      }
    }
    for (const state of endpoints) {
      assert.ok(state.cooldowns.list(now).length <= 100);
      assert.ok(JSON.stringify(state.saved(now)).length < 100_000);
    }
    assert.equal(select(endpoints, { ...usual, model: 'real' }).kind, 'chosen');
  });
});
