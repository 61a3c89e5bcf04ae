import assert from 'node:assert/strict';
import { type Answer, objectOf } from '../../support/scenes/converse.ts';
import { type Scene, startScene } from '../../support/scenes/scene.ts';

const anthropic = { 'anthropic-version': '2023-06-01' };

function idsOf(answer: Answer): string[] {
  const { data } = objectOf(answer) as { data: { id: string }[] };
  return data.map(({ id }) => id).sort();
}

describe('the list of models', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await startScene({
      parts: [
        { id: 'first', simulated: { models: ['claude-a', 'claude-b'] } },
        { id: 'second', simulated: { models: ['claude-b', 'claude-c'] } },
        { id: 'third', config: { dialect: 'openai' }, simulated: { models: ['gpt-d'] } },
        { id: 'off', config: { enabled: false }, simulated: { models: ['claude-off'] } },
      ],
    });
  });

  afterEach(() => scene.close());

  const list = (headers = {}) => scene.ask('/v1/models', { method: 'GET', headers });
  const listCounts = () => ['first', 'second', 'third', 'off'].map((id) => scene.endpoint(id).seen.length);

  it("is the union over the endpoints that are enabled, in Anthropic's shape for its clients", async () => {
    const reply = await list(anthropic);
    assert.equal(reply.status, 200, reply.text);
    const { data, has_more } = objectOf(reply) as { data: Record<string, unknown>[]; has_more: unknown };
    assert.equal(has_more, false);
    for (const model of data) assert.equal(model['type'], 'model');
    const ids = idsOf(reply);
    for (const id of ['claude-a', 'claude-b', 'claude-c']) assert.ok(ids.includes(id), id);
    assert.equal(new Set(ids).size, ids.length, 'each once');
    assert.ok(!ids.includes('claude-off'));
    assert.equal(scene.endpoint('off').seen.length, 0);
  });

  it("is in OpenAI's shape for all others", async () => {
    const reply = await list();
    assert.equal(reply.status, 200, reply.text);
    const { object, data } = objectOf(reply) as { object: unknown; data: Record<string, unknown>[] };
    assert.equal(object, 'list');
    for (const model of data) assert.equal(model['object'], 'model');
    assert.ok(idsOf(reply).includes('gpt-d'));
  });

  it('is kept for a while', async () => {
    const once = await list(anthropic);
    const counts = listCounts();
    for (let round = 0; round < 5; round += 1) assert.deepEqual(idsOf(await list(anthropic)), idsOf(once));
    assert.deepEqual(listCounts(), counts);
  });

  it('is asked for once, however many clients want it at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const id of ['first', 'second', 'third']) {
      scene.endpoint(id).behave({ kind: 'healthy', alsoModels: true, after: promise });
    }
    const asked = Array.from({ length: 20 }, () => list(anthropic));
    await scene.gateway.until('all have asked', ({ totals }) => totals.inFlight === 20);
    resolve();
    const replies = await Promise.all(asked);
    for (const reply of replies) assert.deepEqual(idsOf(reply), idsOf(replies[0] ?? reply));
    assert.deepEqual(listCounts(), [1, 1, 1, 0]);
  });

  it('does not wait for a dead endpoint longer than a client does', async () => {
    scene.first.behave({ kind: 'hang', at: 'beforeHeaders', alsoModels: true });
    const startedAtMs = performance.now();
    const reply = await list(anthropic);
    // Claude Code gives up after 3 s.
    assert.ok(performance.now() - startedAtMs < 3000);
    assert.equal(reply.status, 200, reply.text);
    assert.ok(idsOf(reply).includes('claude-c'));
  });

  it('is what the others say when one refuses or fails', async () => {
    await scene.first.refuse();
    scene.endpoint('third').behave({ kind: 'status', status: 500, alsoModels: true });
    const reply = await list(anthropic);
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(
      idsOf(reply).filter((id) => id.startsWith('claude')),
      ['claude-b', 'claude-c'],
    );
  });

  it('feeds no breaker and makes no session', async () => {
    await scene.first.refuse();
    for (let round = 0; round < 5; round += 1) await list({ ...anthropic, 'x-session-id': String(round) });
    const { endpoints, sessions } = await scene.gateway.status();
    assert.deepEqual(sessions, []);
    for (const { breaker } of endpoints) assert.equal(breaker.consecutiveFailures, 0);
  });

  it("is asked for with each endpoint's own key", async () => {
    await list(anthropic);
    assert.equal(scene.first.seen[0]?.headers['x-api-key'], 'key-of-endpoint-first');
    assert.equal(scene.second.seen[0]?.headers['x-api-key'], 'key-of-endpoint-second');
  });
});
