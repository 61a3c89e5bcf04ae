import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { reasonInEnglish } from '../../../../src/core/outcome/reason.ts';
import { type Selection, type SelectionRequest, select } from '../../../../src/core/routing/selection.ts';
import { endpointsOf, hard, idsFor, now, soft, usual } from './selectionRig.ts';

const chosen = (selection: Selection) => (selection.kind === 'chosen' ? selection.endpoint.config.id : selection.kind);
const pick = (endpoints: readonly EndpointState[], more: Partial<SelectionRequest> = {}) =>
  chosen(select(endpoints, { ...usual, ...more }));
const reasons = ({ passedOver }: Selection) =>
  Object.fromEntries(passedOver.map(({ endpointId, reason }) => [endpointId, reasonInEnglish(reason)]));

describe('select, candidates', () => {
  it('takes the lowest priority number', () => {
    const endpoints = endpointsOf({ a: { priority: 5 }, b: { priority: 2 }, c: { priority: 9 } });
    const selection = select(endpoints, usual);
    assert.equal(chosen(selection), 'b');
    assert.ok(selection.kind === 'chosen');
    assert.deepEqual(selection.reason, { code: 'priority', level: 2 });
    const notChosen = { code: 'notChosen', because: selection.reason };
    assert.ok(selection.passedOver.every(({ reason }) => isDeepStrictEqual(reason, notChosen)));
    assert.equal(selection.passedOver.length, 2);
  });

  it('passes over what was tried, speaks another dialect, or does not serve the model, and says so', () => {
    const endpoints = endpointsOf({
      a: {},
      b: { dialect: 'openai' },
      c: { models: ['gpt-*'] },
      d: { models: ['claude-*'] },
    });
    const selection = select(endpoints, { ...usual, tried: new Set(['a']) });
    assert.equal(chosen(selection), 'd');
    const { a, b, c } = reasons(selection);
    assert.match(a ?? '', /tried/);
    assert.match(b ?? '', /openai/);
    assert.match(c ?? '', /model/);
    assert.equal(pick(endpoints, { dialect: 'openai', model: 'gpt-4o' }), 'b');
  });

  it('passes over what is disabled, without key, suspended, open or cooling, with reason and time', () => {
    const endpoints = endpointsOf({ a: { enabled: false }, b: {}, c: {}, d: {}, e: {}, f: {} });
    const { find, failed, opened } = idsFor(endpoints);
    find('b').hasKey = false;
    opened('c');
    failed('d', {
      class: 'billing',
      reason: { code: 'statusAndType', status: 402, type: 'billing_error' },
      cooldown: hard,
    });
    failed('e', { class: 'overloaded', reason: { code: 'status', status: 529 }, cooldown: soft });
    const selection = select(endpoints, usual);
    assert.equal(chosen(selection), 'f');
    assert.deepEqual(
      selection.passedOver.map(({ endpointId, untilMs }) => [endpointId, untilMs]),
      [
        ['a', undefined],
        ['b', undefined],
        ['c', find('c').breaker.blockedUntilMs(now.mono)],
        ['d', now.mono + 30_000],
        ['e', now.mono + 5000],
      ],
    );
    const { a, b, c, d } = reasons(selection);
    assert.match(a ?? '', /disabled/);
    assert.match(b ?? '', /key/i);
    assert.match(c ?? '', /^paused after 3 failures: connection lost/);
    assert.match(d ?? '', /^out of credit \(402/);
  });

  it('gives none, with every reason, where nothing is usable', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    idsFor(endpoints).opened('a');
    idsFor(endpoints).failed('b', { cooldown: hard });
    const selection = select(endpoints, usual);
    assert.equal(selection.kind, 'none');
    assert.equal(selection.passedOver.length, 2);
    assert.equal(select([], usual).kind, 'none');
  });

  it('lets one request through a half-open breaker, and sends the others elsewhere', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const { find, opened } = idsFor(endpoints);
    opened('a');
    const later = { mono: now.mono + 120_000, wall: now.wall + 120_000 };
    assert.equal(pick(endpoints, { now: later }), 'a');
    assert.notEqual(find('a').acquire(later), undefined);
    assert.equal(pick(endpoints, { now: later }), 'b');
  });

  it('takes nobody s permit and changes nothing', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const before = JSON.stringify(endpoints.map((one) => [one.inFlight, one.requestCount, one.stateName(now)]));
    for (let count = 0; count < 100; count += 1) pick(endpoints, { strategy: 'roundRobin' });
    assert.equal(JSON.stringify(endpoints.map((one) => [one.inFlight, one.requestCount, one.stateName(now)])), before);
  });

  it('says of each endpoint once whether it was chosen or why not', () => {
    const softOnes = endpointsOf({ a: {}, b: {}, c: {} });
    for (const id of ['a', 'b', 'c']) idsFor(softOnes).failed(id, { cooldown: soft });
    const mixed = endpointsOf({ a: {}, b: { dialect: 'openai' }, c: {}, d: { enabled: false }, e: {} });
    for (const endpoints of [mixed, softOnes]) {
      const selection = select(endpoints, usual);
      const told = [chosen(selection), ...selection.passedOver.map(({ endpointId }) => endpointId)];
      assert.deepEqual(told.sort(), endpoints.map(({ config }) => config.id).sort());
      assert.ok(selection.passedOver.every(({ reason }) => reasonInEnglish(reason) !== ''));
    }
  });

  it('sends token counts to a half-open endpoint only where there is no other', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    idsFor(endpoints).opened('a');
    const later = { mono: now.mono + 120_000, wall: now.wall + 120_000 };
    assert.equal(pick(endpoints, { now: later }), 'a');
    assert.equal(pick(endpoints, { now: later, isCounted: false }), 'b');
    assert.equal(pick(endpoints, { now: later, isCounted: false, boundTo: 'a' }), 'b');
    assert.equal(pick(endpoints, { now: later, isCounted: false, tried: new Set(['b']) }), 'a');
  });
});

