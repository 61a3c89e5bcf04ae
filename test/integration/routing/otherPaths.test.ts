import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { ask, errorOf } from '../../support/scenes/converse.ts';
import { assertWholeAnswer, message, type Scene, startScene } from '../../support/scenes/scene.ts';

describe('paths besides the well-known ones', () => {
  let first: ExactEndpoint;
  let second: ExactEndpoint;
  let gateway: TestGateway;
  let seen: { at: string; method: string; path: string; body: string; key: unknown }[];
  let status: number;

  before(async () => {
    const note =
      (at: string): ExactEndpoint['answer'] =>
      (response, body, { method = '', url = '', headers }) => {
        seen.push({ at, method, path: url, body: body.toString(), key: headers['x-api-key'] });
        response.writeHead(status, { 'content-type': 'application/json', 'x-told': 'yes' });
        response.end(`{ "at": "${at}" }`);
      };
    first = await startExactEndpoint();
    second = await startExactEndpoint();
    first.answer = note('first');
    second.answer = note('second');
    gateway = await startInProcess({
      env: { KEY: 'key-of-endpoint' },
      config: {
        clientToken: null,
        warmup: { onStart: false },
        strategy: 'roundRobin',
        endpoints: [
          { id: 'second', baseUrl: second.url, apiKey: 'env:KEY', priority: 2 },
          { id: 'first', baseUrl: first.url, apiKey: 'env:KEY', priority: 1 },
        ],
      },
    });
  });

  beforeEach(() => {
    seen = [];
    status = 200;
  });

  after(async () => {
    assert.equal(await gateway.stop(), 0);
    await Promise.all([first.close(), second.close()]);
  });

  const say = (path: string, method: string, json?: object) =>
    ask(`${gateway.url}${path}`, { method, headers: { 'anthropic-version': '2023-06-01' }, ...(json && { json }) });

  it('are not open to TRACE, which would echo the key of the endpoint', async () => {
    const reply = await say('/v1/files', 'TRACE');
    assert.equal(reply.status, 404, reply.text);
    assert.deepEqual(seen, []);
  });

  it('go once to the first usable endpoint by priority, whatever the strategy', async () => {
    for (let round = 0; round < 3; round += 1) {
      const reply = await say('/v1/files?limit=3&after=a%2Fb', 'GET');
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.text, '{ "at": "first" }');
      assert.equal(reply.headers['x-told'], 'yes');
      assert.equal(reply.headers['x-signalbox-endpoint'], 'first');
    }
    const one = { at: 'first', method: 'GET', path: '/v1/files?limit=3&after=a%2Fb', body: '', key: 'key-of-endpoint' };
    assert.deepEqual(seen, [one, one, one]);
  });

  it('carry any method and body', async () => {
    for (const method of ['POST', 'DELETE', 'PATCH', 'PUT']) {
      const body = method === 'DELETE' ? undefined : { name: 'batch' };
      assert.equal((await say('/v1/messages/batches/b1', method, body)).status, 200);
      assert.equal(seen.at(-1)?.method, method);
      assert.equal(seen.at(-1)?.body, body === undefined ? '' : JSON.stringify(body));
    }
  });

  it('are not tried elsewhere, and count for nothing', async () => {
    for (status of [500, 502, 529, 401, 404, 429]) {
      const reply = await say('/v1/files', 'GET');
      assert.equal(seen.length, 1, `after ${status}`);
      if (status === 404) assert.equal(reply.text, '{ "at": "first" }');
      seen = [];
    }
    const { endpoints, sessions } = await gateway.status();
    for (const endpoint of endpoints) {
      assert.equal(endpoint.breaker.consecutiveFailures, 0);
      assert.deepEqual(endpoint.cooldowns, []);
    }
    assert.deepEqual(sessions, []);
  });

  for (const path of ['/', '/v2/messages', '/message', '/api/v1/messages', '/signalboxes', '/v1', '/favicon.ico']) {
    it(`that are none of an API are not found: ${path}`, async () => {
      const reply = await say(path, 'POST', message());
      assert.equal(reply.status, 404);
      assert.equal(errorOf(reply).type, 'not_found_error');
      assert.deepEqual(seen, []);
    });
  }
});

describe('paths of a base URL that was given with /v1', () => {
  let scene: Scene;

  before(async () => {
    const openai = { id: 'openai', config: { dialect: 'openai' } };
    scene = await startScene({ parts: [{ id: 'first' }, { id: 'second' }, openai] });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  it('lead to the same places', async () => {
    assertWholeAnswer(await scene.ask('/v1/v1/messages', { json: message() }), scene.first);
    assert.equal(scene.first.seen[0]?.path, '/v1/messages');
    const counted = await scene.ask('/v1/v1/messages/count_tokens', { json: message({ stream: false }) });
    assert.equal(counted.status, 200);
    const listed = await scene.ask('/v1/v1/models', { method: 'GET' });
    assert.equal(listed.status, 200);
    const chat = { model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }] };
    assert.equal((await scene.ask('/v1/v1/chat/completions', { json: chat })).status, 200);
    assert.equal(scene.endpoint('openai').seen.at(-1)?.path, '/v1/chat/completions');
  });

  it('fail over as well', async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    assertWholeAnswer(await scene.ask('/v1/v1/messages', { json: message() }), scene.second);
  });

  it('keep their query', async () => {
    assertWholeAnswer(await scene.ask('/v1/messages?beta=true', { json: message() }), scene.first);
    assert.equal(scene.first.seen[0]?.path, '/v1/messages?beta=true');
  });
});

describe('counting tokens', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const count = () => scene.ask('/v1/messages/count_tokens', { json: message({ stream: undefined }) });

  it('is looked for elsewhere where an endpoint does not offer it', async () => {
    scene.first.behave({ kind: 'status', status: 404 });
    const reply = await count();
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.headers['x-signalbox-endpoint'], 'second');
  });

  it('is not found where no endpoint offers it', async () => {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave({ kind: 'status', status: 404 });
    assert.equal((await count()).status, 404);
  });

  it('never feeds a breaker', async () => {
    for (const status of [500, 502, 529]) {
      scene.first.behave({ kind: 'status', status });
      for (let round = 0; round < 3; round += 1) assert.equal((await count()).status, 200);
    }
    const { breaker, state } = await scene.snapshotOf('first');
    assert.equal(breaker.consecutiveFailures, 0);
    assert.notEqual(state, 'open');
  });
});
