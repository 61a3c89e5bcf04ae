import assert from 'node:assert/strict';
import { anthropicError, type HeaderValues, openaiError } from '../../../src/simulated/behaviour.ts';
import { assertWholeAnswer, message, type Scene, startScene } from '../../support/scenes/scene.ts';

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

  it('of haiku does not move sonnet', async () => {
    scene.first.behave(limited({ 'retry-after': '30' }));
    assertWholeAnswer(await scene.ask('/v1/messages', { json: haiku() }), scene.second);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: sonnet() }), scene.first);
  });

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

  it('was refused, not worked on: every other endpoint is asked once', async () => {
    for (const id of ['first', 'second', 'third']) scene.endpoint(id).behave(limited());
    const reply = await scene.ask('/v1/messages', { json: sonnet() });
    assert.equal(reply.status, 429);
    assert.deepEqual(scene.counts(), [1, 1, 1]);
    assert.ok(Number(reply.headers['retry-after']) >= 1, 'F23: agents end the turn without it');
  });
});
