import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type BreakerOptions,
  type BreakerVerdict,
  CircuitBreaker,
  type Permit,
} from '../../../src/core/circuitBreaker.ts';

const usual: BreakerOptions = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };
const minuteMs = 60_000;

/** Request of the walk that has not ended yet. */
interface Open {
  readonly permit: Permit;
  /** The model's epoch that its result belongs to; a half-open lease goes by its own identity instead. */
  epoch: number;
  isLease: boolean;
}

type ModelState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number }
  | { readonly kind: 'halfOpen'; readonly lease: { readonly holder: Open; readonly endsMs: number } | undefined };

/** The breaker as behaviour.md §3 tells it, in the plainest way: it remembers every result, and nothing is clever. */
class Model {
  readonly options: BreakerOptions;
  state: ModelState = { kind: 'closed' };
  epoch = 0;
  inARow = 0;
  #steps = 0;
  #closedAtMs = 0;
  #results: { readonly atMs: number; readonly failed: boolean }[] = [];

  constructor(options: BreakerOptions) {
    this.options = options;
  }

  shownState(nowMs: number): ModelState['kind'] {
    return this.state.kind === 'open' && nowMs >= this.state.untilMs ? 'halfOpen' : this.state.kind;
  }

  blockedUntilMs(nowMs: number): number | undefined {
    const { state } = this;
    const untilMs = state.kind === 'open' ? state.untilMs : state.kind === 'halfOpen' ? state.lease?.endsMs : undefined;
    return untilMs !== undefined && nowMs < untilMs ? untilMs : undefined;
  }

  admitted(permit: Permit, nowMs: number): Open {
    if (this.state.kind === 'open') this.#to({ kind: 'halfOpen', lease: undefined });
    const open: Open = { permit, epoch: this.epoch, isLease: this.state.kind === 'halfOpen' };
    if (open.isLease) this.state = { kind: 'halfOpen', lease: { holder: open, endsMs: nowMs + this.options.leaseMs } };
    return open;
  }

  committed(open: Open, nowMs: number): void {
    if (!this.#holds(open)) return;
    this.close(nowMs);
    open.isLease = false;
    open.epoch = this.epoch;
  }

  /** `actualUntilMs`: until when the real one is blocked now; the jitter in it is checked, then taken over. */
  ended(open: Open, verdict: BreakerVerdict, nowMs: number, actualUntilMs: number | undefined): void {
    if (open.isLease) {
      if (!this.#holds(open)) return;
      if (verdict === 'success') this.close(nowMs);
      else if (verdict === 'failure') this.#openFor(this.#steps, nowMs, actualUntilMs);
      else this.state = { kind: 'halfOpen', lease: undefined };
    } else if (open.epoch === this.epoch && this.state.kind === 'closed' && verdict !== 'neutral') {
      this.#count(verdict === 'failure', nowMs, actualUntilMs);
    }
  }

  probed(): void {
    if (this.state.kind === 'open') this.#to({ kind: 'halfOpen', lease: undefined });
  }

  reset(nowMs: number): void {
    this.#steps = 0;
    this.close(nowMs);
  }

  close(nowMs: number): void {
    this.inARow = 0;
    this.#results = [];
    this.#closedAtMs = nowMs;
    this.#to({ kind: 'closed' });
  }

  #holds(open: Open): boolean {
    return this.state.kind === 'halfOpen' && this.state.lease?.holder === open;
  }

  #count(failed: boolean, nowMs: number, actualUntilMs: number | undefined): void {
    this.inARow = failed ? this.inARow + 1 : 0;
    this.#results.push({ atMs: nowMs, failed });
    if (!failed) return;
    const healthyMinutes = Math.floor((nowMs - this.#closedAtMs) / minuteMs);
    const steps = Math.max(0, this.#steps - healthyMinutes);
    const ratio = this.#ratio(nowMs);
    if (this.inARow >= this.options.failureThreshold || ratio === 'reached') this.#openFor(steps, nowMs, actualUntilMs);
    else if (ratio === 'either' && actualUntilMs !== undefined) this.#openFor(steps, nowMs, actualUntilMs);
  }

  /** The minute may be counted in slices of a second: what lies between 59 and 61 s back may be in or out. */
  #ratio(nowMs: number): 'reached' | 'missed' | 'either' {
    const ages = this.#results.map(({ atMs }) => nowMs - atMs).filter((age) => age > 59_000 && age <= 61_000);
    const verdicts = new Set(
      [59_000, ...ages].map((maxAgeMs) => {
        const recent = this.#results.filter(({ atMs }) => nowMs - atMs <= maxAgeMs);
        return recent.length >= 10 && recent.filter(({ failed }) => failed).length * 2 >= recent.length;
      }),
    );
    if (verdicts.size === 2) return 'either';
    return verdicts.has(true) ? 'reached' : 'missed';
  }

  #openFor(steps: number, nowMs: number, actualUntilMs: number | undefined): void {
    const { openMs, maxOpenMs } = this.options;
    const evenMs = Math.min(openMs * 2 ** steps, maxOpenMs);
    assert.ok(actualUntilMs !== undefined, 'should have opened');
    const forMs = actualUntilMs - nowMs;
    const mostMs = Math.min(evenMs * 1.25, maxOpenMs);
    assert.ok(forMs >= evenMs * 0.75 - 0.001 && forMs <= mostMs + 0.001, `open for ${forMs} at step ${steps}`);
    this.#steps = steps + 1;
    this.#to({ kind: 'open', untilMs: actualUntilMs });
  }

  #to(state: ModelState): void {
    this.epoch += 1;
    this.state = state;
  }
}

