import assert from 'node:assert/strict';
import type { Behaviour } from '../../../src/simulated/behaviour.ts';
import { errorOf } from '../../support/scenes/converse.ts';
import { attemptsOf, message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

const refused = (param: string): Behaviour => ({
  kind: 'status',
  status: 400,
  body: {
    error: {
      message: `Unsupported parameter: '${param}'.`,
      type: 'invalid_request_error',
      param,
      code: 'unsupported_parameter',
    },
  },
});
const openai = (status: number, error: object): Behaviour => ({ kind: 'status', status, body: { error } });

describe('a translated request that its endpoint refuses', () => {
  let scene: Scene;

  before(async () => {
    const other = { dialect: 'openai', alsoServes: ['anthropic'], formats: ['chat'] };
    scene = await startScene({
      parts: [
        { id: 'first', config: { ...other, modelMap: { '*': 'one' } } },
        { id: 'second', config: { ...other, modelMap: { '*': 'two' } } },
      ],
      config: { recovery: { enabled: false } },
    });
  });
  beforeEach(() => scene.renew());
  after(() => scene.close());

  const sent = (id: string): Record<string, unknown>[] =>
    modelRequests(scene.endpoint(id)).map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>);

  it('case 82: is sent once more without the field that it named, and so are those after it', async () => {
    scene.first.behaveNext(refused('temperature'));
    const reply = await scene.ask('/v1/messages', { json: message({ temperature: 0.3 }) });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:request', 'first:success']);
    assert.deepEqual(
      sent('first').map((body) => body['temperature']),
      [0.3, undefined],
    );
    const next = await scene.ask('/v1/messages', { json: message({ temperature: 0.3 }) });
    assert.equal(next.status, 200);
    assert.equal(sent('first')[2]?.['temperature'], undefined);
    const { breaker } = await scene.snapshotOf('first');
    assert.equal(breaker.consecutiveFailures, 0);
  });

  it('has its limit under the other name where the first one is refused', async () => {
    scene.first.behaveNext(refused('max_tokens'));
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(reply.status, 200);
    const [, again] = sent('first');
    assert.deepEqual([again?.['max_tokens'], again?.['max_completion_tokens']], [undefined, 100]);
  });

  it('goes to another endpoint when it named none: the fault may be that of the translation', async () => {
    scene.first.behave(
      openai(400, { message: 'Something is off.', type: 'invalid_request_error', param: null, code: null }),
    );
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(reply.status, 200);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:request', 'second:success']);
  });

  it('gets the refusal in the words of its own API when nobody takes it', async () => {
    for (const one of [scene.first, scene.second]) {
      one.behave(openai(422, { message: 'It is too odd.', type: 'invalid_request_error', param: null, code: 'odd' }));
    }
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(reply.status, 400);
    assert.deepEqual(errorOf(reply), { type: 'invalid_request_error', message: 'It is too odd.' });
    assert.equal(reply.headers['x-signalbox-original-error'], '422 invalid_request_error odd');
  });

  it('case 83: is told of a spent quota as of billing', async () => {
    for (const one of [scene.first, scene.second]) {
      const quota = {
        message: 'You exceeded your current quota.',
        type: 'insufficient_quota',
        param: null,
        code: 'insufficient_quota',
      };
      one.behave(openai(429, quota));
    }
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(errorOf(reply).type, 'billing_error', reply.text);
    assert.equal(reply.headers['x-signalbox-original-error'], 'insufficient_quota');
  });

  it('is refused here, with the field, when no endpoint can be sent it', async () => {
    const document = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'cGRm' } };
    const reply = await scene.ask('/v1/messages', {
      json: message({ messages: [{ role: 'user', content: [document] }] }),
    });
    assert.equal(reply.status, 400);
    assert.match(errorOf(reply).message, /cannot take documents \(messages\[0\]\.content\[0\]\)/);
    assert.deepEqual(scene.counts(), [0, 0]);
    assert.equal(reply.headers['x-should-retry'], 'false');
  });

  it('tells in a header and in the record what could not be carried over', async () => {
    const reply = await scene.ask('/v1/messages', { json: message({ top_k: 3, brand_new: true }) });
    assert.equal(reply.headers['x-signalbox-dropped'], 'brand_new,top_k');
    const { attempts } = await scene.recordOf(reply);
    assert.deepEqual(attempts[0]?.translation, { to: 'chat', losses: ['brand_new', 'top_k'] });
  });

  it('is answered with an estimate where the endpoint counts nothing, and says so', async () => {
    scene.first.behave({ kind: 'healthy', text: 'Hi', form: { usage: 'none' } });
    const reply = await scene.ask('/v1/messages', { json: message({ stream: undefined }) });
    assert.equal(reply.headers['x-signalbox-usage'], 'estimated', reply.text);
    const { usage } = JSON.parse(reply.text) as { usage: { input_tokens: number } };
    assert.ok(usage.input_tokens > 0);
    assert.equal((await scene.recordOf(reply)).usage, undefined);
  });
});
