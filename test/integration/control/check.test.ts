import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { type TestGateway, until } from '../../support/processes/startGateway.ts';
import { keyOf, TestBed } from '../../support/processes/testBed.ts';
import { warmUpShape } from '../../support/scenes/snapshotShape.ts';

describe('POST check', () => {
  const bed = new TestBed();
  let candidate: SimulatedEndpoint;
  let gateway: TestGateway;

  before(async () => {
    gateway = await bed.gateway([]);
  });
  beforeEach(async () => {
    candidate = await bed.endpoint('candidate', { models: ['model-a', 'model-b'] });
  });
  after(() => bed.close());

  const check = (endpoint: unknown, key: string | null) =>
    gateway.control('POST', '/signalbox/check', { endpoint, key });
  const asked = () => candidate.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

  it('tries an endpoint that is not saved: reachable, key ok, its models; nothing is kept', async () => {
    const { status, json } = await check({ id: 'candidate', baseUrl: `${candidate.url}/v1/` }, keyOf('candidate'));
    assert.equal(status, 200);
    warmUpShape(json.result, 'result');
    assert.equal(json.result.isReachable, true);
    assert.equal(json.result.key, 'ok');
    assert.equal(json.baseUrl, candidate.url);
    assert.deepEqual(json.models, ['model-a', 'model-b']);
    assert.ok(
      asked().every((one) => one === 'GET /v1/models'),
      'nothing that costs tokens',
    );
    assert.deepEqual((await gateway.status()).endpoints, []);
    await until(
      'its connection is closed',
      () => candidate.connections.open,
      (open) => open === 0,
    );
  });

  describe('of an endpoint of the OpenAI API', () => {
    const openai = (one: SimulatedEndpoint) => ({ id: 'candidate', baseUrl: one.url, dialect: 'openai' });

    it('finds out which format is missing, without a token', async () => {
      const chatOnly = await bed.endpoint('chat', { strict: { vendor: 'openai', routes: ['chat', 'models'] } });
      const { json } = await check(openai(chatOnly), keyOf('chat'));
      assert.equal(json.result.key, 'ok');
      assert.deepEqual(json.formats, ['chat']);
      assert.equal(json.hasMessages, false);
      const bodies = chatOnly.seen.filter(({ method }) => method === 'POST').map(({ body }) => body.toString());
      assert.deepEqual(bodies, ['{}', '{}', '{}']);
    });

    it('finds the Anthropic API behind the same base', async () => {
      const both = await bed.endpoint('both', {
        strict: { vendor: 'openai', routes: ['chat', 'responses', 'messages', 'models'] },
      });
      const { json } = await check(openai(both), keyOf('both'));
      assert.equal(json.formats, undefined);
      assert.equal(json.hasMessages, true);
    });

    it('asks no more of an endpoint that refuses the key', async () => {
      const { json } = await check(openai(candidate), 'planted-wrong-key');
      assert.equal(json.result.key, 'refused');
      assert.deepEqual(asked(), ['GET /v1/models']);
    });
  });

  it('says that a key is refused, without showing it', async () => {
    const reply = await check({ id: 'candidate', baseUrl: candidate.url }, 'planted-wrong-key');
    assert.equal(reply.status, 200);
    assert.equal(reply.json.result.isReachable, true);
    assert.equal(reply.json.result.key, 'refused');
    assert.equal(reply.json.result.class, 'auth');
    assert.doesNotMatch(reply.text, /planted/);
    assert.doesNotMatch(gateway.log(), /planted/);
  });

  it('says that nobody is there', async () => {
    await candidate.refuse();
    const { status, json } = await check({ id: 'candidate', baseUrl: candidate.url }, 'some-key-or-other');
    assert.equal(status, 200);
    assert.equal(json.result.isReachable, false);
    assert.equal(json.result.key, 'unknown');
    assert.equal(json.result.class, 'transient');
    assert.match(json.result.reason, /refused/);
    assert.deepEqual(json.models, []);
  });

  it('says that a name does not exist, and that it is no API', async () => {
    const nowhere = await check({ id: 'x', baseUrl: 'http://no-such-host.invalid' }, 'some-key-or-other');
    assert.equal(nowhere.json.result.isReachable, false);
    const page = { kind: 'status', status: 200, contentType: 'text/html', body: '<html>hi', alsoModels: true } as const;
    candidate.behave(page);
    const html = await check({ id: 'candidate', baseUrl: candidate.url }, keyOf('candidate'));
    assert.notEqual(html.json.result.key, 'ok', 'a page in place of a model list proves no key');
  });

  it('says what is wrong with an entry: 422 with the field', async () => {
    for (const [endpoint, field] of [
      [{ id: 'x', baseUrl: 'not a url' }, 'baseUrl'],
      [{ id: 'x', baseUrl: 'https://me:planted@x.example' }, 'baseUrl'],
      [{ id: 'X Y', baseUrl: candidate.url }, 'id'],
      [{ id: 'x', baseUrl: candidate.url, dialect: 'klingon' }, 'dialect'],
      [{ id: 'x' }, 'baseUrl'],
      [{ id: 'x', baseUrl: `http://127.0.0.1:${gateway.port}` }, 'baseUrl'],
    ] as const) {
      const reply = await check(endpoint, null);
      assert.equal(reply.status, 422, JSON.stringify(endpoint));
      assert.equal(reply.json.problems[0].path, field);
      assert.doesNotMatch(reply.text, /planted/);
    }
    for (const body of [{}, { endpoint: {} }, { endpoint: {}, key: 42 }, []]) {
      const reply = await gateway.control('POST', '/signalbox/check', body);
      assert.ok(reply.status === 400 || reply.status === 422, JSON.stringify(body));
    }
    assert.equal(candidate.seen.length, 0);
  });

  const unclear: readonly (readonly [number, unknown])[] = [
    [200, { success: false }],
    [200, { success: false, message: 'not available' }],
    [200, { code: 500, msg: 'no' }],
    [200, {}],
    [200, null],
    [200, { error: { message: 'try later' } }],
    [
      403,
      { error: { message: 'Missing scopes: api.model.read', type: 'invalid_request_error', code: 'missing_scope' } },
    ],
    [403, { type: 'error', error: { type: 'permission_error', message: 'missing scope' } }],
  ];
  for (const [status, said] of unclear) {
    it(`F19: does not take ${status} ${JSON.stringify(said)} for a word about the key`, async () => {
      candidate.behave({ kind: 'status', status, body: JSON.stringify(said), alsoModels: true });
      const { json } = await check({ id: 'candidate', baseUrl: candidate.url }, keyOf('candidate'));
      assert.equal(json.result.isReachable, true);
      assert.equal(json.result.key, 'unknown');
      assert.deepEqual(json.models, []);
    });
  }

  it('F19: hears a refused key in a 400 and in a 200 too', async () => {
    for (const [status, body] of [
      [400, [{ error: { code: 400, details: [{ reason: 'API_KEY_INVALID' }] } }]],
      [200, { base_resp: { status_code: 1004, status_msg: 'login fail' } }],
      [403, { error: { code: 'invalid_api_key', message: 'no' } }],
    ] as const) {
      candidate.behave({ kind: 'status', status, body: JSON.stringify(body), alsoModels: true });
      const { json } = await check({ id: 'candidate', baseUrl: candidate.url }, keyOf('candidate'));
      assert.equal(json.result.key, 'refused', JSON.stringify(body));
    }
  });

  it('does not follow a redirect with the key', async () => {
    const trap = await bed.endpoint('trap');
    candidate.behave({ kind: 'redirect', location: `${trap.url}/v1/models`, alsoModels: true });
    const { json } = await check({ id: 'candidate', baseUrl: candidate.url }, keyOf('candidate'));
    assert.notEqual(json.result.key, 'ok');
    assert.equal(trap.seen.length, 0);
  });

  describe('F10: whether /v1 belongs behind the base URL', () => {
    let endpoint: ExactEndpoint;
    let root: string;

    before(async () => {
      endpoint = await startExactEndpoint();
      endpoint.answer = (response, _body, { url = '' }) => {
        const isList = url.split('?')[0] === `${root}/models`;
        response.writeHead(isList ? 200 : 404, { 'content-type': isList ? 'application/json' : 'text/html' });
        response.end(isList ? '{"data":[{"id":"model-a"}]}' : '<html>not found</html>');
      };
    });
    after(() => endpoint.close());

    const cases: readonly (readonly [root: string, given: string, dialect: string, found: string])[] = [
      ['/inference', '/inference', 'openai', '/inference/chat/completions'],
      ['', '', 'openai', '/chat/completions'],
      ['/relay', '/relay/', 'anthropic', '/relay/messages'],
      ['/relay/v1', '/relay/chat/completions', 'openai', '/relay'],
      ['/relay/v1', '/relay', 'openai', '/relay'],
      ['/elsewhere', '/relay', 'openai', '/relay'],
      ['/inference', '/inference/chat/completions', 'openai', '/inference/chat/completions'],
    ];
    for (const [at, given, dialect, found] of cases) {
      it(`finds out for an API at ${at || '/'}, given ${given || '/'} (${dialect})`, async () => {
        root = at;
        const { json } = await check({ id: 'x', baseUrl: endpoint.url + given, dialect }, 'some-key-or-other');
        assert.equal(json.baseUrl, endpoint.url + found);
        assert.deepEqual(json.models, at === '/elsewhere' ? [] : ['model-a']);
      });
    }
  });
});
