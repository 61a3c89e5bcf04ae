import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { keyOf, messages, pushedConfig, TestBed } from '../../support/processes/testBed.ts';

describe('PUT keys', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;
  let client: Record<string, string>;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.start();
    client = { 'x-api-key': readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim() };
    await gateway.control('PUT', '/signalbox/config', pushedConfig([first, second]));
  });
  afterEach(() => bed.close());

  const put = (keys: Readonly<Record<string, string | null>>) => gateway.control('PUT', '/signalbox/keys', { keys });
  const ask = () => send(`${gateway.url}/v1/messages`, { json: messages(String(Math.random())), headers: client });
  const endpoint = async (id: string) => (await gateway.status()).endpoints.find((one) => one.id === id);

  it('gives a key to an endpoint that had none; the answer and the status never show it', async () => {
    assert.equal((await endpoint('first'))?.state, 'keyMissing');
    const reply = await put({ first: keyOf('first') });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.json, { changed: ['first'], unknown: [] });
    assert.equal((await endpoint('first'))?.hasKey, true);
    assert.equal((await ask()).status, 200);
    assert.equal(first.seen[0]?.headers['x-api-key'], keyOf('first'));
    const shown = JSON.stringify([await gateway.status(), reply.json]);
    assert.doesNotMatch(shown, new RegExp(keyOf('first')));
    for (const path of ['/signalbox/keys', '/signalbox/config']) {
      assert.equal((await gateway.control('GET', path)).status, 404, 'keys cannot be read back');
    }
  });

  it('adds: keys that are not named stay', async () => {
    await put({ first: keyOf('first') });
    await put({ second: keyOf('second') });
    assert.equal((await endpoint('first'))?.hasKey, true);
    assert.deepEqual((await put({ second: keyOf('second') })).json.changed, [], 'the same again changes nothing');
    assert.deepEqual((await put({})).json.changed, []);
  });

  it('null deletes one, and only that', async () => {
    await bed.pushKeys(gateway, [first, second]);
    const reply = await put({ first: null });
    assert.deepEqual(reply.json.changed, ['first']);
    assert.equal((await endpoint('first'))?.state, 'keyMissing');
    assert.equal((await ask()).headers['x-signalbox-endpoint'], 'second');
    assert.equal(first.seen.length, 0);
  });

  it('names ids that no endpoint has, and keeps their keys for when one comes', async () => {
    const reply = await put({ later: keyOf('second') });
    assert.deepEqual(reply.json.unknown, ['later']);
    const endpoints = [{ id: 'later', baseUrl: second.url }];
    await gateway.control('PUT', '/signalbox/config', pushedConfig([], { endpoints }));
    assert.equal((await ask()).status, 200);
  });

  it('a new key lifts the suspension of a refused one, and is used by the next request', async () => {
    await put({ first: 'an-old-key-of-yesterday' });
    assert.equal((await ask()).status, 403);
    const reply = await put({ first: keyOf('first') });
    assert.deepEqual(reply.json.changed, ['first']);
    assert.equal((await endpoint('first'))?.lastError?.class === 'auth', false, 'the old trouble is over');
    assert.equal((await ask()).status, 200);
    assert.equal(first.seen.at(-1)?.headers['x-api-key'], keyOf('first'));
  });

  it('the key of a removed endpoint does not go to the next one at its place', async () => {
    await bed.pushKeys(gateway, [first, second]);
    const endpoints = [{ id: 'other', baseUrl: first.url }];
    await gateway.control('PUT', '/signalbox/config', pushedConfig([], { endpoints }));
    assert.equal((await endpoint('other'))?.state, 'keyMissing');
    assert.equal((await ask()).status, 503);
    assert.equal(first.seen.length, 0);
  });

  it('refuses what cannot be a key, and says nothing of it', async () => {
    for (const key of [
      '',
      '   ',
      'x'.repeat(5000),
      'planted\r\nx-injected: 1',
      'planted\u0000key',
      'schlüssel-planted-€',
    ]) {
      const reply = await put({ first: key });
      assert.equal(reply.status, 400, JSON.stringify(key.slice(0, 20)));
      assert.doesNotMatch(reply.text, /planted/);
    }
    assert.equal((await endpoint('first'))?.state, 'keyMissing');
  });
});
