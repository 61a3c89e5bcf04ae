import assert from 'node:assert/strict';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { RoundRobin } from '../../../../src/core/routing/roundRobin.ts';
import { type SelectionRequest, select } from '../../../../src/core/routing/selection.ts';
import { now, usual as unbound } from './selectionRig.ts';

/** Asked of any endpoint, with turns that no other file has taken. */
const usual: SelectionRequest = { ...unbound, dialect: undefined, model: undefined, roundRobin: new RoundRobin() };

function endpointsOf(settings: Readonly<Record<string, object>>): EndpointState[] {
  const given = Object.entries(settings).map(([id, more]) => ({ id, baseUrl: `https://${id}.example.com`, ...more }));
  const parsed = parseConfig({ endpoints: given });
  assert.ok(parsed.kind === 'ok');
  const breaker = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };
  return parsed.config.endpoints.map((one) => new EndpointState(one, true, breaker, () => 0));
}

function take(endpoints: readonly EndpointState[], more: Partial<SelectionRequest> = {}) {
  const request = { ...usual, ...more };
  const selection = select(endpoints, request);
  assert.ok(selection.kind === 'chosen');
  if (selection.turnAmong !== undefined) request.roundRobin.take(selection.turnAmong, selection.endpoint);
  return { id: selection.endpoint.config.id, reason: selection.reason, endpoint: selection.endpoint };
}

/** Evenly spread numbers from 0 to 1, each once in `count` calls, in an order without a pattern. */
function evenly(count: number): () => number {
  let call = 0;
  return () => {
    call += 1;
    return ((call * 7919) % count) / count;
  };
}

