import assert from 'node:assert/strict';
import type { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { lastResort, type SelectionRequest, select } from '../../../../src/core/routing/selection.ts';
import { endpointsOf, hard, idsFor, now, soft, usual } from './selectionRig.ts';

const later = (ms: number) => ({ mono: now.mono + ms, wall: now.wall + ms });
/** Two minutes on, every breaker that has opened is half-open. */
const atHalfOpen = later(120_000);

function resort(endpoints: readonly EndpointState[], more: Partial<SelectionRequest> = {}): string | undefined {
  const found = lastResort(endpoints, { ...usual, ...more });
  return found === undefined || found === 'wait' ? found : found.config.id;
}

/** Opens their breakers, each at its time; all stay open equally long. */
function openAt(endpoints: readonly EndpointState[], times: Readonly<Record<string, number>>): void {
  for (const { config, breaker } of endpoints) {
    for (let count = 0; count < 3 && times[config.id] !== undefined; count += 1) {
      const at = now.mono + (times[config.id] ?? 0);
      const permit = breaker.acquire(at);
      assert.ok(permit !== undefined);
      breaker.settle(permit, 'failure', at);
    }
  }
}

describe('lastResort', () => {
  it('is the open endpoint whose time is up first', () => {
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    openAt(endpoints, { a: 300, b: 100, c: 200 });
    assert.equal(select(endpoints, { ...usual, now: later(400) }).kind, 'none');
    assert.equal(resort(endpoints, { now: later(400) }), 'b');
    assert.equal(resort(endpoints, { now: later(400), tried: new Set(['b']) }), 'c');
    assert.equal(resort(endpoints, { now: later(400), tried: new Set(['a', 'b', 'c']) }), undefined);
  });

  it('is the first of those that are as bad', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    openAt(endpoints, { a: 0, b: 0 });
    assert.equal(resort(endpoints), 'a');
  });

  it('is one that cools down softly besides', () => {
    const endpoints = endpointsOf({ a: {} });
    idsFor(endpoints).failed('a', { cooldown: soft, countsAgainstBreaker: true }, 3);
    assert.equal(resort(endpoints), 'a');
  });

  it('waits while another request tries a half-open one, wherever it stands', () => {
    for (const leased of ['a', 'b', 'c']) {
      const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
      openAt(endpoints, { a: 0, b: 0, c: 0, [leased]: -120_000 });
      const permit = idsFor(endpoints).find(leased).acquire(now);
      assert.ok(permit !== undefined);
      assert.equal(resort(endpoints), 'wait');
      idsFor(endpoints).find(leased).breaker.settle(permit, 'failure', now.mono);
      assert.notEqual(resort(endpoints), 'wait', 'the trial is over');
    }
  });

  it('waits for nobody who could not serve this request', () => {
    const endpoints = endpointsOf({ a: {}, b: { dialect: 'openai' }, c: { models: ['gpt-*'] } });
    openAt(endpoints, { a: 0, b: -120_000, c: -120_000 });
    for (const id of ['b', 'c']) assert.ok(idsFor(endpoints).find(id).acquire(now) !== undefined);
    assert.equal(resort(endpoints), 'a');
  });

  it('is none where it is not a breaker that stands in the way', () => {
    const endpoints = endpointsOf({
      cooling: {},
      disabled: { enabled: false },
      keyless: {},
      other: { dialect: 'openai' },
      model: { models: ['gpt-*'] },
      suspended: {},
      tried: {},
    });
    const { find, failed } = idsFor(endpoints);
    const strike = { scope: 'key', kind: 'strike' } as const;
    const second = later(2000);
    failed('cooling', { cooldown: hard });
    failed('suspended', { class: 'auth', cooldown: strike });
    failed('suspended', { class: 'auth', cooldown: strike }, 1, second);
    assert.equal(find('suspended').stateName(second), 'suspended');
    openAt(endpoints, { disabled: 0, keyless: 0, other: 0, model: 0, suspended: 2000, tried: 0 });
    find('keyless').hasKey = false;
    assert.equal(resort(endpoints, { now: second, tried: new Set(['tried']) }), undefined);
    assert.equal(resort([]), undefined);
  });

  it('is none while a hard cooldown outlasts the breaker', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    openAt(endpoints, { b: 0 });
    const { failed, find } = idsFor(endpoints);
    failed('a', { cooldown: { ...hard, forMs: 600_000 }, countsAgainstBreaker: true }, 3);
    assert.equal(find('a').breaker.state(now.mono), 'open');
    assert.equal(resort(endpoints), 'b');
    assert.equal(resort(endpoints, { tried: new Set(['b']) }), undefined);
  });

  it('is none that a hard cooldown would keep closed all the same', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    openAt(endpoints, { b: 100 });
    const { failed, find } = idsFor(endpoints);
    failed('a', { cooldown: hard, countsAgainstBreaker: true }, 3);
    assert.equal(find('a').stateName(now), 'open', 'the cooldown ends first');
    assert.equal(resort(endpoints), 'b');
    assert.equal(resort(endpoints, { tried: new Set(['b']) }), undefined);
    assert.equal(resort(endpoints, { tried: new Set(['b']), now: later(40_000) }), 'a');
  });

  it('is none that is full of requests from before it opened: one of those is waited for', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 1 }, b: {} });
    openAt(endpoints, { a: 0, b: 100 });
    idsFor(endpoints).find('a').inFlight = 1;
    assert.equal(resort(endpoints), 'b');
    assert.equal(resort(endpoints, { tried: new Set(['b']) }), 'wait');
  });

  it('is none where one is usable, or half-open with its place free', () => {
    const usable = endpointsOf({ a: {} });
    assert.equal(resort(usable), undefined);
    openAt(usable, { a: 0 });
    assert.equal(resort(usable, { now: atHalfOpen }), undefined);
    assert.equal(select(usable, { ...usual, now: atHalfOpen }).kind, 'chosen');
  });

  it('is none for a request that would prove nothing, but such a one waits for a trial under way', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    openAt(endpoints, { a: 0, b: -120_000 });
    const permit = idsFor(endpoints).find('b').acquire(now);
    assert.equal(resort(endpoints, { isCounted: false }), 'wait');
    assert.ok(permit !== undefined);
    idsFor(endpoints).find('b').breaker.settle(permit, 'failure', now.mono);
    assert.equal(resort(endpoints, { isCounted: false }), undefined);
  });

  it('gives nobody s permit away', () => {
    const endpoints = endpointsOf({ a: {} });
    openAt(endpoints, { a: 0 });
    for (let count = 0; count < 5; count += 1) assert.equal(resort(endpoints), 'a');
    assert.equal(idsFor(endpoints).find('a').breaker.state(now.mono), 'open');
  });
});
