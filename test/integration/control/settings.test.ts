import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingsRequest } from '../../../src/contract/control.ts';
import { settingsMark } from '../../../src/contract/settingsMark.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { portForLater } from '../../support/portForLater.ts';
import { type Reply, send, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages, pushedConfig, TestBed } from '../../support/processes/testBed.ts';

describe('PUT settings', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.start();
  });
  afterEach(() => bed.close());

  const put = (config: unknown, more: Partial<SettingsRequest> = {}): Promise<Reply> =>
    gateway.control('PUT', '/signalbox/settings', {
      app: 'One',
      config,
      keys: {},
      before: null,
      replaces: 'own',
      ...more,
    });
  const markOf = (config: unknown): string => settingsMark(config, gateway.controlToken);
  const hasKeys = async () => (await gateway.status()).endpoints.map(({ id, hasKey }) => `${id} ${hasKey}`);
  const bothKeys = { first: keyOf('first'), second: keyOf('second') };
  const settings = (extra: object = {}) => pushedConfig([first, second], { clientToken: null, ...extra });

  it('brings configuration and keys in one go, and the status says whose they are', async () => {
    assert.equal((await gateway.status()).gateway.settings, null);
    const config = settings();
    const headers = { 'x-api-key': readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim() };
    const waiting = send(`${gateway.url}/v1/messages`, { json: messages(), headers });
    await gateway.until('it waits', ({ totals }) => totals.inFlight >= 1);
    const reply = await put(config, { keys: bothKeys });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.json.changed, ['endpoint first added', 'endpoint second added']);
    assert.equal((await waiting).status, 200, 'the first request finds the key there');
    const status = await gateway.status();
    assert.deepEqual(status.gateway.settings, { app: 'One', mark: markOf(config) });
    for (const key of Object.values(bothKeys)) assert.ok(!JSON.stringify([status, reply.json]).includes(key));
  });

  it('are the same in another order, and stay those of who brought them first', async () => {
    const config = settings({ strategy: 'random' });
    await put(config, { keys: bothKeys });
    const reordered = Object.fromEntries(Object.entries(config).reverse());
    assert.equal((await put(reordered, { app: 'Two' })).status, 200);
    assert.deepEqual((await gateway.status()).gateway.settings, { app: 'One', mark: markOf(config) });
    assert.deepEqual(await hasKeys(), ['first true', 'second true'], 'keys are added to');
  });

  it('are refused where others are in force, unless these are wished for; then the keys of the others go', async () => {
    const [ours, theirs] = [settings(), settings({ strategy: 'random' })];
    await put(ours, { keys: bothKeys });
    const refused = await put(theirs, { app: 'Two', keys: { first: 'a-key-of-another' } });
    assert.equal(refused.status, 409);
    assert.equal((await gateway.status()).gateway.strategy, 'priority');
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(first.seen.at(-1)?.headers['x-api-key'], keyOf('first'));
    assert.equal((await put(theirs, { app: 'Two', keys: { second: keyOf('second') }, replaces: 'any' })).status, 200);
    assert.deepEqual((await gateway.status()).gateway.settings, { app: 'Two', mark: markOf(theirs) });
    assert.deepEqual(await hasKeys(), ['first false', 'second true']);
  });

  it('follow those before without being asked, and keep keys that another window has brought', async () => {
    const [before, now] = [settings(), settings({ strategy: 'random' })];
    await put(before, { keys: bothKeys });
    assert.equal((await put(now, { keys: { first: keyOf('first') }, before: markOf(before) })).status, 200);
    assert.deepEqual(await hasKeys(), ['first true', 'second true']);
  });

  it('that are bad change nothing, not even a key', async () => {
    await put(settings(), { keys: bothKeys });
    const bad = settings({ strategy: 'best' });
    const reply = await put(bad, { keys: { first: 'a-key-of-another', second: null }, replaces: 'any' });
    assert.equal(reply.status, 422);
    assert.deepEqual(
      reply.json.problems.map(({ path }: { path: string }) => path),
      ['strategy'],
    );
    assert.deepEqual(await hasKeys(), ['first true', 'second true']);
    assert.equal((await gateway.status()).gateway.settings?.mark, markOf(settings()));
  });

  it('that bring the same new port at the same moment move the gateway once', async () => {
    await put(settings());
    const port = await portForLater();
    const moved = settings({ port });
    const more = { before: markOf(settings()) };
    // A client that connects after the move finds the old port closed.
    const replies = await Promise.allSettled([put(moved, more), put(moved, more), put(moved, more)]);
    const answered = replies.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.ok(answered.length > 0);
    for (const { status, text } of answered) assert.equal(status, 200, text);
    const healthz = () =>
      send(`http://127.0.0.1:${port}/healthz`, { method: 'GET' }).then(
        ({ status }) => status,
        () => 0,
      );
    await until('it answers there', healthz, (status) => status === 200);
    const moves = () => gateway.log().match(/"moved"/g)?.length;
    await until('it is in the log', moves, (count) => count !== undefined);
    assert.equal(moves(), 1);
  });

  it('keep keys from those to whom they do not belong', async () => {
    await put(settings(), { keys: bothKeys });
    const keys = { first: 'a-key-of-another' };
    const theirs = await gateway.control('PUT', '/signalbox/keys', { keys, settings: markOf(settings({ port: 1 })) });
    assert.equal(theirs.status, 409);
    assert.doesNotMatch(theirs.text, /a-key/);
    const ours = await gateway.control('PUT', '/signalbox/keys', { keys, settings: markOf(settings()) });
    assert.deepEqual(ours.json.changed, ['first']);
  });

  it('are answered 409 by a gateway that owns its configuration, and 400 when they are none', async () => {
    for (const wrong of [
      { app: '' },
      { keys: { first: 'two words' } },
      { before: 1 },
      { replaces: 'all' },
    ] as object[]) {
      assert.equal((await put(settings(), wrong)).status, 400, JSON.stringify(wrong));
    }
    const own = await bed.gateway([first]);
    const body = { app: 'One', config: settings(), keys: bothKeys, before: null, replaces: 'any' };
    assert.equal((await own.control('PUT', '/signalbox/settings', body)).status, 409);
    assert.equal((await own.status()).gateway.settings, null);
  });
});
