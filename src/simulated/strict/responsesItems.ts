import { isRecord } from '../../base/isRecord.ts';
import { listed, openaiName } from './openaiFaults.ts';
import { type Problems, problem } from './problem.ts';
import { recordsOf } from './recordsOf.ts';

type Item = Record<string, unknown>;

const idBeginnings: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
};

const callKinds = new Set(['function_call', 'custom_tool_call', 'local_shell_call', 'shell_call', 'apply_patch_call']);

/** The items of a request. A message may leave its type out; a string is a message of the user. */
export function inputItems(input: unknown): Item[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return recordsOf(input).map((item) =>
    item['type'] === undefined && item['role'] !== undefined ? { type: 'message', ...item } : item,
  );
}

/** The rules on ids, on the parts of messages, and on calls and their outputs. */
export function* itemProblems(items: readonly Item[]): Problems {
  const calls = new Map<unknown, string>();
  const answered = new Set<unknown>();
  const ids = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    const type = String(item['type']);
    const at = `input[${index}]`;
    yield* idProblems(item, type, at, ids);
    if (type === 'message') yield* messageProblems(item, at);
    const callId = item['call_id'];
    if (callId === undefined) continue;
    yield* openaiName(callId, `${at}.call_id`, 64);
    if (callKinds.has(type)) {
      yield* openaiName(item['name'], `${at}.name`, 64, /^[a-zA-Z0-9_-]+$/);
      calls.set(callId, type);
      continue;
    }
    const caller = calls.get(callId);
    if (caller === undefined) {
      yield problem('orphanResult', `No tool call found for ${spoken(type)} with call_id ${callId}.`, 'input');
    }
    answered.add(callId);
  }
  for (const [callId, type] of calls) {
    if (answered.has(callId)) continue;
    yield problem('unansweredCall', `No tool output found for ${spoken(type)} ${callId}.`, 'input');
  }
}

function* idProblems(item: Item, type: string, at: string, ids: Set<unknown>): Problems {
  const id = item['id'];
  if (typeof id !== 'string') return;
  const beginning = idBeginnings[type];
  if (beginning !== undefined && !id.startsWith(beginning)) {
    const message = `Invalid '${at}.id': '${id}'. Expected an ID that begins with '${beginning}'.`;
    yield problem('alphabet', message, `${at}.id`, 'invalid_value');
  }
  yield* openaiName(id, `${at}.id`, 64, /^[a-zA-Z0-9_-]+$/);
  if (ids.has(id)) {
    const message = `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`;
    yield problem('repeatedId', message, 'input');
  }
  ids.add(id);
}

const partsOfRole: Readonly<Record<string, readonly string[]>> = {
  assistant: ['output_text', 'refusal'],
  user: ['input_text', 'input_image', 'input_file'],
  system: ['input_text', 'input_image', 'input_file'],
  developer: ['input_text', 'input_image', 'input_file'],
};

function* messageProblems(item: Item, at: string): Problems {
  const role = String(item['role']);
  const parts = Object.hasOwn(partsOfRole, role) ? partsOfRole[role] : undefined;
  if (parts === undefined) {
    const message = `Invalid value: '${role}'. Supported values are: ${listed(Object.keys(partsOfRole))}.`;
    yield problem('role', message, `${at}.role`, 'invalid_value');
    return;
  }
  for (const [index, part] of recordsOf(item['content']).entries()) {
    const type = String(part['type']);
    if (parts.includes(type)) continue;
    const message = `Invalid value: '${type}'. Supported values are: ${listed(parts)}.`;
    yield problem('unknownKind', message, `${at}.content[${index}]`, 'invalid_value');
  }
}

function spoken(type: string): string {
  return type.replace(/_tool_call/, ' tool call').replaceAll('_', ' ');
}

/** Whether an item is what a model said after it had reasoned. */
export function isFollower(item: Item | undefined): boolean {
  if (!isRecord(item)) return false;
  const type = String(item['type']);
  if (type === 'message') return item['role'] === 'assistant';
  return type === 'reasoning' || type.endsWith('_call');
}
