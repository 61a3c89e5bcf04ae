import assert from 'node:assert/strict';
import { message, type Scene, startScene } from '../../support/scenes/scene.ts';

const uuid = '6fb7a0f6-2a38-4b1c-9a57-0f3f7c0a3d11';
const otherUuid = '0d4c5a5e-90a5-4a0e-8f0a-3c5d1d2e3f40';

/** A request as far as it tells which session it belongs to. */
interface Clue {
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, unknown>;
}

const userIdJson = (session_id: string) => JSON.stringify({ device_id: 'd', account_uuid: '', session_id });
const userIdOld = (session: string) => `user_${'a'.repeat(64)}_account__session_${session}`;

/** By name: a clue, and one of the same kind for another session. */
const clues: Readonly<Record<string, readonly [Clue, Clue]>> = {
  'x-claude-code-session-id': [
    { headers: { 'x-claude-code-session-id': uuid } },
    { headers: { 'x-claude-code-session-id': otherUuid } },
  ],
  'metadata.user_id as JSON': [
    { body: { metadata: { user_id: userIdJson(uuid) } } },
    { body: { metadata: { user_id: userIdJson(otherUuid) } } },
  ],
  'metadata.user_id in the older form': [
    { body: { metadata: { user_id: userIdOld(uuid) } } },
    { body: { metadata: { user_id: userIdOld(otherUuid) } } },
  ],
  'x-session-id': [{ headers: { 'x-session-id': 'a' } }, { headers: { 'x-session-id': 'b' } }],
  'x-conversation-id': [{ headers: { 'x-conversation-id': 'a' } }, { headers: { 'x-conversation-id': 'b' } }],
  prompt_cache_key: [{ body: { prompt_cache_key: 'a' } }, { body: { prompt_cache_key: 'b' } }],
  'the opening of the conversation': [
    { body: { system: 'Be brief.', messages: [{ role: 'user', content: 'Hi' }] } },
    { body: { system: 'Be brief.', messages: [{ role: 'user', content: 'Hello' }] } },
  ],
};

describe('which session a request belongs to', () => {
  let scene: Scene;

  before(async () => {
    const parts = ['first', 'second'].flatMap((id) => [
      { id, config: { priority: 1 } },
      { id: `${id}-openai`, config: { priority: 1, dialect: 'openai' } },
    ]);
    scene = await startScene({ parts, config: { strategy: 'roundRobin' } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  async function say({ headers = {}, body = {} }: Clue, path = '/v1/messages'): Promise<string> {
    const reply = await scene.ask(path, { headers, json: message({ stream: false, ...body }) });
    assert.equal(reply.status, 200, reply.text);
    return String(reply.headers['x-signalbox-endpoint']);
  }

  it('is new with each conversation where nothing else tells', async () => {
    for (let round = 0; round < 4; round += 1) await say({});
    assert.deepEqual(scene.counts(), [2, 0, 2, 0]);
    assert.equal((await scene.gateway.status()).sessions.length, 4);
  });

  for (const [name, [clue, other]] of Object.entries(clues)) {
    it(`is told by ${name}`, async () => {
      const place = await say(clue);
      for (let round = 0; round < 4; round += 1) assert.equal(await say(clue), place);
      assert.equal((await scene.gateway.status()).sessions.length, 1);
      assert.notEqual(await say(other), place, 'another session is elsewhere');
      assert.equal((await scene.gateway.status()).sessions.length, 2);
    });
  }

  for (const path of ['/v1/chat/completions', '/v1/responses']) {
    it(`is told by prompt_cache_key on ${path}`, async () => {
      const place = await say({ body: { prompt_cache_key: 'a', input: 'one' } }, path);
      for (let round = 0; round < 4; round += 1) {
        assert.equal(await say({ body: { prompt_cache_key: 'a', input: `no ${round}` } }, path), place);
      }
      assert.notEqual(await say({ body: { prompt_cache_key: 'b', input: 'one' } }, path), place);
    });
  }

  it('is told by the opening while the conversation grows', async () => {
    const messages = [{ role: 'user', content: 'Begin' }];
    const place = await say({ body: { messages } });
    for (let round = 0; round < 3; round += 1) {
      messages.push({ role: 'assistant', content: 'Yes' }, { role: 'user', content: `Go on ${round}` });
      assert.equal(await say({ body: { messages } }), place);
    }
  });

  it('is told by the header before anything in the body', async () => {
    const body = { metadata: { user_id: userIdJson(uuid) }, prompt_cache_key: 'same' };
    const place = await say({ headers: { 'x-claude-code-session-id': uuid }, body });
    assert.notEqual(await say({ headers: { 'x-claude-code-session-id': otherUuid }, body }), place);
  });

  it('is told by metadata.user_id before the generic headers, and by them before prompt_cache_key', async () => {
    const user = { metadata: { user_id: userIdOld(uuid) } };
    const place = await say({ headers: { 'x-session-id': 'a' }, body: user });
    assert.equal(await say({ headers: { 'x-session-id': 'b' }, body: user }), place);
    const header = { headers: { 'x-session-id': 'c' } };
    const next = await say({ ...header, body: { prompt_cache_key: 'a' } });
    assert.equal(await say({ ...header, body: { prompt_cache_key: 'b' } }), next);
  });

  it('is not looked for in the opening of a body beyond 1 MiB', async () => {
    const body = { messages: [{ role: 'user', content: 'x'.repeat(1024 * 1024) }] };
    await say({ body });
    assert.deepEqual((await scene.gateway.status()).sessions, []);
  });

  it('does not matter where affinity is off', async () => {
    const plain = await startScene({ config: { affinity: { enabled: false } } });
    try {
      const headers = { 'x-session-id': 'a' };
      assert.equal((await plain.ask('/v1/messages', { headers, json: message() })).status, 200);
      assert.deepEqual((await plain.gateway.status()).sessions, []);
    } finally {
      await plain.close();
    }
  });
});
