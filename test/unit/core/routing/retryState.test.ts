import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Outcome } from '../../../../src/core/outcome/outcome.ts';
import { RetryBudget } from '../../../../src/core/routing/retryBudget.ts';
import { type RetryLimits, RetryState } from '../../../../src/core/routing/retryState.ts';
import { endpointsOf, idsFor } from './selectionRig.ts';

const outcome: Outcome = {
  class: 'transient',
  reason: { code: 'status', status: 503 },
  neverSent: false,
  isAmbiguous: false,
  sameEndpoint: 'no',
  otherEndpoint: 'yes',
  countsAgainstBreaker: true,
  cooldown: undefined,
};

const neverSent: Partial<Outcome> = { neverSent: true, reason: { code: 'connectionRefused' } };
const overloaded: Partial<Outcome> = { class: 'overloaded', sameEndpoint: 'ifAlone' };
const stale: Partial<Outcome> = { sameEndpoint: 'staleSocket' };
const once: Partial<Outcome> = { otherEndpoint: 'once' };
const ambiguous: Partial<Outcome> = { isAmbiguous: true };

const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
const { find } = idsFor(endpoints);

/** A budget that allows what the test says. */
class ToldBudget extends RetryBudget {
  isOpen = true;
  taken = 0;

  override get allows(): boolean {
    return this.isOpen;
  }

  override retryBegan(): void {
    this.taken += 1;
  }
}

/** A request that may make three attempts within a minute, and whose attempts fail as the test says. */
function requestWith(limits: Partial<RetryLimits> = {}) {
  const state = new RetryState({ maxAttempts: 3, deadlineMs: 60_000, budget: undefined, random: () => 0.5, ...limits });
  const fails = (more: Partial<Outcome>, { on = 'a', hasOther = true, atMs = 0 } = {}) => {
    const failure = { ...outcome, ...more };
    state.failed(find(on), failure);
    return state.decide(failure, hasOther, atMs);
  };
  return { state, fails };
}

describe('RetryState.decide', () => {
  it('goes to another endpoint while attempts are left', () => {
    const { fails } = requestWith();
    assert.equal(fails({}).kind, 'other');
    assert.equal(fails({}).kind, 'other');
    assert.equal(fails({}).kind, 'giveUp');
    assert.equal(requestWith().fails({}, { hasOther: false }).kind, 'giveUp');
  });

  it('does nothing more once the deadline has passed or the client has left', () => {
    for (const more of [{}, neverSent, overloaded, stale]) {
      assert.equal(requestWith().fails(more, { atMs: 60_001 }).kind, 'giveUp');
      assert.equal(requestWith().fails({ ...more, class: 'clientAbort' }).kind, 'giveUp');
      assert.notEqual(requestWith().fails(more, { atMs: 60_000 }).kind, 'giveUp');
    }
  });

  it('takes failures that were never sent for free', () => {
    const budget = new ToldBudget();
    const { fails } = requestWith({ budget });
    fails({ ...ambiguous, ...once });
    fails({});
    assert.equal(fails({}).kind, 'giveUp', 'all attempts are spent');
    budget.isOpen = false;
    assert.equal(fails({ ...neverSent, ...once }).kind, 'other');
    assert.equal(fails(neverSent, { hasOther: false }).kind, 'giveUp');
  });

  it('asks the budget, and takes from it once', () => {
    const budget = new ToldBudget();
    const { state, fails } = requestWith({ budget });
    fails(neverSent);
    assert.deepEqual([budget.taken, state.isRetrying], [0, false], 'nothing was sent twice');
    fails({});
    assert.deepEqual([budget.taken, state.isRetrying], [1, true]);
    budget.isOpen = false;
    assert.equal(fails({}).kind, 'other', 'the place in the budget is its own');
    assert.equal(budget.taken, 1);
    for (const hasOther of [true, false]) {
      const late = requestWith({ budget });
      assert.equal(late.fails(overloaded, { hasOther }).kind, 'giveUp');
      assert.equal(late.state.isRetrying, false);
    }
  });

  it('replays once when the work may have been done', () => {
    const { fails } = requestWith({ maxAttempts: 5 });
    assert.equal(fails(ambiguous).kind, 'other');
    assert.equal(fails({}).kind, 'other', 'the second was certainly refused');
    assert.equal(fails(ambiguous).kind, 'giveUp');
  });

  it('replays once where the class says once', () => {
    const { fails } = requestWith({ maxAttempts: 5 });
    assert.equal(fails(once).kind, 'other');
    assert.equal(fails({}).kind, 'other', 'the class of the second says no such thing');
    assert.equal(fails(once).kind, 'giveUp');
  });

  it('does not repeat a request that is wrong, nor one that this machine could not send', () => {
    assert.equal(requestWith().fails({ class: 'request', otherEndpoint: 'no' }).kind, 'giveUp');
    const offline = { class: 'localNetwork', otherEndpoint: 'otherWay', neverSent: true } as const;
    assert.equal(requestWith().fails(offline, { hasOther: false }).kind, 'giveUp');
  });

  it('asks the same endpoint again at once after a stale socket, and only once', () => {
    for (const hasOther of [true, false]) {
      const { fails } = requestWith();
      assert.deepEqual(fails(stale, { hasOther }), { kind: 'same', afterMs: 0 });
      assert.equal(fails(stale, { hasOther }).kind, hasOther ? 'other' : 'giveUp');
    }
  });

  it('takes the second try after a stale socket for free: a gap between requests costs no attempt', () => {
    for (const spent of [0, 2, 3]) {
      const { fails } = requestWith();
      for (let count = 0; count < spent; count += 1) fails({});
      assert.deepEqual(fails(stale), { kind: 'same', afterMs: 0 });
      assert.equal(fails(stale).kind, spent === 0 ? 'other' : 'giveUp', 'but never twice');
    }
    assert.deepEqual(requestWith({ maxAttempts: 1 }).fails(stale), { kind: 'same', afterMs: 0 });
  });

  it('asks an overloaded endpoint again after 0.5 to 1.5 s, only where it is the only one, and once', () => {
    assert.equal(requestWith().fails(overloaded).kind, 'other');
    for (const [drawn, afterMs] of [
      [0, 500],
      [0.5, 1000],
      [1, 1500],
    ] as const) {
      const { fails } = requestWith({ random: () => drawn });
      assert.deepEqual(fails(overloaded, { hasOther: false }), { kind: 'same', afterMs });
      assert.equal(fails(overloaded, { hasOther: false }).kind, 'giveUp');
    }
    assert.equal(requestWith({ maxAttempts: 1 }).fails(overloaded, { hasOther: false }).kind, 'giveUp');
    const { fails } = requestWith();
    fails({}, { on: 'b' });
    assert.equal(fails(overloaded, { on: 'a', hasOther: false }).kind, 'giveUp', 'the request has had another');
  });
});