const waits = [0, 500, 3000, 11_000, 19_500, 45_000, minuteMs, 125_000, 310_000];
const verdicts: readonly BreakerVerdict[] = ['success', 'failure', 'failure', 'neutral'];

/** One step, taken from the bits of a number; so that a failing walk shrinks to few steps that do anything. */
function walk(failureThreshold: number, steps: readonly number[]): void {
  const options = { ...usual, failureThreshold };
  let drawn = 0;
  const breaker = new CircuitBreaker(options, () => {
    drawn += 1;
    return ((drawn * 7919) % 1000) / 1000;
  });
  const model = new Model(options);
  const open: Open[] = [];
  let nowMs = 1000;
  for (const step of steps) {
    nowMs += waits[(step >> 8) % 48] ?? 0;
    takeStep(step, breaker, model, open, nowMs);
    breaker.state(nowMs + (step % 1_000_000));
    breaker.blockedUntilMs(nowMs + (step % 1_000_000));
    assert.equal(breaker.state(nowMs), model.shownState(nowMs));
    assert.equal(breaker.blockedUntilMs(nowMs), model.blockedUntilMs(nowMs));
    if (model.state.kind === 'closed') assert.equal(breaker.consecutiveFailures, model.inARow);
  }
}

function takeStep(step: number, breaker: CircuitBreaker, model: Model, open: Open[], nowMs: number): void {
  const one = open[(step >> 4) % Math.max(1, open.length)];
  switch (step % 16) {
    case 0:
      return;
    case 1:
      if (one !== undefined) {
        breaker.commit(one.permit, nowMs);
        model.committed(one, nowMs);
      }
      return;
    case 2:
      if ((step >> 12) % 4 === 0) {
        breaker.reset(nowMs);
        model.reset(nowMs);
      }
      return;
    case 3:
      breaker.halfOpenNow(nowMs);
      model.probed();
      return;
    default:
      if (step % 2 === 0) tryToSend(breaker, model, open, nowMs);
      else if (one !== undefined) {
        open.splice(open.indexOf(one), 1);
        const verdict = verdicts[(step >> 12) % verdicts.length] ?? 'neutral';
        breaker.settle(one.permit, verdict, nowMs);
        model.ended(one, verdict, nowMs, breaker.blockedUntilMs(nowMs));
        breaker.settle(one.permit, 'failure', nowMs);
      }
  }
}

function tryToSend(breaker: CircuitBreaker, model: Model, open: Open[], nowMs: number): void {
  const mayPass = model.blockedUntilMs(nowMs) === undefined;
  const permit = breaker.acquire(nowMs);
  assert.equal(permit !== undefined, mayPass, 'admission');
  if (permit !== undefined) open.push(model.admitted(permit, nowMs));
}

describe('CircuitBreaker beside a model', () => {
  it('does the same through 100,000 random steps and more', () => {
    const steps = fc.array(fc.nat(0xffff), { minLength: 500, maxLength: 900 });
    fc.assert(fc.property(fc.constantFrom(3, 3, 7, 12), steps, walk), { numRuns: 440 });
  });
});
