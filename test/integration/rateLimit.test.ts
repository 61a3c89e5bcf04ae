import assert from 'node:assert/strict';
import { anthropicError, type HeaderValues, openaiError } from '../../src/simulated/behaviour.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../support/scene.ts';

const limited = (headers: HeaderValues = {}) => anthropicError('rate_limit_error', { headers });
const sonnet = () => message({ model: 'claude-sonnet-4-5' });
const haiku = () => message({ model: 'claude-haiku-4-5' });
const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

describe('a rate limit', () => {
  let scene: Scene;

  before(async () => {
    const parts = [{ id: 'first' }, { id: 'second' }, { id: 'openai', config: { dialect: 'openai' } }];
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  /** For how many seconds an endpoint cools down in a scope. */
  async function coolsFor(id: string): Promise<Record<string, number>> {
    const { cooldowns } = await scene.snapshotOf(id);
    return Object.fromEntries(cooldowns.map(({ scope, untilMs }) => [scope, (untilMs - Date.now()) / 1000]));
  }

  it('is answered by the other endpoint at once; this one rests for that family only', async () => {
    scene.first.behave(limited({ 'retry-after': '30' }));
    const reply = await scene.ask('/v1/messages', { json: sonnet() });
    assertWholeAnswer(reply, scene.second);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:rateLimit', 'second:success']);
    const cooling = await coolsFor('first');
    assert.deepEqual(Object.keys(cooling), ['family:sonnet']);
    const seconds = cooling['family:sonnet'] ?? 0;
    assert.ok(seconds > 20 && seconds <= 33, String(seconds));
    assert.equal((await scene.snapshotOf('first')).breaker.consecutiveFailures, 0);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.second);
    assertWholeAnswer(await scene.ask('/v1/messages', { json: haiku() }), scene.first);
    assert.deepEqual(scene.counts(), [2, 2, 0]);
  });

  it('of haiku does not move sonnet', async () => {
    scene.first.behave(limited({ 'retry-after': '30' }));
    assertWholeAnswer(await scene.ask('/v1/messages', { json: haiku() }), scene.second);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.first);
  });

  it('on everything goes back as the endpoint said it, with the earliest real time', async () => {
    const late = anthropicError('rate_limit_error', { message: 'late', retryAfterSeconds: 50 });
    const early = anthropicError('rate_limit_error', { message: 'early', retryAfterSeconds: 20 });
    for (const [one, other] of [
      [late, early],
      [early, late],
    ] as const) {
      await scene.renew();
      scene.first.behave(one);
      scene.second.behave(other);
      const reply = await scene.ask('/v1/messages', { json: sonnet() });
      assert.equal(reply.status, 429);
      assert.equal(reply.text, JSON.stringify(early.body));
      assert.equal(reply.headers['retry-after'], '20');
    }
  });

  it('goes on telling when to come back while everything rests', async () => {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave(limited({ 'retry-after': '30' }));
    await scene.ask('/v1/messages', { json: sonnet() });
    const reply = await scene.ask('/v1/messages', { json: sonnet() });
    assert.ok(reply.status === 429 || reply.status === 503, reply.text);
    const seconds = Number(reply.headers['retry-after']);
    assert.ok(seconds > 20 && seconds <= 34, String(seconds));
    assert.deepEqual(scene.counts(), [1, 1, 0], 'nobody is asked before the time');
  });

  const oddities = ['604800', '3600', '61', '-5', 'abc', '1e308', '', 'Wed, 21 Oct 2015 07:28:00 GMT', '0', '1.5'];
  for (const value of oddities) {
    it(`never tells a client to wait for more than 60 s (retry-after: ${value})`, async () => {
      for (const endpoint of [scene.first, scene.second]) endpoint.behave(limited({ 'retry-after': value }));
      const reply = await scene.ask('/v1/messages', { json: sonnet() });
      assert.equal(reply.status, 429);
      const told = reply.headers['retry-after'];
      if (told !== undefined) assert.match(told, /^([1-9]|[1-5]\d|60)$/);
      for (const seconds of Object.values(await coolsFor('first'))) assert.ok(seconds <= 33 * 60, String(seconds));
    });
  }

  const forms: Readonly<Record<string, () => HeaderValues>> = {
    'retry-after-ms': () => ({ 'retry-after-ms': '20000', 'retry-after': '9' }),
    'an HTTP date': () => ({ 'retry-after': new Date(Date.now() + 20_500).toUTCString() }),
    'the latest reset among used-up buckets': () => ({
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': soon(10),
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': soon(20),
      'anthropic-ratelimit-output-tokens-remaining': '100',
      'anthropic-ratelimit-output-tokens-reset': soon(50),
    }),
  };
  for (const [name, headers] of Object.entries(forms)) {
    it(`is read from ${name}`, async () => {
      scene.first.behave(limited(headers()));
      assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.second);
      const seconds = (await coolsFor('first'))['family:sonnet'] ?? 0;
      assert.ok(seconds > 14 && seconds < 23, String(seconds));
    });
  }

  it('of OpenAI is read from a duration', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' };
    scene.endpoint('openai').behave(openaiError(429, { type: 'requests', code: 'rate_limit_exceeded', headers }));
    await scene.ask('/v1/chat/completions', { json: { model: 'gpt-5', messages: [] } });
    const seconds = Object.values(await coolsFor('openai'))[0] ?? 0;
    assert.ok(seconds > 340 && seconds < 400, String(seconds));
  });

  it('of a subscription holds for the whole key', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 20);
    scene.first.behave(
      limited({ 'anthropic-ratelimit-unified-status': 'rejected', 'anthropic-ratelimit-unified-reset': reset }),
    );
    assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.second);
    assert.deepEqual(Object.keys(await coolsFor('first')), ['key']);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: haiku() }), scene.second);
  });

  it('that is shorter than one that holds does not shorten it', async () => {
    const [slow, quick] = [sonnet(), sonnet()];
    scene.first.behaveBy(({ body }) =>
      body.equals(Buffer.from(JSON.stringify(slow)))
        ? { ...limited({ 'retry-after': '1' }), delayMs: 300 }
        : limited({ 'retry-after': '30' }),
    );
    await Promise.all([scene.ask('/v1/messages', { json: slow }), scene.ask('/v1/messages', { json: quick })]);
    assert.ok(((await coolsFor('first'))['family:sonnet'] ?? 0) > 20);
  });
});

