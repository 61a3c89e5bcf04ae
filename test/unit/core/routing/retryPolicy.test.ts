import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Outcome } from '../../../../src/core/outcome/outcome.ts';
import { decideRetry, RetryBudget, type RetryContext } from '../../../../src/core/routing/retryPolicy.ts';

const outcome: Outcome = {
  class: 'transient',
  reason: '503',
  neverSent: false,
  isAmbiguous: false,
  sameEndpoint: 'no',
  otherEndpoint: 'yes',
  countsAgainstBreaker: true,
  cooldown: undefined,
};

const context: RetryContext = {
  maxAttempts: 3,
  countedAttempts: 1,
  ambiguousReplays: 0,
  onceReplays: 0,
  isCommitted: false,
  isPastDeadline: false,
  hasBudget: true,
  hasOther: true,
  retriedSame: false,
  random: () => 0.5,
};

const decided = (more: Partial<Outcome>, around: Partial<RetryContext> = {}) =>
  decideRetry({ ...outcome, ...more }, { ...context, ...around });
const neverSent: Partial<Outcome> = { neverSent: true, reason: 'connection refused' };
const overloaded: Partial<Outcome> = { class: 'overloaded', sameEndpoint: 'ifAlone' };
const stale: Partial<Outcome> = { sameEndpoint: 'staleSocket' };

describe('decideRetry', () => {
  it('goes to another endpoint while attempts are left', () => {
    assert.equal(decided({}).kind, 'other');
    assert.equal(decided({}, { countedAttempts: 2 }).kind, 'other');
    assert.equal(decided({}, { countedAttempts: 3 }).kind, 'giveUp');
    assert.equal(decided({}, { hasOther: false }).kind, 'giveUp');
  });

  it('does nothing more once something was sent, the deadline has passed, or the client is gone', () => {
    for (const more of [{}, neverSent, overloaded, stale]) {
      assert.equal(decided(more, { isCommitted: true }).kind, 'giveUp');
      assert.equal(decided(more, { isPastDeadline: true }).kind, 'giveUp');
      assert.equal(decided({ ...more, class: 'clientAbort' }).kind, 'giveUp');
    }
  });

  it('takes failures that were never sent for free', () => {
    const spent = { countedAttempts: 3, hasBudget: false, ambiguousReplays: 1, onceReplays: 1 };
    assert.equal(decided(neverSent, spent).kind, 'other');
    assert.equal(decided(neverSent, { ...spent, hasOther: false }).kind, 'giveUp');
  });

  it('asks the budget', () => {
    assert.equal(decided({}, { hasBudget: false }).kind, 'giveUp');
    assert.equal(decided(overloaded, { hasBudget: false, hasOther: false }).kind, 'giveUp');
  });

  it('replays once what may be done already', () => {
    const ambiguous = { isAmbiguous: true };
    assert.equal(decided(ambiguous).kind, 'other');
    assert.equal(decided(ambiguous, { ambiguousReplays: 1 }).kind, 'giveUp');
    assert.equal(decided({}, { ambiguousReplays: 1 }).kind, 'other', 'the second was refused for sure');
  });

  it('replays once where the class says once', () => {
    assert.equal(decided({ otherEndpoint: 'once' }).kind, 'other');
    assert.equal(decided({ otherEndpoint: 'once' }, { onceReplays: 1 }).kind, 'giveUp');
    assert.equal(decided({}, { onceReplays: 1 }).kind, 'other', 'the class of the second does not');
  });

  it('leaves a request that is wrong, and this machine s own trouble, alone', () => {
    assert.equal(decided({ class: 'request', otherEndpoint: 'no' }).kind, 'giveUp');
    const offline = { class: 'localNetwork', otherEndpoint: 'otherWay', neverSent: true } as const;
    assert.equal(decided(offline, { hasOther: false }).kind, 'giveUp');
  });

  it('asks the same endpoint again at once after a stale socket, and once only', () => {
    assert.deepEqual(decided(stale), { kind: 'same', afterMs: 0 });
    assert.deepEqual(decided(stale, { hasOther: false }), { kind: 'same', afterMs: 0 });
    assert.equal(decided(stale, { retriedSame: true }).kind, 'other');
  });

  it('takes the second try after a stale socket for free: a gap between requests costs no attempt', () => {
    for (const spent of [{ countedAttempts: 3 }, { countedAttempts: 1, maxAttempts: 1 }, { countedAttempts: 4 }]) {
      assert.deepEqual(decided(stale, spent), { kind: 'same', afterMs: 0 });
      assert.equal(decided(stale, { ...spent, retriedSame: true }).kind, 'giveUp', 'but never twice');
    }
    assert.equal(decided(stale, { hasOther: false, retriedSame: true }).kind, 'giveUp');
  });

  it('asks an overloaded endpoint again after 0.5 to 1.5 s, only where there is no other, and once', () => {
    assert.equal(decided(overloaded).kind, 'other');
    for (const [drawn, afterMs] of [
      [0, 500],
      [0.5, 1000],
      [1, 1500],
    ] as const) {
      assert.deepEqual(decided(overloaded, { hasOther: false, random: () => drawn }), { kind: 'same', afterMs });
    }
    assert.equal(decided(overloaded, { hasOther: false, retriedSame: true }).kind, 'giveUp');
    assert.equal(decided(overloaded, { hasOther: false, countedAttempts: 3 }).kind, 'giveUp');
  });
});

describe('decideRetry, over a whole request', () => {
  const around = { hasOther: fc.boolean(), hasBudget: fc.boolean() };
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

  /** Plays the outcomes one after the other, as the data path counts them; returns what was sent and replayed. */
  function play(steps: readonly (Partial<Outcome> & { hasOther: boolean; hasBudget: boolean })[], maxAttempts: number) {
    const played = { sent: 0, ambiguousReplays: 0, same: 0, onceReplays: 0 };
    for (const { hasOther, hasBudget, ...more } of steps) {
      const seen = { ...outcome, ...more, isAmbiguous: more.isAmbiguous === true && more.neverSent !== true };
      if (!seen.neverSent && seen.sameEndpoint !== 'staleSocket') played.sent += 1;
      const around = { maxAttempts, countedAttempts: played.sent, retriedSame: played.same > 0, hasOther, hasBudget };
      const decision = decideRetry(seen, { ...context, ...played, ...around });
      if (decision.kind === 'giveUp') break;
      if (decision.kind === 'other') assert.ok(hasOther);
      if (seen.isAmbiguous) played.ambiguousReplays += 1;
      if (seen.otherEndpoint === 'once') played.onceReplays += 1;
      if (decision.kind === 'same') played.same += 1;
    }
    return played;
  }

  it('never sends more than allowed, never replays twice what may be done, never asks one twice again', () => {
    const property = fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, maxAttempts) => {
        const { sent, ambiguousReplays, same } = play(steps, maxAttempts);
        assert.ok(sent <= maxAttempts, `${sent} sent`);
        assert.ok(ambiguousReplays <= 1);
        assert.ok(same <= 1);
      },
    );
    fc.assert(property, { numRuns: 20_000 });
  });
});

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
