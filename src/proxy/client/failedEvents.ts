import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a client acts on the `response.failed` event of a stream and on nothing else: Codex compacts, or says at once what
 * is wrong, and shows a 400 with the same words as it is (agents.md §5).
 */
export function readsFailedEvents({ 'user-agent': agent, originator }: IncomingHttpHeaders): boolean {
  return [agent, originator].some((one) => typeof one === 'string' && /^codex/i.test(one));
}