describe('select, endpoints that cool down softly', () => {
  it('are taken only where nothing else is left', () => {
    const endpoints = endpointsOf({ a: {}, b: {} });
    const { failed } = idsFor(endpoints);
    failed('a', { cooldown: soft });
    assert.equal(pick(endpoints), 'b');
    assert.equal(pick(endpoints, { boundTo: 'a' }), 'b');
    failed('b', { cooldown: hard });
    assert.equal(pick(endpoints), 'a');
  });

  it('are not taken while their breaker is open', () => {
    const endpoints = endpointsOf({ a: {} });
    idsFor(endpoints).failed('a', { countsAgainstBreaker: true, cooldown: soft }, 3);
    assert.equal(select(endpoints, usual).kind, 'none');
  });

  it('are not taken beyond what they take at once', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 2 } });
    const { find, failed } = idsFor(endpoints);
    failed('a', { cooldown: soft });
    find('a').inFlight = 2;
    assert.notEqual(select(endpoints, usual).kind, 'chosen');
    find('a').inFlight = 1;
    assert.equal(pick(endpoints), 'a');
  });
});

describe('select, full endpoints', () => {
  it('are waited for only where no other can take it', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 1 }, b: {} });
    const { find, opened } = idsFor(endpoints);
    find('a').inFlight = 1;
    const selection = select(endpoints, usual);
    assert.equal(chosen(selection), 'b');
    assert.notEqual(reasons(selection)['a'], undefined);
    opened('b');
    assert.equal(select(endpoints, usual).kind, 'full');
  });

  it('are waited for by their sessions', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 1 }, b: {} });
    idsFor(endpoints).find('a').inFlight = 1;
    assert.equal(select(endpoints, { ...usual, boundTo: 'a' }).kind, 'full');
    assert.equal(pick(endpoints, { boundTo: 'a', override: 'b' }), 'b');
  });

  it('take token counts all the same', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 1 } });
    idsFor(endpoints).find('a').inFlight = 25;
    assert.equal(pick(endpoints, { isCounted: false }), 'a');
  });

  it('are not waited for by a session whose stream has just broken there', () => {
    const endpoints = endpointsOf({ a: { maxConcurrent: 1 }, b: {} });
    idsFor(endpoints).find('a').inFlight = 1;
    assert.equal(pick(endpoints, { boundTo: 'a', avoid: 'a' }), 'b');
  });
});

describe('select, after an overload', () => {
  const shared = { baseUrl: 'https://one.example.com' };
  const settings = { a: shared, b: { baseUrl: 'https://one.example.com/other' }, c: {} };
  const request = { ...usual, tried: new Set(['a']), overloadedHosts: new Set(['one.example.com']) };

  it('takes another host first, whatever the priority', () => {
    const selection = select(endpointsOf(settings), request);
    assert.equal(selection.kind === 'chosen' && selection.endpoint.config.id, 'c');
    assert.ok(selection.passedOver.some(({ endpointId }) => endpointId === 'b'));
  });

  it('takes the same host where there is no other, or none that can', () => {
    const endpoints = endpointsOf(settings);
    idsFor(endpoints).opened('c');
    const selection = select(endpoints, request);
    assert.equal(selection.kind === 'chosen' && selection.endpoint.config.id, 'b');
  });

  it('tells two ports of a host apart', () => {
    const ports = { a: { baseUrl: 'http://127.0.0.1:1001' }, b: { baseUrl: 'http://127.0.0.1:1002' }, c: {} };
    const selection = select(endpointsOf(ports), { ...request, overloadedHosts: new Set(['127.0.0.1:1001']) });
    assert.equal(selection.kind === 'chosen' && selection.endpoint.config.id, 'b');
  });
});

describe('select, while this machine has trouble', () => {
  it('takes only what is reached another way', () => {
    const endpoints = endpointsOf({ far: {}, farther: {}, here: { baseUrl: 'http://127.0.0.1:11434' } });
    const selection = select(endpoints, { ...usual, closedWays: new Set(['names']) });
    assert.equal(selection.kind === 'chosen' && selection.endpoint.config.id, 'here');
    assert.deepEqual(
      selection.passedOver.map(({ endpointId, reason }) => [endpointId, reason]),
      [
        ['far', { code: 'samePathFailed' }],
        ['farther', { code: 'samePathFailed' }],
      ],
    );
  });
});
