import { blocksOf } from './messagesOrder.ts';
import { recordsOf } from './recordsOf.ts';
import { inputItems } from './responsesItems.ts';
import { digestOf } from './seal.ts';

type Body = Record<string, unknown>;

/** A conversation as the vendors' checks of prefixes see it: what stands above it, and each of its pieces in turn. */
export interface Prefix {
  readonly head: unknown;
  readonly pieces: readonly unknown[];
  /** All that the user says before the first answer. */
  readonly opening: readonly unknown[];
}

/** Fields that are no part of what the model sees. */
const marks = ['cache_control', 'prompt_cache_breakpoint', 'citations', 'caller'];

function withoutMarks(value: Body): Body {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => !marks.includes(name) && each !== null)
      .map(([name, each]) => [name, Array.isArray(each) ? each.map((one) => cleaned(one)) : each]),
  );
}

function cleaned(value: unknown): unknown {
  return recordsOf([value]).map(withoutMarks)[0] ?? value;
}

/** Claude Code's line for its bills changes with each request, and Anthropic takes it out. */
const isBilling = (block: Body) => String(block['text']).startsWith('x-anthropic-billing-header:');

/**
 * A Messages conversation, block by block; turns of one role in a row are one. Claude Code ends requests with hints for one
 * turn, which later ones do not have: they stand in a last instruction, behind its mark for the cache.
 */
export function messagesPrefix(body: Body): Prefix {
  const system = blocksOf({ content: body['system'] }).filter((block) => !isBilling(block));
  const messages = recordsOf(body['messages']);
  const pieces = messages.flatMap((message, index) => {
    const blocks = blocksOf(message);
    const marked = blocks.findLastIndex((block) => block['cache_control'] !== undefined);
    const isTail = message['role'] === 'system' && index === messages.length - 1 && marked >= 0;
    const lasting = isTail ? blocks.slice(0, marked + 1) : blocks;
    return lasting.map((block) => ({ role: message['role'], block: withoutMarks(block) }));
  });
  // The definition of a deferred tool comes into the conversation with the block that names it.
  const tools = recordsOf(body['tools']).filter((tool) => tool['defer_loading'] !== true);
  return prefixOf({ system: system.map(withoutMarks), tools }, pieces);
}

/** A Responses conversation, item by item. Ids and states of items, an effort and `instructions` are no part of it. */
export function responsesPrefix(body: Body): Prefix {
  const format = recordsOf([body['text']])[0]?.['format'];
  const pieces = inputItems(body['input']).map((item) => {
    const { id, status, phase, content, ...rest } = withoutMarks(item);
    const said = typeof content === 'string' ? [content] : recordsOf(content).map((part) => part['text'] ?? part);
    return content === undefined ? rest : { ...rest, content: said };
  });
  return prefixOf({ format, tools: body['tools'] }, pieces);
}

/** A Chat conversation, message by message. */
export function chatPrefix(body: Body): Prefix {
  return prefixOf({ tools: body['tools'] }, recordsOf(body['messages']).map(withoutMarks));
}

/** Without the instructions at the end: a client may take them back in its next request. */
export function withoutLateInstructions(prefix: Prefix): Prefix {
  const end = prefix.pieces.findLastIndex((piece) => {
    const role = recordsOf([piece])[0]?.['role'];
    return role !== 'system' && role !== 'developer';
  });
  return { ...prefix, pieces: prefix.pieces.slice(0, end + 1) };
}

function prefixOf(head: Body, pieces: readonly Body[]): Prefix {
  const tools = recordsOf(head['tools']).map(withoutMarks);
  const answer = pieces.findIndex(({ role, type }) => role === 'assistant' || type === 'reasoning');
  const before = answer < 0 ? pieces : pieces.slice(0, answer);
  return { head: { ...head, tools }, pieces, opening: before.filter(({ role }) => role === 'user') };
}

/** A digest of the conversation before each of its pieces, and at last of the whole. */
export function digestsOf({ head, pieces }: Prefix): string[] {
  const digests = [digestOf(head)];
  for (const piece of pieces) digests.push(digestOf([digests.at(-1), piece]));
  return digests;
}
