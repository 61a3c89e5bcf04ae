import { isRecord } from '../../base/isRecord.ts';
import type { ChatRules } from './chatVendors.ts';
import { openaiName } from './openaiFaults.ts';
import { type Problems, problem } from './problem.ts';
import { recordsOf } from './recordsOf.ts';

type Message = Record<string, unknown>;

/** OpenAI's limit for the id of a call; it has been 40 for some models. */
const maxIdLength = 64;

/** The rules on the order of messages, on calls and their results, and on what each may hold. */
export function* chatMessageProblems(body: Message, rules: ChatRules): Problems {
  const messages = recordsOf(body['messages']);
  if (messages.length === 0) {
    const message =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    yield problem('emptyContent', message, 'messages', 'empty_array');
  }
  yield* callProblems(messages);
  for (const [index, message] of messages.entries()) {
    const isInstruction = message['role'] === 'system' || message['role'] === 'developer';
    const isLate = messages.slice(0, index).some(({ role }) => role !== 'system' && role !== 'developer');
    if (isInstruction && isLate && !rules.midSystem) {
      yield problem('role', 'System message must be at the beginning.', `messages[${index}].role`);
    }
    yield* contentProblems(message, index, rules);
  }
}

/** The results of a turn's calls directly after it, each once, and no result of another call. */
function* callProblems(messages: readonly Message[]): Problems {
  let open = new Map<unknown, number>();
  let caller = -1;
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'tool') {
      const id = message['tool_call_id'];
      yield* openaiName(id, `messages[${index}].tool_call_id`, maxIdLength);
      if (!open.delete(id)) {
        const text =
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
        yield problem('orphanResult', text, `messages.[${index}].role`);
      }
      continue;
    }
    yield* unanswered(open, caller);
    open = new Map();
    caller = index;
    for (const [nth, call] of recordsOf(message['tool_calls']).entries()) {
      const at = `messages[${index}].tool_calls[${nth}]`;
      yield* openaiName(call['id'], `${at}.id`, maxIdLength);
      const called = isRecord(call['function']) ? call['function'] : {};
      yield* openaiName(called['name'], `${at}.function.name`, 64, /^[a-zA-Z0-9_-]+$/);
      open.set(call['id'], nth);
    }
  }
  yield* unanswered(open, caller);
}

function* unanswered(open: ReadonlyMap<unknown, number>, caller: number): Problems {
  if (open.size === 0) return;
  const ids = [...open.keys()].join(', ');
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`;
  yield problem('unansweredCall', message, `messages.[${caller}].role`);
}

function* contentProblems(message: Message, index: number, rules: ChatRules): Problems {
  const at = `messages[${index}]`;
  const role = String(message['role']);
  for (const [nth, part] of recordsOf(message['content']).entries()) {
    const param = `${at}.content[${nth}]`;
    const type = String(part['type']);
    if (part['text'] === '') yield problem('emptyContent', 'text content is empty', `${param}.text`);
    if (type === 'text' || type === 'refusal') continue;
    if (role !== 'user') {
      const text = `Image URLs are only allowed for messages with role 'user', but this message with role '${role}' contains an image URL.`;
      yield problem('media', text, at, 'invalid_value');
    }
    const isTaken = type === 'image_url' ? rules.images : type === 'file' ? rules.documents : false;
    if (!isTaken) yield problem('media', `unknown variant \`${type}\`, expected \`text\``, param, 'invalid_value');
  }
  if (role !== 'assistant') return;
  const calls = recordsOf(message['tool_calls']);
  if (Array.isArray(message['tool_calls']) && calls.length === 0) {
    const text = `Invalid '${at}.tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
    yield problem('emptyContent', text, `${at}.tool_calls`, 'empty_array');
  }
  const content = message['content'];
  const isEmpty = content === undefined || content === null || (Array.isArray(content) && content.length === 0);
  if (isEmpty && calls.length === 0 && typeof message['refusal'] !== 'string') {
    const text = `Invalid value for 'content': expected a string, got null.`;
    yield problem('emptyContent', text, `${at}.content`);
  }
}
