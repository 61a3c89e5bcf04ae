import assert from 'node:assert/strict';
import type { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { type SelectionRequest, select } from '../../../../src/core/routing/selection.ts';
import { endpointsOf, hard, idsFor, soft, usual } from './selectionRig.ts';

/** The chosen endpoint, and whether the session moves there. */
function moved(endpoints: readonly EndpointState[], more: Partial<SelectionRequest> = {}): [string, boolean] {
  const selection = select(endpoints, { ...usual, ...more });
  assert.ok(selection.kind === 'chosen');
  return [selection.endpoint.config.id, selection.movesSession];
}

const strategies = ['priority', 'weighted', 'roundRobin', 'random', 'leastConnections', 'fastest'] as const;

describe('select, a session moves', () => {
  it('to wherever it is chosen for, while it is bound nowhere', () => {
    for (const strategy of strategies) {
      assert.equal(moved(endpointsOf({ a: {}, b: {} }), { strategy })[1], true, strategy);
      assert.equal(moved(endpointsOf({ a: {} }), { strategy })[1], true, 'the only one');
    }
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    assert.deepEqual(moved(endpoints, { tried: new Set(['a']) }), ['b', true]);
    assert.deepEqual(moved(endpoints, { tried: new Set(['a', 'b']) }), ['c', true], 'the only one left');
    assert.deepEqual(moved(endpoints, { parentBoundTo: 'c' }), ['c', true], 'where its parent is');
  });

  it('home', () => {
    const endpoints = endpointsOf({ home: {}, spare: {}, last: {} });
    assert.deepEqual(moved(endpoints, { boundTo: 'spare', idleMs: 300_001 }), ['home', true]);
    assert.deepEqual(moved(endpoints, { boundTo: 'last', idleMs: 300_001, avoid: 'home' }), ['spare', true]);
  });

  it('away from the endpoint it is to avoid', () => {
    assert.deepEqual(moved(endpointsOf({ a: {}, b: {}, c: {} }), { boundTo: 'a', avoid: 'a' }), ['b', true]);
    assert.deepEqual(moved(endpointsOf({ a: {}, b: {} }), { boundTo: 'a', avoid: 'a', tried: new Set(['a']) }), [
      'b',
      true,
    ]);
    const left = endpointsOf({ a: {}, b: {}, c: {} });
    idsFor(left).failed('a', { cooldown: hard });
    idsFor(left).opened('c');
    assert.deepEqual(moved(left, { boundTo: 'a', avoid: 'a' }), ['b', true], 'the only one left');
  });
});

describe('select, a session stays', () => {
  it('where it is bound', () => {
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    for (const strategy of strategies) assert.deepEqual(moved(endpoints, { strategy, boundTo: 'b' }), ['b', false]);
    assert.deepEqual(moved(endpoints, { boundTo: 'b', avoid: 'a', idleMs: 1e9 }), ['b', false]);
  });

  it('bound while one request goes elsewhere because its own has failed it', () => {
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    for (const strategy of strategies) {
      const [id, movesSession] = moved(endpoints, { strategy, boundTo: 'a', tried: new Set(['a']) });
      assert.notEqual(id, 'a');
      assert.equal(movesSession, false, strategy);
    }
    const tried = new Set(['a', 'b']);
    assert.deepEqual(moved(endpoints, { boundTo: 'a', tried }), ['c', false], 'the only one left');
    assert.deepEqual(moved(endpoints, { boundTo: 'b', tried: new Set(['b']), avoid: 'a' }), ['c', false]);
  });

  it('bound while one request goes elsewhere because its own cools down for that one', () => {
    for (const cooldown of [soft, { ...hard, scope: 'family' } as const]) {
      const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
      idsFor(endpoints).failed('a', { cooldown });
      assert.deepEqual(moved(endpoints, { boundTo: 'a' }), ['b', false]);
      assert.deepEqual(moved(endpoints, { boundTo: 'a', parentBoundTo: 'c' }), ['c', false]);
    }
  });

  it('bound while one request goes elsewhere for its model or its dialect', () => {
    const endpoints = endpointsOf({ a: { models: ['gpt-*'] }, b: { dialect: 'openai' }, c: {}, d: {} });
    for (const boundTo of ['a', 'b']) assert.deepEqual(moved(endpoints, { boundTo }), ['c', false]);
  });

  it('bound where one is chosen by hand', () => {
    const endpoints = endpointsOf({ a: {}, b: {}, c: {} });
    assert.deepEqual(moved(endpoints, { boundTo: 'a', override: 'c' }), ['c', false]);
    assert.deepEqual(moved(endpoints, { boundTo: 'a', override: 'c', idleMs: 1e9 }), ['c', false]);
    assert.deepEqual(moved(endpoints, { override: 'c' }), ['c', false], 'it is not moved there either');
  });
});