describe('a rate limit without any reset', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await startScene({ parts: [{ id: 'first' }, { id: 'second' }, { id: 'third' }] });
  });

  afterEach(() => scene.close());

  it('is answered elsewhere once, and rests nobody before the third', async () => {
    scene.first.behave(limited());
    for (let round = 1; round <= 2; round += 1) {
      assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.second);
      assert.deepEqual((await scene.snapshotOf('first')).cooldowns, []);
    }
    assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.second);
    const { cooldowns } = await scene.snapshotOf('first');
    const forMs = (cooldowns[0]?.untilMs ?? 0) - Date.now();
    assert.ok(forMs > 2000 && forMs < 6000, String(forMs));
    assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.second);
    assert.deepEqual(scene.counts(), [3, 4, 0]);
  });

  it('is asked about once elsewhere, not everywhere', async () => {
    for (const id of ['first', 'second', 'third']) scene.endpoint(id).behave(limited());
    const reply = await scene.ask('/v1/messages', { json: sonnet() });
    assert.equal(reply.status, 429);
    assert.deepEqual(scene.counts(), [1, 1, 0]);
  });

  it('of fifty at once makes one step, not fifty', async () => {
    scene.first.behave({ ...limited(), delayMs: 500 });
    await Promise.all(Array.from({ length: 50 }, () => scene.ask('/v1/messages', { json: sonnet() })));
    const { cooldowns } = await scene.snapshotOf('first');
    const forMs = (cooldowns[0]?.untilMs ?? 0) - Date.now();
    assert.ok(forMs < 6000, String(forMs));
  });
});
