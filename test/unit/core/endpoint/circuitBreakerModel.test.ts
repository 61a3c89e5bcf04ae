import assert from 'node:assert/strict';
import {
  type BreakerOptions,
  type BreakerVerdict,
  CircuitBreaker,
  type Permit,
} from '../../../../src/core/endpoint/circuitBreaker.ts';
import { assertNoted, type Choices, type Walk, walkBesideModel } from './modelWalk.ts';

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
  options: BreakerOptions;
  state: ModelState = { kind: 'closed' };
  epoch = 0;
  inARow = 0;
  changedAtMs = 0;
  #steps = 0;
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
    if (this.state.kind === 'open') this.#to({ kind: 'halfOpen', lease: undefined }, nowMs);
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

  probed(nowMs: number): void {
    if (this.state.kind === 'open') this.#to({ kind: 'halfOpen', lease: undefined }, nowMs);
  }

  reset(nowMs: number): void {
    this.#steps = 0;
    this.close(nowMs);
  }

  close(nowMs: number): void {
    this.inARow = 0;
    this.#results = [];
    this.#to({ kind: 'closed' }, nowMs);
  }

  /** Whether the end of this request means anything: it began in the state that still is. */
  heeds(open: Open): boolean {
    return open.isLease ? this.#holds(open) : open.epoch === this.epoch && this.state.kind === 'closed';
  }

  #holds(open: Open): boolean {
    return this.state.kind === 'halfOpen' && this.state.lease?.holder === open;
  }

  #count(failed: boolean, nowMs: number, actualUntilMs: number | undefined): void {
    this.inARow = failed ? this.inARow + 1 : 0;
    this.#results.push({ atMs: nowMs, failed });
    if (!failed) return;
    const healthyMinutes = Math.floor((nowMs - this.changedAtMs) / minuteMs);
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
    this.#to({ kind: 'open', untilMs: actualUntilMs }, nowMs);
  }

  #to(state: ModelState, nowMs: number): void {
    this.epoch += 1;
    this.changedAtMs = nowMs;
    this.state = state;
  }
}

const waits = [0, 500, 3000, 11_000, 19_500, 45_000, minuteMs, 125_000, 310_000] as const;

class BreakerWalk implements Walk {
  readonly #note: (what: string) => void;
  readonly #model: Model;
  readonly #breaker: CircuitBreaker;
  readonly #open: Open[] = [];
  #drawn = 0;
  #nowMs = 1000;

  constructor(note: (what: string) => void) {
    this.#note = note;
    this.#model = new Model(usual);
    this.#breaker = new CircuitBreaker(usual, () => this.#drawn);
  }

  step(choices: Choices): void {
    if (choices.below(5) === 0) this.#nowMs += choices.of(...waits, this.#untilFreeMs());
    this.#drawn = choices.of(0.5, 0, 0.2, 0.999_999);
    const before = this.#model.shownState(this.#nowMs);
    this.#take(choices);
    this.#read(this.#nowMs + choices.of(0, 500_000, -500_000));
    this.#compare();
    this.#note(`${before} to ${this.#model.shownState(this.#nowMs)}`);
  }

  /** How long until it may admit again. */
  #untilFreeMs(): number {
    return (this.#model.blockedUntilMs(this.#nowMs) ?? this.#nowMs) - this.#nowMs;
  }

  #take(choices: Choices): void {
    const action = choices.below(16);
    const one = this.#open[choices.below(Math.max(1, this.#open.length))];
    if (action < 7) this.#send();
    else if (action < 13 && one !== undefined) this.#end(one, choices);
    else if (action === 13 && one !== undefined) {
      this.#breaker.commit(one.permit, this.#nowMs);
      this.#model.committed(one, this.#nowMs);
    } else if (action === 14 && choices.below(4) === 0) {
      this.#breaker.halfOpenNow(this.#nowMs);
      this.#model.probed(this.#nowMs);
    } else if (action === 15 && choices.below(8) === 0) this.#set(choices);
  }

  #send(): void {
    const mayPass = this.#model.blockedUntilMs(this.#nowMs) === undefined;
    const permit = this.#breaker.acquire(this.#nowMs);
    assert.equal(permit !== undefined, mayPass, 'admission');
    if (permit === undefined) return;
    const { state } = this.#model;
    if (state.kind === 'halfOpen' && state.lease !== undefined) this.#note('lease given to another');
    this.#open.push(this.#model.admitted(permit, this.#nowMs));
  }

  /** A request ends, and its end is told twice. */
  #end(one: Open, choices: Choices): void {
    const verdict = choices.of<BreakerVerdict>('neutral', 'success', 'failure', 'failure', 'failure');
    this.#open.splice(this.#open.indexOf(one), 1);
    if (this.#model.heeds(one)) this.#note(one.isLease ? `lease ends with ${verdict}` : verdict);
    else this.#note('too late');
    this.#breaker.settle(one.permit, verdict, this.#nowMs);
    this.#model.ended(one, verdict, this.#nowMs, this.#breaker.blockedUntilMs(this.#nowMs));
    const { state, inARow, options } = this.#model;
    if (state.kind === 'open' && inARow < options.failureThreshold) this.#note('open, few in a row');
    this.#breaker.settle(one.permit, 'failure', this.#nowMs);
    this.#breaker.commit(one.permit, this.#nowMs);
  }

  /** Somebody resets it, or the settings change: they hold for what comes. */
  #set(choices: Choices): void {
    if (choices.below(2) === 0) {
      this.#breaker.reset(this.#nowMs);
      this.#model.reset(this.#nowMs);
      return;
    }
    const failureThreshold = choices.of(3, 3, 7, 12, 1);
    const options = choices.of(usual, { ...usual, openMs: 10_000, leaseMs: 60_000 }, { ...usual, openMs: 300_000 });
    this.#model.options = { ...options, failureThreshold };
    this.#breaker.options = this.#model.options;
  }

  /** Asks for some other time, which must change nothing. */
  #read(atMs: number): void {
    this.#breaker.state(atMs);
    this.#breaker.blockedUntilMs(atMs);
  }

  #compare(): void {
    assert.equal(this.#breaker.state(this.#nowMs), this.#model.shownState(this.#nowMs));
    assert.equal(this.#breaker.blockedUntilMs(this.#nowMs), this.#model.blockedUntilMs(this.#nowMs));
    assert.equal(this.#breaker.sinceMs, this.#model.changedAtMs);
    if (this.#model.state.kind === 'closed') assert.equal(this.#breaker.consecutiveFailures, this.#model.inARow);
  }
}

describe('CircuitBreaker beside a model', () => {
  it('does the same at each random step', () => {
    const noted = walkBesideModel((note) => new BreakerWalk(note));
    const changes = ['closed to open', 'open to halfOpen', 'halfOpen to open', 'halfOpen to closed', 'open to closed'];
    const leases = ['neutral', 'success', 'failure'].map((verdict) => `lease ends with ${verdict}`);
    const counted = ['neutral', 'success', 'failure', 'too late', 'lease given to another', 'open, few in a row'];
    assertNoted(noted, 30, [...changes, ...leases, ...counted]);
  }).timeout(120_000);
});
