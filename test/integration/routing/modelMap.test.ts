import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import {
  assertWholeAnswer,
  attemptsOf,
  message,
  modelRequests,
  type Scene,
  startScene,
} from '../../support/scenes/scene.ts';

describe('the name of a model', () => {
  let scene: Scene;

  before(async () => {
    const modelMap = { 'claude-haiku-*': 'small-model', 'claude-opus-4-5': 'gr\u00f6\u00dfer"\\n' };
    scene = await startScene({ parts: [{ id: 'first', config: { modelMap } }, { id: 'second' }] });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  /** Bodies around a model name, in all the ways that JSON allows. */
  const bodies: readonly ((model: string) => string)[] = [
    (model) => `{"model":${model},"max_tokens":1,"messages":[{"role":"user","content":"a"}]}`,
    (model) =>
      `{\n  "max_tokens" : 1e2,\n  "messages":[{"role":"user","content":"b \\u00e9 \u00e9 \u{1f600}"}],\n  "model" :\t${model}\n}\n`,
    (model) =>
      `{"messages":[{"role":"user","content":"{\\"model\\":\\"claude-haiku-4-5\\"}"}],"metadata":{"model":"claude-haiku-4-5"},"model":${model}}`,
    (model) => `{"system":"claude-haiku-4-5","big":12345678901234567890,"f":1.10,"model":${model},"messages":[]}`,
    (model) =>
      `{"tools":[{"name":"model","input_schema":{"model":"claude-haiku-4-5"}}],"model":${model},"messages":[]}`,
  ];

  for (const [index, body] of bodies.entries()) {
    it(`is replaced for the endpoint, and nothing else is (body ${index + 1})`, async () => {
      const reply = await scene.ask('/v1/messages', { raw: body('"claude-haiku-4-5"') });
      assertWholeAnswer(reply, scene.first);
      assert.equal(scene.first.seen[0]?.body.toString(), body('"small-model"'));
    });

    it(`that is not in the map leaves the body as it came (body ${index + 1})`, async () => {
      const raw = body('"claude-sonnet-4-5"');
      assertWholeAnswer(await scene.ask('/v1/messages', { raw }), scene.first);
      assert.equal(scene.first.seen[0]?.body.toString(), raw);
    });
  }

  it('is written as JSON whatever letters it has', async () => {
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message({ model: 'claude-opus-4-5' }) }), scene.first);
    const body: unknown = JSON.parse(scene.first.seen[0]?.body.toString() ?? '');
    assert.equal((body as { model: string }).model, 'gr\u00f6\u00dfer"\\n');
  });

  it("is each endpoint's own: after failover the other gets the one that the client sent", async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    const raw = '{ "model": "claude-haiku-4-5", "messages": [] }';
    assertWholeAnswer(await scene.ask('/v1/messages', { raw }), scene.second);
    assert.equal(scene.first.seen[0]?.body.toString(), '{ "model": "small-model", "messages": [] }');
    assert.equal(scene.second.seen[0]?.body.toString(), raw);
  });

  it('is replaced when tokens are counted too', async () => {
    const reply = await scene.ask('/v1/messages/count_tokens', { raw: '{"model":"claude-haiku-4-5","messages":[]}' });
    assert.equal(reply.status, 200);
    assert.equal(modelRequests(scene.first)[0]?.body.toString(), '{"model":"small-model","messages":[]}');
  });

  it('as the endpoint knows it tells that the endpoint does not have it', async () => {
    scene.first.behave(anthropicError('not_found_error', { message: 'model: small-model' }));
    const reply = await scene.ask('/v1/messages', { json: message({ model: 'claude-haiku-4-5' }) });
    assertWholeAnswer(reply, scene.second);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:model', 'second:success']);
  });
});

describe('the models that an endpoint serves', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({
      parts: [
        { id: 'first', config: { models: ['claude-opus-*', 'claude-haiku-4-5'] } },
        { id: 'second', config: { models: ['claude-sonnet-*'] } },
        { id: 'third', config: { priority: 9 } },
      ],
    });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  for (const [model, id] of [
    ['claude-opus-4-5', 'first'],
    ['claude-haiku-4-5', 'first'],
    ['claude-haiku-4-5-20251001', 'third'],
    ['claude-sonnet-4-5', 'second'],
    ['some-other-model', 'third'],
  ] as const) {
    it(`decide where a request goes: ${model}`, async () => {
      assertWholeAnswer(await scene.ask('/v1/messages', { json: message({ model }) }), scene.endpoint(id));
    });
  }

  it('decide where it goes after a failure', async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    const reply = await scene.ask('/v1/messages', { json: message({ model: 'claude-opus-4-5' }) });
    assertWholeAnswer(reply, scene.endpoint('third'));
    assert.deepEqual(scene.counts(), [1, 0, 1]);
  });

  it('come before a session: each model of it finds its endpoint', async () => {
    const headers = { 'x-session-id': 'mixed' };
    for (const [model, id] of [
      ['claude-opus-4-5', 'first'],
      ['claude-sonnet-4-5', 'second'],
    ] as const) {
      const reply = await scene.ask('/v1/messages', { headers, json: message({ model }) });
      assertWholeAnswer(reply, scene.endpoint(id));
    }
  });
});
