import { fault } from './messagesFaults.ts';
import type { ClaudeTraits } from './modelFamily.ts';
import type { Problems } from './problem.ts';
import { recordsOf } from './recordsOf.ts';

type Message = Record<string, unknown>;

/** The blocks of a message; a string is one of text. */
export function blocksOf(message: Message | undefined): Message[] {
  const content = message?.['content'];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : recordsOf(content);
}

/** The rules on roles, on calls and their results, and on what may not be empty. */
export function* orderProblems(body: Message, traits: ClaudeTraits, alternates: boolean): Problems {
  const messages = recordsOf(body['messages']);
  if (messages.length === 0) yield fault('emptyContent', 'messages', 'at least one message is required');
  yield* roleProblems(messages, traits, alternates);
  for (const [index, message] of messages.entries()) {
    yield* emptyProblems(message, index, index === messages.length - 1);
  }
  yield* callProblems(messages);
  const last = messages.at(-1);
  if (last?.['role'] !== 'assistant') return;
  if (!traits.prefill) {
    const words =
      'This model does not support assistant message prefill. The conversation must end with a user message.';
    yield fault('order', '', words);
  }
  const text = blocksOf(last).at(-1)?.['text'];
  if (typeof text === 'string' && /\s$/.test(text)) {
    yield fault('emptyContent', 'messages', 'final assistant content cannot end with trailing whitespace');
  }
}

function* roleProblems(messages: readonly Message[], traits: ClaudeTraits, alternates: boolean): Problems {
  let before: unknown;
  for (const [index, { role }] of messages.entries()) {
    if (role === 'system' && !traits.midSystem) {
      const words =
        'Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.';
      yield fault('role', 'messages', words);
    }
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      yield fault('role', `messages.${index}.role`, "Input should be 'user' or 'assistant'");
    }
    if (index === 0 && role === 'assistant') {
      yield fault('order', 'messages', 'first message must use the "user" role');
    }
    if (role === 'system' && (index === 0 || before === 'system')) {
      yield fault('order', `messages.${index}`, 'a "system" message must follow a "user" message');
    }
    if (alternates && role === before) {
      const words = `roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`;
      yield fault('order', 'messages', words);
    }
    before = role;
  }
}

function* emptyProblems(message: Message, index: number, isLast: boolean): Problems {
  const blocks = blocksOf(message);
  const isInstruction = message['role'] === 'system';
  if (message['content'] === undefined && !isInstruction) {
    yield fault('missingKey', `messages.${index}.content`, 'Field required');
  }
  if (message['content'] === undefined && message['output_config'] !== undefined) return;
  const isEmpty = blocks.length === 0 || message['content'] === '';
  if (isEmpty && !(isLast && message['role'] === 'assistant')) {
    const words = 'all messages must have non-empty content except for the optional final assistant message';
    yield fault('emptyContent', `messages.${index}`, words);
  }
  for (const [nth, block] of blocks.entries()) {
    const parts = block['type'] === 'tool_result' ? recordsOf(block['content']) : [block];
    if (parts.some(({ type, text }) => type === 'text' && text === '')) {
      yield fault('emptyContent', 'messages', 'text content blocks must be non-empty');
    }
    const isResult = block['type'] === 'tool_result';
    if (block['type'] === 'tool_use' || isResult) {
      const name = isResult ? 'tool_use_id' : 'id';
      const id = block[name];
      if (typeof id === 'string' && !/^[a-zA-Z0-9_-]+$/.test(id)) {
        const path = `messages.${index}.content.${nth}.${block['type']}.${name}`;
        yield fault('alphabet', path, "String should match pattern '^[a-zA-Z0-9_-]+$'");
      }
    }
  }
}

/** Each call has its result in the next message of the user, before anything else there, and only once. */
function* callProblems(messages: readonly Message[]): Problems {
  const ids = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    const calls = blocksOf(message).filter(({ type }) => type === 'tool_use');
    for (const [nth, block] of blocksOf(message).entries()) {
      if (block['type'] !== 'tool_use') continue;
      if (ids.has(block['id']))
        yield fault('repeatedId', `messages.${index}.content.${nth}`, '`tool_use` ids must be unique');
      ids.add(block['id']);
    }
    if (calls.length > 0 && index < messages.length - 1) yield* answerProblems(calls, messages, index);
    yield* resultProblems(messages, index);
  }
}

/** Messages of one role in a row are one turn. */
function turnAround(messages: readonly Message[], index: number, step: 1 | -1): Message[] {
  const role = messages[index]?.['role'];
  const turn: Message[] = [];
  for (let at = index; messages[at]?.['role'] === role && role !== undefined; at += step) {
    turn.push(...blocksOf(messages[at]));
  }
  return turn;
}

function* answerProblems(calls: readonly Message[], messages: readonly Message[], index: number): Problems {
  const next = messages[index + 1]?.['role'] === 'assistant' ? index + 2 : index + 1;
  const results = turnAround(messages, next, 1).filter(({ type }) => type === 'tool_result');
  const open = calls.map(({ id }) => id).filter((id) => !results.some(({ tool_use_id }) => tool_use_id === id));
  if (open.length === 0) return;
  const words = `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
  yield fault('unansweredCall', `messages.${index}`, words);
}

function* resultProblems(messages: readonly Message[], index: number): Problems {
  const seen = new Set<unknown>();
  let before = index - 1;
  while (messages[before]?.['role'] === messages[index]?.['role']) before -= 1;
  const calls = turnAround(messages, before, -1).filter(({ type }) => type === 'tool_use');
  for (const [nth, block] of blocksOf(messages[index]).entries()) {
    if (block['type'] !== 'tool_result') continue;
    const id = block['tool_use_id'];
    const path = `messages.${index}.content.${nth}`;
    if (!calls.some((call) => call['id'] === id)) {
      const words = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
      yield fault('orphanResult', path, words);
    }
    if (seen.has(id)) {
      const words = `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
      yield fault('repeatedId', path, words);
    }
    seen.add(id);
  }
}