/** How often each is chosen in so many requests; each chosen one counts the request as the data path does. */
function shares(
  endpoints: readonly EndpointState[],
  count: number,
  more: Partial<SelectionRequest>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let request = 0; request < count; request += 1) {
    const { id, endpoint } = take(endpoints, more);
    endpoint.requestCount += 1;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

const levels = { home: { priority: 1 }, spare: { priority: 2 }, last: { priority: 3 } };

describe('select, binding', () => {
  it('comes first, whatever the strategy', () => {
    const endpoints = endpointsOf(levels);
    for (const strategy of ['weighted', 'roundRobin', 'random', 'leastConnections', 'fastest', 'priority'] as const) {
      const { id, reason } = take(endpoints, { strategy, boundTo: 'last' });
      assert.deepEqual([id, reason], ['last', { code: 'bound' }], strategy);
    }
  });

  it('gives way to a choice by hand', () => {
    const { id, reason } = take(endpointsOf(levels), { boundTo: 'last', override: 'spare', avoid: 'spare' });
    assert.equal(id, 'spare');
    assert.deepEqual(reason, { code: 'chosenByHand' });
  });

  it('gives way where the endpoint was tried, and a choice by hand too', () => {
    const endpoints = endpointsOf(levels);
    assert.equal(take(endpoints, { boundTo: 'home', tried: new Set(['home']) }).id, 'spare');
    assert.equal(take(endpoints, { override: 'last', tried: new Set(['last']) }).id, 'home');
  });

  it('begins for a subagent where its parent is', () => {
    const endpoints = endpointsOf(levels);
    const { id, reason } = take(endpoints, { parentBoundTo: 'last' });
    assert.equal(id, 'last');
    assert.deepEqual(reason, { code: 'parentBound' });
    assert.equal(take(endpoints, { parentBoundTo: 'last', boundTo: 'spare' }).id, 'spare', 'its own comes first');
  });

  it('goes home to a higher priority only after the session was idle for long enough', () => {
    const endpoints = endpointsOf(levels);
    assert.equal(take(endpoints, { boundTo: 'spare', idleMs: 299_999 }).id, 'spare');
    const { id, reason } = take(endpoints, { boundTo: 'spare', idleMs: 300_001 });
    assert.equal(id, 'home');
    assert.deepEqual(reason, { code: 'goingHome', because: { code: 'priority', level: 1 } });
    assert.equal(take(endpoints, { boundTo: 'spare', idleMs: 300_001, tried: new Set(['home']) }).id, 'spare');
    assert.equal(take(endpoints, { boundTo: 'home', idleMs: 1e9 }).id, 'home');
  });

  it('goes home with the strategy priority only', () => {
    const endpoints = endpointsOf(levels);
    for (const strategy of ['weighted', 'roundRobin', 'random', 'leastConnections', 'fastest'] as const) {
      assert.equal(take(endpoints, { strategy, boundTo: 'last', idleMs: 1e9 }).id, 'last', strategy);
    }
  });

  it('does not hold where the stream has just broken, while another is usable', () => {
    const endpoints = endpointsOf(levels);
    assert.equal(take(endpoints, { boundTo: 'home', avoid: 'home' }).id, 'spare');
    assert.equal(take(endpoints, { boundTo: 'spare', avoid: 'home' }).id, 'spare');
    assert.equal(take(endpoints, { avoid: 'home' }).id, 'spare');
    assert.equal(take(endpoints, { parentBoundTo: 'home', avoid: 'home' }).id, 'spare');
    assert.equal(take(endpointsOf({ home: {} }), { boundTo: 'home', avoid: 'home' }).id, 'home', 'the only one');
  });

  it('does not go home to where the stream has just broken', () => {
    const endpoints = endpointsOf(levels);
    const atOnce = { boundTo: 'spare', avoid: 'home', goHomeAfterIdleMs: 0, idleMs: 1000 };
    assert.equal(take(endpoints, atOnce).id, 'spare');
  });

  it('is told apart from being the only one left', () => {
    const endpoints = endpointsOf(levels);
    assert.deepEqual(take(endpoints, { tried: new Set(['home', 'spare']) }).reason, { code: 'onlyOneLeft' });
  });
});

describe('select, strategies', () => {
  it('priority stays on the first level and spreads by weight within it', () => {
    const endpoints = endpointsOf({ a: { weight: 300 }, b: { weight: 100 }, c: { priority: 2, weight: 1000 } });
    assert.deepEqual(shares(endpoints, 1000, { random: evenly(1000) }), { a: 750, b: 250 });
  });

  it('weighted spreads by weight over all', () => {
    const endpoints = endpointsOf({ a: { weight: 50 }, b: { priority: 9, weight: 150 }, c: { weight: 200 } });
    assert.deepEqual(shares(endpoints, 800, { strategy: 'weighted', random: evenly(800) }), { a: 100, b: 300, c: 400 });
  });

  it('random spreads evenly, whatever the weight', () => {
    const endpoints = endpointsOf({ a: { weight: 1 }, b: { weight: 1000 } });
    assert.deepEqual(shares(endpoints, 1000, { strategy: 'random', random: evenly(1000) }), { a: 500, b: 500 });
  });

  it('stays within bounds for every number that may be drawn', () => {
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    for (const strategy of ['priority', 'weighted', 'random', 'fastest'] as const) {
      for (const drawn of [0, 0.5, 1 - Number.EPSILON / 2]) take(endpoints, { strategy, random: () => drawn });
    }
  });

  it('round robin takes turns by weight, without long runs', () => {
    const endpoints = endpointsOf({ a: { weight: 200 }, b: { weight: 100 }, c: { weight: 100 } });
    const order: string[] = [];
    const roundRobin = new RoundRobin();
    for (let request = 0; request < 400; request += 1) {
      const { id, endpoint } = take(endpoints, { strategy: 'roundRobin', roundRobin });
      endpoint.requestCount += 1;
      order.push(id);
    }
    const count = (id: string) => order.filter((one) => one === id).length;
    assert.deepEqual([count('a'), count('b'), count('c')], [200, 100, 100]);
    assert.doesNotMatch(order.join(''), /aaaa|bb|cc/);
  });

  it('round robin does not pour everything on one that comes back', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const [, second] = endpoints;
    assert.ok(second !== undefined);
    second.enabledOverride = false;
    const roundRobin = new RoundRobin();
    shares(endpoints, 100, { strategy: 'roundRobin', roundRobin });
    second.enabledOverride = undefined;
    const { b } = shares(endpoints, 20, { strategy: 'roundRobin', roundRobin });
    assert.ok((b ?? 0) <= 12, `${b} of 20`);
  });

  it('least connections takes the one with the fewest in flight for its weight', () => {
    const endpoints = endpointsOf({ a: { weight: 100 }, b: { weight: 300 }, c: { weight: 100 } });
    const inFlight = (...counts: number[]) => {
      endpoints.forEach((endpoint, index) => {
        endpoint.inFlight = counts[index] ?? 0;
      });
      return take(endpoints, { strategy: 'leastConnections' }).id;
    };
    assert.deepEqual(
      [inFlight(2, 1, 1), inFlight(1, 2, 1), inFlight(1, 4, 2), inFlight(1, 4, 0)],
      ['b', 'b', 'a', 'c'],
    );
  });

  it('least connections spreads by weight where none has fewer than the others', () => {
    const endpoints = endpointsOf({ a: { weight: 100 }, b: { weight: 300 }, c: { weight: 100 } });
    const [, , c] = endpoints;
    assert.ok(c !== undefined);
    c.inFlight = 1;
    const counts = shares(endpoints, 400, { strategy: 'leastConnections', random: evenly(400) });
    assert.deepEqual(counts, { a: 100, b: 300 });
  });

  it('fastest takes the quicker of two, by time to first byte and load', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const [a, b] = endpoints;
    assert.ok(a !== undefined && b !== undefined);
    a.latency.addTime(400, now.mono);
    b.latency.addTime(300, now.mono);
    const picks = () =>
      [0, 0.3, 0.6, 0.9].map((drawn) => take(endpoints, { strategy: 'fastest', random: () => drawn }).id);
    assert.deepEqual(picks(), ['b', 'b', 'b', 'b']);
    b.inFlight = 4;
    assert.deepEqual(picks(), ['a', 'a', 'a', 'a']);
  });

  it('fastest takes the only one that is left beside one to be avoided', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    for (const drawn of [0, 0.9]) {
      assert.equal(take(endpoints, { strategy: 'fastest', avoid: 'a', random: () => drawn }).id, 'b');
    }
  });

  it('fastest counts one that was never measured like the middle of the others', () => {
    const endpoints = endpointsOf({ slow: {}, middle: {}, fast: {}, cold: {} });
    const timesMs = { slow: 3000, middle: 600, fast: 300 };
    for (const { config, latency } of endpoints) {
      const timeMs = timesMs[config.id as keyof typeof timesMs];
      if (timeMs !== undefined) latency.addTime(timeMs, now.mono);
    }
    const counts: Record<string, number> = {};
    const drawn = evenly(9973);
    for (let request = 0; request < 60; request += 1) {
      const { id, endpoint } = take(endpoints, { strategy: 'fastest', random: drawn });
      endpoint.inFlight += 1;
      counts[id] = (counts[id] ?? 0) + 1;
    }
    const { slow = 0, middle = 0, fast = 0, cold = 0 } = counts;
    assert.ok(fast > cold && Math.abs(cold - middle) <= 4 && middle > slow, JSON.stringify(counts));
  });

  it('fastest looks at load alone where nothing was measured', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const [a] = endpoints;
    assert.ok(a !== undefined);
    a.inFlight = 1;
    for (const drawn of [0, 0.9]) {
      assert.equal(take(endpoints, { strategy: 'fastest', random: () => drawn }).id, 'b');
    }
  });

  it('fastest gives one that answered slowly long ago another try', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const [a, b] = endpoints;
    assert.ok(a !== undefined && b !== undefined);
    a.latency.addTime(20_000, now.mono - 60_000);
    b.latency.addTime(300, now.mono);
    const drawn = evenly(9973);
    const picks = Array.from({ length: 100 }, () => {
      return take(endpoints, { strategy: 'fastest', random: drawn }).id;
    });
    assert.ok(picks.includes('a'));
  });
});
