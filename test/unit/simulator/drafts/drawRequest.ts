import type { DialectName } from '../../../../src/core/config/config.ts';
import type { ClientManner } from '../simulatedResponse.ts';
import { models } from './configDraft.ts';
import type { RandomSource } from './randomSource.ts';
import type { RequestDraft } from './requestDraft.ts';

/** Real clients give up here (behaviour.md §6). */
const patienceMs = 300_000;

/** A client of the plain kind: reads at once and waits. */
export const plainManner: ClientManner = { reading: 'fast', patienceMs, leavesAt: undefined };

const paths = {
  anthropic: [
    ['/v1/messages', 90],
    ['/v1/messages/count_tokens', 10],
  ],
  openai: [
    ['/v1/chat/completions', 40],
    ['/v1/responses', 40],
    ['/v1/embeddings', 10],
    ['/v1/files', 10],
  ],
} as const;

/** Any request of any client; one of a few sessions, or none. */
export function drawRequest(random: RandomSource, sessionCount: number, dialect: DialectName): RequestDraft {
  const path = random.weighted(paths[dialect]);
  const canStream = ['/v1/messages', '/v1/chat/completions', '/v1/responses'].includes(path);
  return {
    path,
    isStream: canStream && random.chance(0.75),
    model: random.pick(models),
    session: drawSession(random, sessionCount),
    client: random.pick(['claude-cli/2.1.330', 'anthropic-sdk/1', 'openai/6']),
    manner: drawManner(random),
  };
}

function drawSession(random: RandomSource, sessionCount: number): Readonly<Record<string, string>> {
  if (sessionCount === 0 || random.chance(0.1)) return {};
  const session = `session-${random.between(1, sessionCount)}`;
  if (random.chance(0.2)) return { 'x-session-id': session };
  const agent = random.chance(0.2) ? { 'x-claude-code-agent-id': `agent-${random.between(1, 3)}` } : {};
  return { 'x-claude-code-session-id': session, ...agent };
}

function drawManner(random: RandomSource): ClientManner {
  const reading = random.weighted<ClientManner['reading']>([
    ['fast', 80],
    ['slow', 18],
    ['stuck', 2],
  ]);
  if (random.chance(0.85)) return { ...plainManner, reading };
  if (random.chance(0.5))
    return { reading, patienceMs: random.between(0, random.pick([50, 3000, 40_000])), leavesAt: undefined };
  const leavesAt = { kind: random.pick(['attempt', 'write'] as const), nth: random.between(1, 3) };
  return { reading, patienceMs, leavesAt };
}
