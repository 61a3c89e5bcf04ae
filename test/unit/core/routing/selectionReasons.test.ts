import assert from 'node:assert/strict';
import type { Strategy } from '../../../../src/core/config/config.ts';
import type { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import { type SelectionRequest, select } from '../../../../src/core/routing/selection.ts';
import { endpointsOf, usual } from './selectionRig.ts';

/** The endpoint chosen, why, and whether the session moves there. */
function chosen(endpoints: readonly EndpointState[], more: Partial<SelectionRequest> = {}) {
  const selection = select(endpoints, { ...usual, ...more });
  assert.ok(selection.kind === 'chosen');
  return [selection.endpoint.config.id, selection.reason, selection.movesSession] as const;
}

describe('select, its reasons', () => {
  it('names the strategy', () => {
    const expected: Readonly<Record<Strategy, Reason>> = {
      priority: { code: 'priority', level: 1 },
      weighted: { code: 'weighted' },
      roundRobin: { code: 'roundRobin' },
      random: { code: 'random' },
      leastConnections: { code: 'leastConnections' },
      fastest: { code: 'fastest' },
    };
    for (const strategy of Object.keys(expected) as Strategy[]) {
      assert.deepEqual(chosen(endpointsOf({ a: {}, b: {} }), { strategy })[1], expected[strategy]);
    }
  });

  it('tells the only one from the only one left', () => {
    assert.deepEqual(chosen(endpointsOf({ a: {} }))[1], { code: 'onlyOne' });
    assert.deepEqual(chosen(endpointsOf({ a: {}, b: {} }), { tried: new Set(['a']) })[1], { code: 'onlyOneLeft' });
  });

  it('says why each other one was passed over', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 1 }, b: { enabled: false }, c: {}, d: {}, e: {} });
    const [full, , withoutKey] = endpoints;
    assert.ok(full !== undefined && withoutKey !== undefined);
    full.inFlight = 1;
    withoutKey.hasKey = false;
    const { kind, passedOver } = select(endpoints, usual);
    assert.equal(kind, 'chosen');
    assert.deepEqual(Object.fromEntries(passedOver.map(({ endpointId, reason }) => [endpointId, reason])), {
      a: { code: 'atLimit' },
      b: { code: 'disabled' },
      c: { code: 'keyMissing' },
      e: { code: 'notChosen', because: { code: 'priority', level: 4 } },
    });
  });
});

describe('select, at the edges', () => {
  it('moves a session that is bound nowhere, whatever it avoids', () => {
    assert.deepEqual(chosen(endpointsOf({ a: {}, b: {} }), { avoid: 'a' }), [
      'b',
      { code: 'priority', level: 2 },
      true,
    ]);
  });

  it('goes home once the session was idle for just as long as its cache lives', () => {
    const endpoints = endpointsOf({ home: {}, spare: {} });
    assert.equal(chosen(endpoints, { boundTo: 'spare', idleMs: 299_999 })[0], 'spare');
    assert.equal(chosen(endpoints, { boundTo: 'spare', idleMs: 300_000 })[0], 'home');
  });

  it('takes the last one for the highest draw', () => {
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    assert.equal(chosen(endpoints, { strategy: 'random', random: () => 1 })[0], 'c');
    assert.equal(chosen(endpoints, { strategy: 'weighted', random: () => 1 })[0], 'c');
  });
});
