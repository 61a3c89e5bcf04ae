import assert from 'node:assert/strict';
import { type AffinityOptions, type Binding, SessionAffinity } from '../../../../src/core/routing/affinity.ts';
import { assertNoted, type Choices, type Walk, walkBesideModel } from '../endpoint/modelWalk.ts';

const sessions = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const endpoints = ['first', 'second', 'third'] as const;
const small: AffinityOptions = { ttlMs: 1000, maxSessions: 4, avoidMs: 300 };
const noFigures = { costUsd: undefined, model: undefined };

interface Avoided {
  readonly sessionId: string;
  readonly endpointId: string;
  readonly fromMs: number;
}

/** Affinity as behaviour.md §4 tells it: two plain lists, the one in order of use. */
class Model {
  bindings: Binding[] = [];
  /** Those whose endpoint was lost, the one lost last at the end. */
  lost: Binding[] = [];
  avoided: Avoided[] = [];

  live(sessionId: string, nowMs: number): Binding | undefined {
    return this.list(nowMs).find((one) => one.sessionId === sessionId);
  }

  /** The latest used first. */
  list(nowMs: number): Binding[] {
    return this.bindings.filter(({ lastUsedMs }) => nowMs <= lastUsedMs + small.ttlMs).toReversed();
  }

  succeeded(sessionId: string, endpointId: string, client: string | undefined, moves: boolean, nowMs: number): void {
    const { requestCount = 0, client: knownClient } = this.#lostOne(sessionId, nowMs) ?? {};
    const times = { boundAtMs: nowMs, lastUsedMs: nowMs };
    const fresh = { sessionId, endpointId, client: knownClient, ...times, requestCount, ...noFigures };
    this.#forgetLost(sessionId);
    const binding = this.live(sessionId, nowMs) ?? fresh;
    if (moves && binding.endpointId !== endpointId) Object.assign(binding, { endpointId, boundAtMs: nowMs });
    binding.lastUsedMs = nowMs;
    binding.requestCount += 1;
    if (client !== undefined) binding.client = client;
    this.#dropWhere((one) => one.sessionId === sessionId);
    this.bindings.push(binding);
    if (this.bindings.length > small.maxSessions) this.bindings.shift();
  }

  moved(sessionId: string, endpointId: string, nowMs: number): boolean {
    const lost = this.#lostOne(sessionId, nowMs);
    const binding = this.live(sessionId, nowMs) ?? lost;
    if (binding === undefined) return false;
    if (binding === lost) {
      this.#forgetLost(sessionId);
      binding.lastUsedMs = nowMs;
      this.#dropWhere((one) => one.sessionId === sessionId);
      this.bindings.push(binding);
      if (this.bindings.length > small.maxSessions) this.bindings.shift();
    }
    Object.assign(binding, { endpointId, boundAtMs: nowMs });
    this.avoided = this.avoided.filter((one) => one.sessionId !== sessionId);
    return true;
  }

  /** Where as many are remembered as sessions may be, all are forgotten first. */
  streamBroke(sessionId: string, endpointId: string, nowMs: number): void {
    if (this.avoided.length >= small.maxSessions) this.avoided = [];
    this.avoided = this.avoided.filter((one) => one.sessionId !== sessionId);
    this.avoided.push({ sessionId, endpointId, fromMs: nowMs });
  }

  avoidedBy(sessionId: string, nowMs: number): string | undefined {
    return this.avoided.find((one) => one.sessionId === sessionId && nowMs < one.fromMs + small.avoidMs)?.endpointId;
  }

  swept(nowMs: number): void {
    this.#dropWhere(({ lastUsedMs }) => nowMs > lastUsedMs + small.ttlMs);
    this.lost = this.lost.filter(({ lastUsedMs }) => nowMs <= lastUsedMs + small.ttlMs);
    this.avoided = this.avoided.filter(({ fromMs }) => nowMs < fromMs + small.avoidMs);
  }

  forgotten(): number {
    this.lost = [];
    return this.#dropWhere(() => true);
  }

  lostFrom(endpointId: string): number {
    const own = this.bindings.filter((one) => one.endpointId === endpointId);
    for (const one of own) this.#forgetLost(one.sessionId);
    this.lost = [...this.lost, ...own].slice(-small.maxSessions);
    return this.#dropWhere((one) => one.endpointId === endpointId);
  }

  unbound(sessionId: string): boolean {
    const isLost = this.#forgetLost(sessionId);
    return this.#dropWhere((one) => one.sessionId === sessionId) > 0 || isLost;
  }

  #lostOne(sessionId: string, nowMs: number): Binding | undefined {
    return this.lost.find((one) => one.sessionId === sessionId && nowMs <= one.lastUsedMs + small.ttlMs);
  }

  #forgetLost(sessionId: string): boolean {
    const before = this.lost.length;
    this.lost = this.lost.filter((one) => one.sessionId !== sessionId);
    return this.lost.length < before;
  }

  #dropWhere(isGone: (one: Binding) => boolean): number {
    const before = this.bindings.length;
    this.bindings = this.bindings.filter((one) => !isGone(one));
    return before - this.bindings.length;
  }
}

