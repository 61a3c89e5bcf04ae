import { type RawEnd, sse } from './rawAnswer.ts';

/**
 * The fate of an odd stream. `elsewhere`: another endpoint answers; `kept`: the client gets it as a whole answer; `broken`:
 * the client gets a part, and sees that it is one.
 */
export type Fate = 'elsewhere' | 'kept' | 'broken';

/** A stream that is not as the vendor's documentation has it. */
export interface OddStream {
  readonly row: string;
  readonly name: string;
  readonly format: 'Messages' | 'Chat' | 'Responses';
  readonly body: string;
  readonly end?: RawEnd;
  readonly fate: Fate;
}

const chunk = (delta: object, finish_reason: unknown = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
const role = { role: 'assistant', content: '' };
const started = ['message_start', { message: { content: [], usage: { input_tokens: 9 } } }] as const;
const stopped = ['message_stop', {}] as const;
const block = (content_block: object) => ['content_block_start', { index: 0, content_block }] as const;
const word = (delta: object) => ['content_block_delta', { index: 0, delta }] as const;
const reason = (stop_reason: unknown, output_tokens = 3) =>
  ['message_delta', { delta: { stop_reason }, usage: { output_tokens } }] as const;
const overloaded = ['error', { error: { type: 'overloaded_error', message: 'Overloaded' } }] as const;
const created = ['response.created', { response: { status: 'in_progress', error: null, output: [] } }] as const;
const item = (added: object) => ['response.output_item.added', { output_index: 0, item: added }] as const;
const failed = ['response.failed', { response: { error: { code: 'server_is_overloaded', message: 'No' } } }] as const;
const completed = (output: readonly object[], more: object = {}) =>
  ['response.completed', { response: { status: 'completed', error: null, output, ...more } }] as const;
const echo = (event: string) => [event, { response: { instructions: 'x'.repeat(40_000), error: null } }] as const;
const hello = { type: 'text_delta', text: 'Hello' };
const call = (name: string, args: string) => [
  { index: 0, id: 'call_1', type: 'function', function: { name, arguments: args } },
];

type Row = readonly [row: string, name: string, fate: Fate, body: string, end?: RawEnd];

const chat: readonly Row[] = [
  [
    'F1',
    'an empty reason in every chunk, then a reset',
    'broken',
    sse(chunk(role, ''), chunk({ content: 'a' }, '')),
    'cut',
  ],
  [
    'F1',
    'an empty reason in every chunk, then a clean end',
    'broken',
    sse(chunk(role, ''), chunk({ content: 'a' }, '')),
  ],
  [
    'F1',
    'an empty reason with the role, then an error',
    'elsewhere',
    sse(chunk(role, ''), { error: { message: 'No' } }),
  ],
  [
    'F1',
    'content after a reason, then a reset',
    'broken',
    sse(chunk({ content: 'a' }, 'stop'), chunk({ content: 'b' })),
    'cut',
  ],
  ['F1', 'a reason with the role, then an error', 'elsewhere', sse(chunk(role, 'stop'), { error: { message: 'No' } })],
  ['F1', 'a reason that is a number, then a clean end', 'broken', sse(chunk({ content: 'a' }), chunk({}, 0))],
  [
    'F1',
    'an empty error in a chunk that goes on',
    'kept',
    sse({ ...chunk({ content: 'a' }), error: {} }, chunk({}, 'stop'), '[DONE]'),
  ],
  [
    'F1',
    'a reason that says that the endpoint failed',
    'elsewhere',
    sse(chunk(role), chunk({}, 'network_error'), '[DONE]'),
  ],
  ['F9', '[DONE] alone', 'elsewhere', sse('[DONE]')],
  ['F9', 'a role, and [DONE]', 'elsewhere', sse(chunk(role), '[DONE]')],
  ['F9', 'an unknown error object, and [DONE]', 'elsewhere', sse({ ok: 0, why: 'quota' }, '[DONE]')],
  ['F9', 'choices of null, and [DONE]', 'elsewhere', sse({ choices: null }, '[DONE]')],
  ['F9', 'a tool call without a name, and [DONE]', 'elsewhere', sse(chunk({ tool_calls: call('', '') }), '[DONE]')],
  [
    'F9',
    'an empty answer that says why',
    'kept',
    sse(chunk(role), chunk({}, 'stop'), { choices: [], usage: {} }, '[DONE]'),
  ],
  ['F9', 'an answer cut off after one token', 'kept', sse(chunk(role), chunk({}, 'length'), '[DONE]')],
  ['F9', 'a tool call alone', 'kept', sse(chunk({ tool_calls: call('f', '') }), chunk({}, 'tool_calls'), '[DONE]')],
  ['F9', 'a refusal alone', 'kept', sse(chunk({ refusal: 'No.' }), chunk({}, 'stop'), '[DONE]')],
  ['F13', 'a named tool is content', 'broken', sse(chunk({ tool_calls: call('f', '') })), 'cut'],
];

const messages: readonly Row[] = [
  ['F1', 'an empty reason, then a reset', 'broken', sse(started, word(hello), reason('')), 'cut'],
  [
    'F1',
    'an empty reason after one, then a reset',
    'kept',
    sse(started, word(hello), reason('end_turn'), reason('')),
    'cut',
  ],
  [
    'F1',
    'content after a reason, then a reset',
    'broken',
    sse(started, word(hello), reason('end_turn'), word(hello)),
    'cut',
  ],
  ['F9', 'message_stop alone', 'elsewhere', sse(stopped)],
  ['F9', 'a message without content and reason', 'elsewhere', sse(started, reason(null), stopped)],
  ['F9', 'an announced text, and the end', 'elsewhere', sse(started, block({ type: 'text', text: '' }), stopped)],
  ['F9', 'end_turn without content', 'kept', sse(started, reason('end_turn'), stopped)],
  [
    'F9',
    'max_tokens after one token',
    'kept',
    sse(started, block({ type: 'text', text: '' }), reason('max_tokens', 1), stopped),
  ],
  ['F9', 'a refusal without content', 'kept', sse(started, reason('refusal'), stopped)],
  ['F13', 'no content_block_start, then a reset', 'broken', sse(started, word(hello)), 'cut'],
  [
    'F13',
    'an announced text, then an overload',
    'elsewhere',
    sse(started, block({ type: 'text', text: '' }), overloaded),
  ],
  [
    ...(['F13', 'announced thinking, empty deltas, then an overload', 'elsewhere'] as const),
    sse(started, block({ type: 'thinking', thinking: '', signature: '' }), word({ thinking: '' }), overloaded),
  ],
  [
    'F13',
    'a named tool, then a reset',
    'broken',
    sse(started, block({ type: 'tool_use', name: 'f', input: {} })),
    'cut',
  ],
  [
    'F13',
    'events that are all named message',
    'elsewhere',
    sse(started).replace('message_start\n', 'message\n') + sse(overloaded),
  ],
];

const responses: readonly Row[] = [
  ['F9', 'response.completed without output', 'elsewhere', sse(created, completed([]))],
  [
    'F9',
    'response.completed with an empty message',
    'elsewhere',
    sse(created, completed([{ type: 'message', content: [] }])),
  ],
  [
    'F9',
    'response.completed that says failed',
    'elsewhere',
    sse(created, completed([], { status: 'failed', error: { code: 'server_error' } })),
  ],
  [
    'F9',
    'text in response.completed only',
    'kept',
    sse(created, completed([{ type: 'message', content: [{ text: 'Hello' }] }])),
  ],
  [
    ...(['F9', 'response.incomplete without output', 'kept'] as const),
    sse(created, [
      'response.incomplete',
      { response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] } },
    ]),
  ],
  ['F9', 'nothing said, but tokens counted', 'kept', sse(created, completed([], { usage: { output_tokens: 3 } }))],
  [
    'F13',
    'no output_item.added, then a reset',
    'broken',
    sse(created, ['response.output_text.delta', { delta: 'Hello' }]),
    'cut',
  ],
  [
    'F13',
    'an announced message, then an overload',
    'elsewhere',
    sse(created, item({ type: 'message', content: [] }), failed),
  ],
  [
    ...(['F13', 'announced reasoning and an empty part, then an overload', 'elsewhere'] as const),
    sse(
      created,
      item({ id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: null }),
      ['response.content_part.added', { item_id: 'rs_1', part: { type: 'output_text', text: '', annotations: [] } }],
      ['response.output_text.delta', { item_id: 'rs_1', delta: '', obfuscation: 'Xy3' }],
      failed,
    ),
  ],
  [
    'F13',
    'a named call, then a reset',
    'broken',
    sse(created, item({ type: 'function_call', name: 'f', arguments: '' })),
    'cut',
  ],
  [
    'F13',
    '120 KB that repeat the request, then an overload',
    'elsewhere',
    sse(echo('response.created'), echo('response.queued'), echo('response.in_progress'), failed),
  ],
];

/** All of them. A tool that is only announced, an empty reason, an end that ends nothing: what is present and says nothing. */
export const oddStreams: readonly OddStream[] = [
  ...named('Chat', chat),
  ...named('Messages', messages),
  ...named('Responses', responses),
];

function named(format: OddStream['format'], rows: readonly Row[]): OddStream[] {
  return rows.map(([row, name, fate, body, end = 'whole']) => ({ row, name, fate, body, end, format }));
}
