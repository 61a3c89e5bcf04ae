import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages, TestBed, withBed } from '../../support/processes/testBed.ts';
import type { ControlEvent } from '../../support/scenes/eventReader.ts';
import { snapshotShape } from '../../support/scenes/snapshotShape.ts';
import { openStream } from '../../support/scenes/streamClient.ts';

const changes = (events: readonly ControlEvent[]) =>
  events.flatMap((event) => (event.event === 'change' ? [event] : []));

describe('the event stream', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.gateway([first, second]);
  });
  afterEach(() => bed.close());

  const attach = () => bed.window(gateway);
  const ask = () => send(`${gateway.url}/v1/messages`, { json: messages() });

  it('begins with a whole snapshot', async () => {
    await ask();
    const reader = await attach();
    const event = await reader.until('the first event', () => true);
    assert.equal(event.event, 'snapshot');
    snapshotShape(event.data, 'snapshot');
  });

  it('tells of a request within a second, with only the parts that changed', async () => {
    const reader = await attach();
    await reader.until('the snapshot', ({ event }) => event === 'snapshot');
    const askedAt = performance.now();
    await ask();
    const event = await reader.until(
      'the request',
      (one) => one.event === 'change' && (one.data.requests?.length ?? 0) > 0,
    );
    assert.ok(event.atMs - askedAt < 1000);
    assert.ok(event.event === 'change');
    assert.equal(event.data.requests?.[0]?.endpointId, 'first');
    assert.equal(event.data.sessions?.changed.length, 1);
    for (const { data } of changes(reader.events))
      assert.equal(data.gateway, undefined, 'the gateway itself is as before');
  });

  it('gives each request once, the newest first, to every window', async () => {
    const readers = [await attach(), await attach(), await attach()];
    for (let n = 0; n < 12; n += 1) await ask();
    const { requests } = await gateway.status();
    for (const reader of readers) {
      const seen = () =>
        changes(reader.events)
          .toReversed()
          .flatMap(({ data }) => data.requests ?? [])
          .map(({ id }) => id);
      await until('all requests', seen, (ids) => ids.length >= 12);
      assert.deepEqual(
        seen(),
        requests.map(({ id }) => id),
      );
    }
  });

  it('brings log lines that name endpoint, class, reason and milliseconds', async () => {
    const reader = await attach();
    first.behaveNext({ kind: 'status', status: 529 });
    await ask();
    const event = await reader.until('the failed attempt', (one) => {
      return one.event === 'log' && JSON.stringify(one.data.fields).includes('overloaded');
    });
    assert.ok(event.event === 'log');
    const told = JSON.stringify(event.data);
    assert.match(told, /first/);
    assert.match(told, /529/);
    assert.match(told, /[mM]s"/);
    assert.doesNotMatch(told, new RegExp(keyOf('first')));
  });

  it('is SSE by its type, not to be stored, and without CORS headers', async () => {
    const headers = { authorization: `Bearer ${gateway.controlToken}` };
    const stream = await openStream(`${gateway.url}/signalbox/events`, undefined, headers);
    assert.equal(stream.status, 200);
    assert.match(stream.headers['content-type'] ?? '', /^text\/event-stream/);
    assert.match(String(stream.headers['cache-control']), /no-store|no-cache/);
    assert.equal(stream.headers['access-control-allow-origin'], undefined);
    stream.destroy();
  });

  it('ends with `stopped` on shutdown, after the mark is written', async () => {
    const reader = await attach();
    await reader.until('the snapshot', ({ event }) => event === 'snapshot');
    const reply = await gateway.control('POST', '/signalbox/shutdown');
    assert.ok(reply.status === 200 || reply.status === 202);
    await reader.ended;
    assert.equal(reader.events.at(-1)?.event, 'stopped');
  });

  it('of a window that left costs nothing: the others go on', async () => {
    const [gone, stays] = [await attach(), await attach()];
    gone.close();
    await ask();
    await stays.until('the request', (one) => one.event === 'change' && one.data.requests !== undefined);
  });
});

describe('the event stream, as time goes by,', () => {
  async function begin(bed: TestBed) {
    const first = await bed.endpoint('first');
    const gateway = await bed.gateway([first, await bed.endpoint('second')]);
    const ask = () => send(`${gateway.url}/v1/messages`, { json: messages() });
    return { first, gateway, ask };
  }

  itConcurrently({
    'is coalesced under load: at most 4 or 5 changes a second': withBed(async (bed) => {
      const { gateway, ask } = await begin(bed);
      const reader = await bed.window(gateway);
      const beginsAt = performance.now();
      while (performance.now() - beginsAt < 1000) await Promise.all(Array.from({ length: 10 }, ask));
      const { totals } = await gateway.status();
      const count = changes(reader.events).length;
      const seconds = (performance.now() - beginsAt) / 1000;
      assert.ok(count >= 1 && count <= 5 * seconds + 1, `${count} changes in ${seconds} s`);
      assert.ok(totals.requests > count, 'a change is not told for each request');
    }),

    'says nothing while nothing happens, though a cooldown, an override and a session run on': withBed(async (bed) => {
      const { first, gateway, ask } = await begin(bed);
      first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '50' } });
      await ask();
      await gateway.control('PUT', '/signalbox/override', { endpointId: 'second' });
      const reader = await bed.window(gateway);
      const since = performance.now();
      await until(
        'three looks',
        () => performance.now() - since,
        (ms) => ms > 3300,
      );
      const late = changes(reader.events).filter(({ atMs }) => atMs - since > 500);
      assert.deepEqual(
        late.map(({ data }) => data),
        [],
      );
    }),

    'tells of a state that changes by itself: a cooldown that ends': withBed(async (bed) => {
      const { first, gateway, ask } = await begin(bed);
      const reader = await bed.window(gateway);
      first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after-ms': '1500' } });
      await ask();
      const stateIs = (state: (count: number) => boolean) => (one: ControlEvent) =>
        one.event === 'change' && state(one.data.endpoints?.[0]?.cooldowns.length ?? -1);
      const began = await reader.until(
        'cooling',
        stateIs((count) => count === 1),
      );
      await reader.until('over', (one) => one.atMs > began.atMs && stateIs((count) => count === 0)(one));
    }),
  });
});