describe('RetryState, for the choice of the next endpoint', () => {
  const offline = { class: 'localNetwork', otherEndpoint: 'otherWay', neverSent: true } as const;

  it('knows the endpoints that have failed', () => {
    const { state, fails } = requestWith();
    assert.deepEqual([...state.tried], []);
    fails({}, { on: 'a' });
    fails({}, { on: 'b' });
    assert.deepEqual([...state.tried], ['a', 'b']);
    state.setTried('a', false);
    assert.deepEqual([...state.tried], ['b']);
    state.setTried('a', true);
    assert.deepEqual([...state.tried], ['b', 'a']);
  });

  it('knows the network paths and hosts that were at fault, and no others', () => {
    const { state, fails } = requestWith();
    fails({});
    assert.deepEqual([[...state.closedWays], [...state.overloadedHosts]], [[], []]);
    fails(offline, { on: 'a' });
    assert.deepEqual([[...state.closedWays], [...state.overloadedHosts]], [['names'], []]);
    fails(overloaded, { on: 'b' });
    assert.deepEqual([...state.overloadedHosts], ['b.example.com']);
  });

  it('shares nothing between requests', () => {
    const [one, another] = [requestWith(), requestWith()];
    one.fails({ ...offline, ...overloaded });
    one.fails(overloaded, { on: 'b' });
    const { tried, closedWays, overloadedHosts } = another.state;
    assert.deepEqual([tried.size, closedWays.size, overloadedHosts.size], [0, 0, 0]);
  });
});

describe('RetryState, over a whole request', () => {
  const around = { hasOther: fc.boolean(), isOpen: fc.boolean(), on: fc.constantFrom('a', 'b', 'c') };
  const failure = fc.record({
    neverSent: fc.boolean(),
    isAmbiguous: fc.boolean(),
    sameEndpoint: fc.constantFrom('no', 'ifAlone' as const),
    otherEndpoint: fc.constantFrom('no', 'yes', 'once' as const),
    ...around,
  });
  /** As `classify` tells it: nothing of the request was taken, so nothing is ambiguous. */
  const staleSocket = fc.record({ sameEndpoint: fc.constant('staleSocket' as const), ...around });
  const step = fc.oneof({ weight: 5, arbitrary: failure }, staleSocket);
  type Step = Partial<Outcome> & { readonly hasOther: boolean; readonly isOpen: boolean; readonly on: string };

  /** Plays the failures one after the other until the request is given up; returns what was sent and replayed. */
  function play(steps: readonly Step[], maxAttempts: number) {
    const budget = new ToldBudget();
    const { state, fails } = requestWith({ maxAttempts, budget });
    const played = { sent: 0, ambiguousReplays: 0, onceReplays: 0, same: 0, taken: 0 };
    for (const { hasOther, isOpen, on, ...more } of steps) {
      const seen = { ...more, isAmbiguous: more.isAmbiguous === true && more.neverSent !== true };
      if (seen.neverSent !== true && seen.sameEndpoint !== 'staleSocket') played.sent += 1;
      budget.isOpen = isOpen;
      const hadPlace = state.isRetrying;
      const decision = fails(seen, { on, hasOther });
      if (decision.kind === 'giveUp') break;
      if (decision.kind === 'other') assert.ok(hasOther);
      if (state.isRetrying && !hadPlace) assert.ok(isOpen || seen.sameEndpoint === 'staleSocket');
      if (seen.isAmbiguous) played.ambiguousReplays += 1;
      if (seen.otherEndpoint === 'once' && seen.neverSent !== true) played.onceReplays += 1;
      if (decision.kind === 'same') played.same += 1;
    }
    return { ...played, taken: budget.taken };
  }

  it('never sends more than allowed, never replays twice what may be done, never asks one twice again', () => {
    const property = fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, maxAttempts) => {
        const { sent, ambiguousReplays, onceReplays, same, taken } = play(steps, maxAttempts);
        assert.ok(sent <= maxAttempts, `${sent} sent`);
        assert.ok(ambiguousReplays <= 1);
        assert.ok(onceReplays <= 1);
        assert.ok(same <= 1);
        assert.ok(taken <= 1);
      },
    );
    fc.assert(property, { numRuns: 20_000 });
  });
});
