import { hash } from 'node:crypto';

/** The parts of a request that can identify its conversation; lazy parts are read only when needed. */
export interface SessionClues {
  readonly header: (name: string) => string | undefined;
  /** `metadata.user_id` of the body. */
  readonly userId: () => string | undefined;
  /** `prompt_cache_key` of the body. */
  readonly promptCacheKey: () => string | undefined;
  /** System prompt and first user message as text; undefined without them, or if the body is too large to search. */
  readonly opening: () => string | undefined;
}

/** The conversation of a request. Ids are hashes; the client's values are written nowhere. */
export interface SessionKey {
  readonly id: string;
  /** A subagent's first request starts at its parent's endpoint. */
  readonly parentId: string | undefined;
}

/**
 * The session of a request, from the first clue present (behaviour.md §4; clients.md §2 lists the clients): Claude Code's
 * header (a subagent has its own prompt prefix and so its own key), Codex' thread likewise, `metadata.user_id`, generic headers, `prompt_cache_key`,
 * and finally the opening of the conversation. Undefined without any clue.
 */
export function sessionKeyOf(clues: SessionClues): SessionKey | undefined {
  const { header } = clues;
  const claude = header('x-claude-code-session-id');
  if (claude !== undefined && claude !== '') {
    const parentId = hashed('claude', claude);
    const agent = header('x-claude-code-agent-id');
    if (agent === undefined || agent === '') return { id: parentId, parentId: undefined };
    return { id: hashed('agent', `${claude} ${agent}`), parentId };
  }
  const thread = header('thread-id');
  if (thread !== undefined && thread !== '') return keyOfThread(thread, header('x-codex-parent-thread-id'));
  const fromUserId = sessionOfUserId(clues.userId());
  if (fromUserId !== undefined) return { id: hashed('claude', fromUserId), parentId: undefined };
  const generic = header('x-session-id') || header('x-conversation-id');
  if (generic) return { id: hashed('generic', generic), parentId: undefined };
  const cacheKey = clues.promptCacheKey();
  if (cacheKey !== undefined && cacheKey !== '') return { id: hashed('cache', cacheKey), parentId: undefined };
  const opening = clues.opening();
  return opening === undefined ? undefined : { id: hashed('opening', opening), parentId: undefined };
}

/**
 * A thread of Codex. Its subagents share `prompt_cache_key`, but not the thread; the key of a main thread is the same as that
 * by its `prompt_cache_key`, so that what was bound by it stays bound (reference/agents.md §2).
 */
function keyOfThread(thread: string, parent: string | undefined): SessionKey {
  return { id: hashed('cache', thread), parentId: parent ? hashed('cache', parent) : undefined };
}

/** The session inside `metadata.user_id`: JSON since Claude Code 2.1.78, `..._session_<uuid>` before (clients.md §1). */
function sessionOfUserId(userId: string | undefined): string | undefined {
  if (userId === undefined) return undefined;
  if (userId.startsWith('{')) {
    try {
      const { session_id: id } = JSON.parse(userId) as { session_id?: unknown };
      return typeof id === 'string' && id !== '' ? id : undefined;
    } catch {
      return undefined;
    }
  }
  return /_session_([0-9a-f-]{36})$/.exec(userId)?.[1];
}

/** A session sends many requests: the ids of the latest are remembered. */
const knownIds = new Map<string, string>();
const maxKnownIds = 200;
const maxKnownLength = 200;

function hashed(kind: string, value: string): string {
  const clue = `${kind}\0${value}`;
  const known = knownIds.get(clue);
  if (known !== undefined) return known;
  const id = hash('sha256', clue, 'base64url').slice(0, 22);
  if (knownIds.size >= maxKnownIds) knownIds.clear();
  if (clue.length <= maxKnownLength) knownIds.set(clue, id);
  return id;
}
