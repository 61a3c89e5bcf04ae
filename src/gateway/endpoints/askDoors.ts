import type { CheckAnswer } from '../../contract/control.ts';
import { askEmpty } from '../../proxy/upstream/emptyQuestion.ts';
import type { ProbeTarget } from '../../proxy/upstream/probe.ts';

const timeoutMs = 5000;

/**
 * Which formats an endpoint of the OpenAI API has, and whether it has the Anthropic API too, without spending a token
 * (translation.md, rules 2 and 3). `formats` is absent where none is missing, or both seem to be. Never rejects.
 */
export async function askDoors(
  target: ProbeTarget,
  via: string,
): Promise<Pick<CheckAnswer, 'formats' | 'hasMessages'>> {
  const ask = (path: string) => askEmpty(target, path, { timeoutMs, via });
  const [chat, responses, messages] = await Promise.all([
    ask('/v1/chat/completions'),
    ask('/v1/responses'),
    ask('/v1/messages'),
  ]);
  const hasMessages = messages !== undefined && !isMissing(messages);
  if (isMissing(chat) === isMissing(responses)) return { hasMessages };
  return { hasMessages, formats: [isMissing(chat) ? 'responses' : 'chat'] };
}

function isMissing(status: number | undefined): boolean {
  return status === 404 || status === 405;
}