function text(binding: Binding | undefined): string {
  if (binding === undefined) return 'none';
  const { sessionId, endpointId, boundAtMs, lastUsedMs, requestCount, client } = binding;
  return [sessionId, endpointId, boundAtMs, lastUsedMs, requestCount, client].join(' ');
}

class AffinityWalk implements Walk {
  readonly #note: (what: string) => void;
  readonly #model = new Model();
  readonly #affinity = new SessionAffinity(small);
  #nowMs = 0;

  constructor(note: (what: string) => void) {
    this.#note = note;
  }

  step(choices: Choices): void {
    if (choices.below(3) === 0) this.#nowMs += choices.of(0, 1, 20, 150, 299, 300, 400, 1000, 1001);
    this.#take(choices, choices.of(...sessions), choices.of(...endpoints));
    this.#read(this.#nowMs + choices.of(0, 1e6, -1e6));
    this.#compare(choices.below(5));
  }

  #take(choices: Choices, sessionId: string, endpointId: string): void {
    const nowMs = this.#nowMs;
    const action = choices.below(32);
    if (action < 16) this.#succeed(choices, sessionId, endpointId);
    else if (action < 22) {
      this.#affinity.streamBroke(sessionId, endpointId, nowMs);
      this.#model.streamBroke(sessionId, endpointId, nowMs);
    } else if (action < 26) {
      const expected = this.#model.moved(sessionId, endpointId, nowMs);
      assert.equal(this.#affinity.move(sessionId, endpointId, nowMs), expected);
      this.#note(expected ? 'moved' : 'nothing to move');
    } else if (action < 28) {
      this.#affinity.sweep(nowMs);
      this.#model.swept(nowMs);
    } else if (action < 30) assert.equal(this.#affinity.unbind(sessionId), this.#model.unbound(sessionId));
    else if (action === 30) {
      const isByHand = choices.below(4) === 0;
      const count = isByHand ? this.#model.forgotten() : this.#model.lostFrom(endpointId);
      assert.equal(isByHand ? this.#affinity.unbindAll() : this.#affinity.loseAll(endpointId), count);
      this.#note(`unbound ${Math.min(count, 3)}`);
    }
  }

  #succeed(choices: Choices, sessionId: string, endpointId: string): void {
    const moves = choices.below(2) === 0;
    const client = choices.of(undefined, 'claude-cli/2.1.330', 'sdk');
    const before = this.#model.live(sessionId, this.#nowMs);
    this.#note(before === undefined ? 'bound' : before.endpointId === endpointId ? 'renewed' : `elsewhere ${moves}`);
    if (before === undefined && this.#model.bindings.length === small.maxSessions) this.#note('least recent goes');
    this.#affinity.succeeded({ sessionId, endpointId, client }, moves, this.#nowMs);
    this.#model.succeeded(sessionId, endpointId, client, moves, this.#nowMs);
  }

  /** Asks for some other time, which must change nothing. */
  #read(atMs: number): void {
    this.#affinity.binding('a', atMs);
    this.#affinity.avoided('a', atMs);
    this.#affinity.list(3, atMs);
  }

  #compare(limit: number): void {
    const nowMs = this.#nowMs;
    assert.equal(this.#affinity.size, this.#model.bindings.length);
    for (const id of sessions) {
      assert.equal(text(this.#affinity.binding(id, nowMs)), text(this.#model.live(id, nowMs)));
      const avoided = this.#affinity.avoided(id, nowMs);
      assert.equal(avoided, this.#model.avoidedBy(id, nowMs));
      if (avoided !== undefined) this.#note('avoided');
    }
    const list = this.#affinity.list(limit, nowMs).map(text);
    assert.equal(list.join('\n'), this.#model.list(nowMs).slice(0, limit).map(text).join('\n'));
    const lost = this.#model.lost.filter(({ lastUsedMs }) => nowMs <= lastUsedMs + small.ttlMs).map(text);
    assert.deepEqual(this.#affinity.unbound(9, nowMs).map(text).sort(), lost.sort());
    if (lost.length > 0) this.#note('lost');
    if (this.#model.list(nowMs).length < this.#model.bindings.length) this.#note('idle for too long');
  }
}

describe('SessionAffinity beside a model', () => {
  it('does the same at each random step', () => {
    const noted = walkBesideModel((note) => new AffinityWalk(note));
    const uses = ['bound', 'renewed', 'elsewhere true', 'elsewhere false', 'least recent goes', 'idle for too long'];
    const byHand = ['moved', 'nothing to move', 'avoided', 'unbound 0', 'unbound 1', 'unbound 3', 'lost'];
    assertNoted(noted, 30, [...uses, ...byHand]);
  }).timeout(120_000);
});
