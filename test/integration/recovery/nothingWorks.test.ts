import assert from 'node:assert/strict';
import { anthropicError, type Behaviour, cloudflarePage } from '../../../src/simulated/behaviour.ts';
import { errorOf, objectOf } from '../../support/scenes/converse.ts';
import { message, type Scene, startScene } from '../../support/scenes/scene.ts';

const chat = { model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }] };

function assertRetryAfter(value: unknown): void {
  const seconds = Number(value);
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, `retry-after: ${value}`);
}

describe('when nothing works', () => {
  let scene: Scene;

  before(async () => {
    const openai = { id: 'openai', config: { dialect: 'openai' } };
    scene = await startScene({ parts: [{ id: 'first' }, { id: 'second' }, openai] });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  it('and nobody answers, the client gets a 503 that names each attempt', async () => {
    await scene.first.refuse();
    scene.second.behave({ kind: 'cut', at: 'beforeHeaders', how: 'rst' });
    for (const stream of [true, false]) {
      const reply = await scene.ask('/v1/messages', { json: message({ stream }) });
      assert.equal(reply.status, 503);
      assert.match(String(reply.headers['content-type']), /^application\/json/);
      assert.equal(objectOf(reply)['type'], 'error');
      assert.match(errorOf(reply).message, /first: .*refused.*\d+ ms.*second: .*\d+ ms/);
      assertRetryAfter(reply.headers['retry-after']);
      assert.equal(reply.headers['x-should-retry'], undefined);
      assert.equal(reply.headers['x-signalbox-attempts'], '2');
      assert.ok(reply.headers['x-signalbox-request-id']);
      assert.equal((await scene.recordOf(reply)).terminal, 'gatewayError');
    }
  });

  it('and nobody answers, it is told in the dialect of the request', async () => {
    await scene.endpoint('openai').refuse();
    const reply = await scene.ask('/v1/chat/completions', { json: chat });
    assert.equal(reply.status, 503);
    assert.deepEqual(Object.keys(objectOf(reply)), ['error']);
    assert.match(errorOf(reply).message, /openai: .*refused/);
    assertRetryAfter(reply.headers['retry-after']);
  });

  it('a redirect never reaches the client', async () => {
    for (const endpoint of [scene.first, scene.second]) {
      endpoint.behave({ kind: 'redirect', location: 'https://login.example.com/' });
    }
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.ok(reply.status >= 500, String(reply.status));
    assert.equal(reply.headers.location, undefined);
  });

  /** The more useful one goes back, whichever endpoint it came from. */
  const pairs: readonly (readonly [string, Behaviour, Behaviour])[] = [
    [
      'a model error before a rate limit',
      anthropicError('not_found_error', { message: 'model: claude-sonnet-4-5' }),
      anthropicError('rate_limit_error', { retryAfterSeconds: 20 }),
    ],
    [
      'a rate limit before an overload',
      anthropicError('rate_limit_error', { retryAfterSeconds: 20 }),
      anthropicError('overloaded_error'),
    ],
    ['an overload before a billing error', anthropicError('overloaded_error'), anthropicError('billing_error')],
    ['a billing error before a web page', anthropicError('billing_error'), cloudflarePage(503)],
    [
      'a transient error before an unknown one',
      anthropicError('api_error', { status: 503 }),
      anthropicError('api_error'),
    ],
    ['a billing error before a refused key', anthropicError('billing_error'), anthropicError('authentication_error')],
  ];
  for (const [what, better, worse] of pairs) {
    it(`the client gets ${what}, byte for byte`, async () => {
      for (const [one, other] of [
        [better, worse],
        [worse, better],
      ] as const) {
        await scene.renew();
        scene.first.behave(one);
        scene.second.behave(other);
        const reply = await scene.ask('/v1/messages', { json: message() });
        assert.ok(better.kind === 'status');
        assert.equal(reply.status, better.status);
        assert.equal(reply.text, JSON.stringify(better.body));
      }
    });
  }

  for (const status of [500, 502, 504]) {
    it(`a real ${status} of the last endpoint goes back as it is`, async () => {
      const fault = anthropicError('api_error', { status, message: `This is a real ${status}.` });
      for (const endpoint of [scene.first, scene.second]) endpoint.behave(fault);
      const reply = await scene.ask('/v1/messages', { json: message() });
      assert.equal(reply.status, status);
      assert.equal(reply.text, JSON.stringify(fault.body));
    });
  }
});

describe('when waiting cannot help', () => {
  let scene: Scene | undefined;

  afterEach(() => scene?.close());

  async function assertHopeless(
    remedy: RegExp,
    path = '/v1/messages',
    json: object = message(),
    status = 503,
  ): Promise<void> {
    assert.ok(scene);
    const reply = await scene.ask(path, { json });
    assert.equal(reply.status, status, reply.text);
    assert.equal(reply.headers['x-should-retry'], 'false');
    assert.equal(reply.headers['retry-after'], undefined);
    assert.match(errorOf(reply).message, remedy);
    assert.ok(scene.counts().every((count) => count === 0));
  }

  it('since no endpoint is configured, the client is told at once', async () => {
    scene = await startScene({ parts: [] });
    await assertHopeless(/add/i);
  });

  it('since all are disabled, the client is told at once', async () => {
    scene = await startScene({ parts: [{ id: 'first', config: { enabled: false } }] });
    await assertHopeless(/first.*disabled|disabled.*first/i);
  });

  it('since no key is there, the client is told at once', async () => {
    scene = await startScene({ parts: [{ id: 'first', config: { apiKey: undefined } }] });
    await assertHopeless(/first.*key|key.*first/i);
  });

  it('since nobody serves the model, the client is told at once', async () => {
    scene = await startScene({ parts: [{ id: 'first', config: { models: ['claude-opus-*'] } }] });
    await assertHopeless(/no endpoint has this model/i, '/v1/messages', message(), 404);
    const served = await scene.ask('/v1/messages', { json: message({ model: 'claude-opus-4-5' }) });
    assert.equal(served.status, 200);
  });

  it('since nobody speaks the dialect, the client is told at once', async () => {
    scene = await startScene({ parts: [{ id: 'first' }] });
    await assertHopeless(/OpenAI API, and no enabled endpoint speaks that. first/, '/v1/chat/completions', chat, 404);
    const unknown = await scene.ask('/v1/foo', { json: {} });
    assert.equal(unknown.status, 404, 'C9: an unknown path');
  });
});
