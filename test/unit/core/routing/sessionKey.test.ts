import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type SessionKey, sessionKeyOf } from '../../../../src/core/routing/sessionKey.ts';

const uuid = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';

interface Clues {
  readonly headers?: Readonly<Record<string, string>>;
  readonly userId?: string;
  readonly cacheKey?: string;
  readonly opening?: string;
}

function keyOf({ headers = {}, userId, cacheKey, opening }: Clues): SessionKey | undefined {
  return sessionKeyOf({
    header: (name) => headers[name],
    userId: () => userId,
    promptCacheKey: () => cacheKey,
    opening: () => opening,
  });
}

const idOf = (clues: Clues): string | undefined => keyOf(clues)?.id;
const claude = (session: string, agent?: string): Clues => ({
  headers: { 'x-claude-code-session-id': session, ...(agent === undefined ? {} : { 'x-claude-code-agent-id': agent }) },
});

describe('sessionKeyOf', () => {
  it('takes the first clue that is present', () => {
    const all: Required<Clues> = {
      headers: { 'x-claude-code-session-id': uuid, 'x-session-id': 's', 'x-conversation-id': 'c' },
      userId: JSON.stringify({ device_id: 'd', session_id: 'other' }),
      cacheKey: 'cache',
      opening: 'You are\0Hello',
    };
    const { 'x-claude-code-session-id': _, ...generic } = all.headers;
    const { 'x-session-id': __, ...conversation } = generic;
    const steps: Clues[] = [
      all,
      { ...all, headers: generic },
      { ...all, headers: generic, userId: 'someone' },
      { ...all, headers: conversation, userId: 'someone' },
      { cacheKey: all.cacheKey, opening: all.opening },
      { opening: all.opening },
    ];
    const alone: Clues[] = [
      claude(uuid),
      { userId: all.userId },
      { headers: { 'x-session-id': 's' } },
      { headers: { 'x-conversation-id': 'c' } },
      { cacheKey: all.cacheKey },
      { opening: all.opening },
    ];
    const ids = steps.map(idOf);
    assert.deepEqual(ids, alone.map(idOf));
    assert.equal(new Set(ids).size, 6);
    assert.ok(ids.every((id) => id !== undefined));
  });

  it('gives none where nothing tells', () => {
    assert.equal(keyOf({}), undefined);
    assert.equal(keyOf({ headers: { 'x-claude-code-session-id': '' }, cacheKey: '' }), undefined);
  });

  it('passes over what is present but empty', () => {
    const conversation = { 'x-conversation-id': 'c' };
    assert.equal(idOf({ headers: { 'x-session-id': '', ...conversation } }), idOf({ headers: conversation }));
    assert.equal(idOf({ headers: { 'x-claude-code-session-id': '' }, cacheKey: 'k' }), idOf({ cacheKey: 'k' }));
  });

  it('finds the same session in header and body of Claude Code', () => {
    assert.equal(idOf({ userId: JSON.stringify({ session_id: uuid }) }), idOf(claude(uuid)));
    assert.equal(idOf({ userId: `user_0f1e_account__session_${uuid}` }), idOf(claude(uuid)));
  });

  it('takes no session from a user id that names none', () => {
    const unfit = [
      '',
      'alice',
      `_session_${uuid}x`,
      '{',
      `{_session_${uuid}`,
      '{}',
      '{"session_id":5}',
      '{"session_id":""}',
      '{"session_id":null}',
    ];
    for (const userId of unfit) {
      assert.equal(keyOf({ userId }), undefined, userId);
      assert.equal(idOf({ userId, cacheKey: 'k' }), idOf({ cacheKey: 'k' }), userId);
    }
  });

  it('gives a subagent a key of its own, and tells its parent', () => {
    const parent = keyOf(claude(uuid));
    const agent = keyOf(claude(uuid, 'agent-1'));
    assert.equal(parent?.parentId, undefined);
    assert.equal(agent?.parentId, parent?.id);
    assert.notEqual(agent?.id, parent?.id);
    assert.notEqual(agent?.id, idOf(claude(uuid, 'agent-2')));
    assert.notEqual(agent?.id, idOf(claude('another', 'agent-1')));
    assert.equal(idOf(claude(uuid, '')), parent?.id);
  });

  it('is the same for the same clue, another for another, and shows nothing of it', () => {
    const token = fc.stringMatching(/^[0-9a-f-]{8,36}$/);
    const property = fc.property(token, token, (one, other) => {
      for (const clueOf of [claude, (text: string) => ({ cacheKey: text }), (text: string) => ({ opening: text })]) {
        const id = idOf(clueOf(one));
        assert.equal(id, idOf(clueOf(one)));
        assert.equal(id === idOf(clueOf(other)), one === other);
        assert.match(id ?? '', /^[\w-]{22}$/);
        assert.equal(id?.includes(one), false);
      }
    });
    fc.assert(property);
  });

  it('looks into the body only as far as it must', () => {
    const never = () => assert.fail('asked for nothing');
    const header = (name: string) => (name === 'x-claude-code-session-id' ? uuid : undefined);
    assert.notEqual(sessionKeyOf({ header, userId: never, promptCacheKey: never, opening: never }), undefined);
  });

  const codex = (thread: string, parent?: string): Clues => ({
    headers: { 'thread-id': thread, ...(parent === undefined ? {} : { 'x-codex-parent-thread-id': parent }) },
    cacheKey: 'main-thread',
    opening: 'You are Codex',
  });

  it("F27: gives Codex' subagents sessions of their own, which begin where their parent's is", () => {
    const main = keyOf(codex('main-thread'));
    const child = keyOf(codex('child-thread', 'main-thread'));
    const grandchild = keyOf(codex('grandchild-thread', 'child-thread'));
    assert.equal(new Set([main?.id, child?.id, grandchild?.id]).size, 3);
    assert.deepEqual([main?.parentId, child?.parentId, grandchild?.parentId], [undefined, main?.id, child?.id]);
    assert.notEqual(idOf(codex('other-child', 'main-thread')), child?.id);
  });

  it('F27: keeps the session that a main thread of Codex had by its prompt_cache_key, also without thread-id', () => {
    assert.equal(idOf(codex('main-thread')), idOf({ cacheKey: 'main-thread' }));
    assert.equal(idOf({ headers: { 'thread-id': '' }, cacheKey: 'main-thread' }), idOf({ cacheKey: 'main-thread' }));
  });
});
