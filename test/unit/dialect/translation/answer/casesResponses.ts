import type { StreamCase } from './casesChat.ts';
import { begins, counts, ends, open, refused, text, thinking, tool } from './messagesEvents.ts';
import type { MessagesEvent } from './translate.ts';

/** An event of a Responses stream. */
export function event(type: string, fields: object = {}): string {
  return `event: response.${type}\ndata: ${JSON.stringify({ type: `response.${type}`, ...fields })}\n\n`;
}

const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 6 },
  output_tokens: 4,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 14,
};
const told = counts(4, 4, { read: 6, thinking: 3 });
const created = event('created', {
  response: { id: 'r1', model: 'm-1', status: 'in_progress', output: [], usage: null },
});
const ended = (status: string, more: object = {}) =>
  event(status, { response: { id: 'r1', model: 'm-1', status, usage, ...more } });
const completed = ended('completed');
const incomplete = (reason: string) => ended('incomplete', { incomplete_details: { reason } });

const added = (output_index: number, item: object) => event('output_item.added', { output_index, item });
const itemDone = (output_index: number, item: object) => event('output_item.done', { output_index, item });
const message = (...texts: string[]) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: texts.map((one) => ({ type: 'output_text', text: one, annotations: [] })),
});
const says = (output_index: number, delta: string, content_index = 0) =>
  event('output_text.delta', { output_index, content_index, delta });
const spoken = (index: number, ...pieces: string[]) =>
  added(index, message()) + pieces.map((one) => says(index, one)).join('') + itemDone(index, message(pieces.join('')));
const functionCall = (name: string, call_id: string, args: string) => ({
  type: 'function_call',
  id: `fc_${call_id}`,
  call_id,
  name,
  arguments: args,
});
const argues = (output_index: number, delta: string) => event('function_call_arguments.delta', { output_index, delta });
const called = (index: number, name: string, id: string, ...pieces: string[]) =>
  added(index, functionCall(name, id, '')) +
  pieces.map((one) => argues(index, one)).join('') +
  itemDone(index, functionCall(name, id, pieces.join('')));
const reasoning = (encrypted: string | undefined, ...summary: string[]) => ({
  type: 'reasoning',
  id: 'rs_1',
  summary: summary.map((one) => ({ type: 'summary_text', text: one })),
  ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
});
const reasons = (output_index: number, summary_index: number, delta: string) =>
  event('reasoning_summary_text.delta', { output_index, summary_index, delta });
const carried = (encrypted: string | undefined, ...summary: string[]) =>
  ({ kind: 'item', id: 'rs_1', encrypted, summary: reasoning(encrypted, ...summary).summary }) as const;
const start = begins('msg_r1');

const contents: readonly StreamCase[] = [
  {
    title: 'text in two items',
    stream: created + event('in_progress', { response: { id: 'r1' } }) + spoken(0, 'He', 'llo') + completed,
    end: 'complete',
    events: [...start, ...text(0, 'He', 'llo'), ...ends('end_turn', told)],
  },
  {
    title: 'case 70: reasoning of two parts with its carrier, text, and a call whose arguments come in the end only',
    stream:
      created +
      added(0, reasoning('half')) +
      reasons(0, 0, 'p') +
      reasons(0, 0, '1') +
      reasons(0, 1, 'p2') +
      itemDone(0, reasoning('whole', 'p1', 'p2')) +
      spoken(1, 'done') +
      added(2, functionCall('Read', 'k1', '')) +
      event('function_call_arguments.done', { output_index: 2, arguments: '{"a":1}' }) +
      itemDone(2, functionCall('Read', 'k1', '{"a":1}')) +
      completed,
    end: 'complete',
    events: [
      ...start,
      ...thinking(0, carried('whole', 'p1', 'p2'), 'p', '1', '\n\np2'),
      ...text(1, 'done'),
      ...tool(2, 'Read', 'k1', '{"a":1}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'reasoning without a summary is carried, and shown as nothing',
    stream: created + added(0, reasoning(undefined)) + itemDone(0, reasoning('sealed')) + spoken(1, 'x') + completed,
    end: 'complete',
    events: [...start, ...thinking(0, carried('sealed')), ...text(1, 'x'), ...ends('end_turn', told)],
  },
  {
    title: 'reasoning with neither summary nor seal is nothing',
    stream: created + added(0, reasoning(undefined)) + itemDone(0, reasoning(undefined)) + spoken(1, 'x') + completed,
    end: 'complete',
    events: [...start, ...text(0, 'x'), ...ends('end_turn', told)],
  },
  {
    title: 'the phase of a message travels with the reasoning before it',
    stream:
      created +
      added(0, reasoning('s', 'p')) +
      reasons(0, 0, 'p') +
      itemDone(0, reasoning('s', 'p')) +
      added(1, { ...message(), phase: 'commentary' }) +
      says(1, 'x') +
      itemDone(1, message('x')) +
      completed,
    end: 'complete',
    events: [
      ...start,
      ...thinking(0, { ...carried('s', 'p'), phase: 'commentary' }, 'p'),
      ...text(1, 'x'),
      ...ends('end_turn', told),
    ],
  },
  {
    title: 'reasoning that an open model tells as text',
    stream:
      created +
      added(0, reasoning(undefined)) +
      event('reasoning_text.delta', { output_index: 0, content_index: 0, delta: 'a' }) +
      itemDone(0, { ...reasoning(undefined), content: [{ type: 'reasoning_text', text: 'ab' }] }) +
      spoken(1, 'x') +
      completed,
    end: 'complete',
    events: [...start, ...thinking(0, carried(undefined), 'a', 'b'), ...text(1, 'x'), ...ends('end_turn', told)],
  },
  {
    title: 'text that comes only with the end of its item',
    stream: created + added(0, message()) + says(0, 'He') + itemDone(0, message('Hello', ' world')) + completed,
    end: 'complete',
    events: [...start, ...text(0, 'He', 'llo', ' world'), ...ends('end_turn', told)],
  },
  {
    title: 'an end that contradicts what has come is not told twice',
    stream: created + added(0, message()) + says(0, 'Hello') + itemDone(0, message('Other')) + completed,
    end: 'complete',
    events: [...start, ...text(0, 'Hello'), ...ends('end_turn', told)],
  },
  {
    title: 'text that comes only with the end of the answer',
    stream:
      created + ended('completed', { output: [reasoning('s', 'p'), message('Hello'), functionCall('A', 'k1', '{}')] }),
    end: 'complete',
    events: [
      ...start,
      ...thinking(0, carried('s', 'p'), 'p'),
      ...text(1, 'Hello'),
      ...tool(2, 'A', 'k1', '{}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'text that comes only with the end of the answer, after reasoning that came before',
    stream:
      created +
      added(0, reasoning(undefined)) +
      reasons(0, 0, 'p') +
      itemDone(0, reasoning('s', 'p')) +
      ended('completed', { output: [reasoning('s', 'p'), message('Hello')] }),
    end: 'complete',
    events: [...start, ...thinking(0, carried('s', 'p'), 'p'), ...text(1, 'Hello'), ...ends('end_turn', told)],
  },
  {
    title: 'items that are never announced',
    stream: itemDone(0, reasoning('s', 'p')) + itemDone(1, functionCall('A', 'k1', '{"a":1}')) + completed,
    end: 'complete',
    events: [
      ...begins('msg_'),
      ...thinking(0, carried('s', 'p'), 'p'),
      ...tool(1, 'A', 'k1', '{"a":1}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'the types of events that have no name',
    stream: (created + spoken(0, 'x') + completed).replaceAll(/^event: .*\n/gm, ''),
    end: 'complete',
    events: [...start, ...text(0, 'x'), ...ends('end_turn', told)],
  },
];

const results: readonly MessagesEvent[] = [
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'server_tool_use', id: 'srvtoolu_0_0', name: 'web_search', input: {} },
  },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":"q"}' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: {
      type: 'web_search_tool_result',
      tool_use_id: 'srvtoolu_0_0',
      content: [{ type: 'web_search_result', url: 'https://a', title: 'A', encrypted_content: '', page_age: null }],
    },
  },
  { type: 'content_block_stop', index: 1 },
];

const tools: readonly StreamCase[] = [
  {
    title: 'calls whose pieces alternate become one block after the other',
    stream:
      created +
      added(0, functionCall('A', 'k0', '')) +
      added(1, functionCall('B', 'k1', '')) +
      argues(0, '{"a":') +
      argues(1, '{"b":') +
      argues(0, '1}') +
      argues(1, '2}') +
      itemDone(1, functionCall('B', 'k1', '{"b":2}')) +
      itemDone(0, functionCall('A', 'k0', '{"a":1}')) +
      completed,
    end: 'complete',
    events: [
      ...start,
      ...tool(0, 'A', 'k0', '{"a":', '1}'),
      ...tool(1, 'B', 'k1', '{"b":', '2}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'a name that comes with the end of its call',
    stream:
      created +
      added(0, functionCall('', '', '')) +
      argues(0, '{"a":') +
      itemDone(0, functionCall('A', 'k0', '{"a":1}')) +
      completed,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":', '1}'), ...ends('tool_use', told)],
  },
  {
    title: 'a call and text under one index',
    stream:
      created +
      added(0, functionCall('A', 'k0', '')) +
      says(0, 'x') +
      argues(0, '{"a":1}') +
      itemDone(0, functionCall('A', 'k0', '{"a":1}')) +
      completed,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":1}'), ...text(1, 'x'), ...ends('tool_use', told)],
  },
  {
    title: 'items without an index are told apart by their ids',
    stream: (created + called(0, 'A', 'k0', '{"a":1}') + called(1, 'B', 'k1', '{}') + completed)
      .replaceAll(/"output_index":(\d),"delta"/g, (_, index: string) => `"item_id":"fc_k${index}","delta"`)
      .replaceAll(/"output_index":\d,/g, ''),
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":1}'), ...tool(1, 'B', 'k1', '{}'), ...ends('tool_use', told)],
  },
  {
    title: 'an answer whose last event has kept the status of its beginning',
    stream: created + spoken(0, 'x') + event('completed', { response: { id: 'r1', status: 'in_progress', usage } }),
    end: 'complete',
    events: [...start, ...text(0, 'x'), ...ends('end_turn', told)],
  },
  {
    title: 'a call without arguments',
    stream: created + called(0, 'A', 'k0') + called(1, 'B', 'k1', '{}') + completed,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0'), ...tool(1, 'B', 'k1', '{}'), ...ends('tool_use', told)],
  },
  {
    title: 'a call that the limit of tokens cut is passed on as it is',
    stream: created + added(0, functionCall('A', 'k0', '')) + argues(0, '{"a":') + incomplete('max_output_tokens'),
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":'), ...ends('max_tokens', told)],
  },
  {
    title: 'a call that was cut without a reason is never executed',
    stream: created + added(0, functionCall('A', 'k0', '')) + argues(0, '{"a":') + completed,
    end: 'unusable',
    events: [...start, ...open(tool(0, 'A', 'k0', '{"a":'))],
  },
  {
    title: 'a web search that the vendor ran is counted by the client',
    stream:
      created +
      added(0, { type: 'web_search_call', id: 'ws_1', status: 'in_progress' }) +
      itemDone(0, {
        type: 'web_search_call',
        id: 'ws_1',
        action: { type: 'search', query: 'q', sources: [{ type: 'url', url: 'https://a', title: 'A' }] },
      }) +
      spoken(1, 'x') +
      completed,
    end: 'complete',
    events: [...start, ...results, ...text(2, 'x'), ...ends('end_turn', told)],
  },
];

const endings: readonly StreamCase[] = [
  {
    title: 'the limit of tokens',
    stream: created + added(0, message()) + says(0, 'x') + incomplete('max_output_tokens'),
    end: 'complete',
    events: [...start, ...text(0, 'x'), ...ends('max_tokens', told)],
  },
  {
    title: 'case 73: a content filter after text is a refusal',
    stream: created + added(0, message()) + says(0, 'x') + incomplete('content_filter'),
    end: 'complete',
    events: [...start, ...text(0, 'x'), ...ends(refused(null), told)],
  },
  {
    title: 'a refusal is told, and explains the end',
    stream:
      created +
      added(0, message()) +
      event('refusal.delta', { output_index: 0, content_index: 0, delta: 'No' }) +
      itemDone(0, { type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }) +
      completed,
    end: 'complete',
    events: [...start, ...text(0, 'No', '.'), ...ends(refused('No.'), told)],
  },
  {
    title: 'an answer without its last event has no end',
    stream: created + spoken(0, 'x'),
    end: 'open',
    events: [...start, ...open(text(0, 'x'))],
  },
  {
    title: 'case 48: a failure that is told in the stream',
    stream: created + ended('failed', { error: { code: 'rate_limit_exceeded', message: 'slow' } }),
    end: 'unusable',
    events: start,
  },
  {
    title: 'half of an event is not left out in silence',
    stream: `${created}${added(0, message())}${says(0, 'x')}${says(0, 'lost').slice(0, 90)}\n\n${completed}`,
    end: 'unusable',
    events: [...start, ...open(text(0, 'x'))],
  },
  {
    title: 'an error in the middle',
    stream: `${created}${added(0, message())}${says(0, 'x')}event: error\ndata: {"type":"error","code":"server_error","message":"no"}\n\n${completed}`,
    end: 'unusable',
    events: [...start, ...open(text(0, 'x'))],
  },
  {
    title: 'an end without counts gets an estimate, because the client needs numbers',
    stream: created + spoken(0, 'abcdefgh') + ended('completed', { usage: null }),
    end: 'complete',
    events: [...start, ...text(0, 'abcdefgh'), ...ends('end_turn', counts(77, 2))],
  },
  {
    title: 'an answer that says nothing and ends is an empty one',
    stream: created + completed,
    end: 'complete',
    events: [...start, ...ends('end_turn', told)],
  },
];

/** Streams of Responses endpoints. */
export const responsesCases: readonly StreamCase[] = [...contents, ...tools, ...endings];

/** The same answer, whose first and last events repeat a request of so many bytes. */
export function echoingStream(bytes: number): string {
  const tools = [{ type: 'function', name: 'A', description: '"status":"failed" '.repeat(bytes / 18) }];
  const whole = { instructions: '{"error":{}}', tools, output: [message('x')] };
  const first = event('created', { response: { ...whole, output: [], id: 'r1', status: 'in_progress', error: null } });
  return (
    first +
    spoken(0, 'x') +
    event('completed', { response: { ...whole, id: 'r1', status: 'completed', usage, error: null } })
  );
}

/** The events of that. */
export const echoedEvents: readonly MessagesEvent[] = [...start, ...text(0, 'x'), ...ends('end_turn', told)];
