import { begins, counts, ends, open, refused, text, thinking, tool } from './messagesEvents.ts';
import type { AnswerEnd, MessagesEvent } from './translate.ts';

/** A stream of an endpoint, and the events that a Messages client must get of it. */
export interface StreamCase {
  /** With the number of translation.md's case, where it is one. */
  readonly title: string;
  readonly stream: string;
  readonly end: AnswerEnd;
  readonly events: readonly MessagesEvent[];
}

/** A chunk of Chat Completions, as an event. */
export function chunk(choice: object, more: object = {}): string {
  const head = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm-1' };
  return `data: ${JSON.stringify({ ...head, choices: [{ index: 0, finish_reason: null, ...choice }], ...more })}\n\n`;
}

const says = (delta: object) => chunk({ delta });
const finish = (reason: string, delta: object = {}, more: object = {}) => chunk({ delta, finish_reason: reason }, more);
const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const usageChunk = `data: ${JSON.stringify({ id: 'c1', model: 'm-1', choices: [], usage })}\n\n`;
const done = 'data: [DONE]\n\n';
const role = says({ role: 'assistant', content: '' });
const call = (index: number, fields: object, args?: string) => ({
  index,
  ...fields,
  function: { ...('name' in fields ? { name: fields.name } : {}), ...(args === undefined ? {} : { arguments: args }) },
});
const calls = (...list: object[]) => says({ tool_calls: list });
const named = (index: number, id: string, name: string, args = '') => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: args },
});
const goesOn = (index: number, args: string) => call(index, {}, args);
const told = counts(10, 4);
const start = begins('msg_c1');
const textKind = { kind: 'text' } as const;

const texts: readonly StreamCase[] = [
  {
    title: 'case 51: text, its end, its counts',
    stream: role + says({ content: 'He' }) + says({ content: 'llo' }) + finish('stop') + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'He', 'llo'), ...ends('end_turn', told)],
  },
  {
    title: 'case 52: reasoning is a block of its own with its carrier, before the text',
    stream:
      role +
      says({ reasoning_content: 'a' }) +
      says({ reasoning_content: 'b' }) +
      says({ content: 'c' }) +
      finish('stop') +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...thinking(0, textKind, 'a', 'b'), ...text(1, 'c'), ...ends('end_turn', told)],
  },
  {
    title: 'case 52: reasoning in the field that OpenRouter and Groq use, told once where both fields say it',
    stream:
      role + says({ reasoning: 'a', reasoning_content: 'a' }) + says({ reasoning: 'b' }) + finish('stop') + usageChunk,
    end: 'complete',
    events: [...start, ...thinking(0, textKind, 'a', 'b'), ...ends('end_turn', told)],
  },
  {
    title: 'case 53: content and the end in one chunk',
    stream: role + says({ content: 'He' }) + finish('stop', { content: 'llo' }) + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'He', 'llo'), ...ends('end_turn', told)],
  },
  {
    title: 'case 53: reasoning, content, a call, the end and the counts in one chunk',
    stream: finish(
      'tool_calls',
      { role: 'assistant', reasoning_content: 'r', content: 'c', tool_calls: [named(0, 'k1', 'Read', '{"a":1}')] },
      { usage },
    ),
    end: 'complete',
    events: [
      ...start,
      ...thinking(0, textKind, 'r'),
      ...text(1, 'c'),
      ...tool(2, 'Read', 'k1', '{"a":1}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'content in parts, empty pieces and nulls, and other choices, which nobody asked for',
    stream:
      `data: ${JSON.stringify({ id: '', model: '', choices: [], prompt_filter_results: [{}] })}\n\n` +
      says({ role: 'assistant', content: null, tool_calls: null, reasoning_content: null, refusal: null }) +
      says({
        content: [
          { type: 'text', text: 'He' },
          { type: 'text', text: 'llo' },
        ],
      }) +
      says({ content: '' }) +
      chunk({ index: 1, delta: { content: 'other' } }, { usage: null }) +
      finish('stop', { content: null }) +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...text(0, 'Hello'), ...ends('end_turn', told)],
  },
  {
    title: 'letters of every length arrive whole',
    stream:
      says({ content: 'Grüße, 世' }) + says({ content: '界 😀 \u2028 "\\n' }) + finish('stop') + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'Grüße, 世', '界 😀 \u2028 "\\n'), ...ends('end_turn', told)],
  },
  {
    title: 'case 67: comments of OpenRouter make no block',
    stream: `: OPENROUTER PROCESSING\n\n${says({ content: 'c' })}: OPENROUTER PROCESSING\n\n${finish('stop')}${usageChunk}${done}`,
    end: 'complete',
    events: [...start, ...text(0, 'c'), ...ends('end_turn', told)],
  },
  {
    title: 'case 68: reasoning that comes twice is told once, and its details are carried, joined by index',
    stream:
      says({ reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a', index: 0 }] }) +
      says({ reasoning: 'b', reasoning_details: [{ type: 'reasoning.text', text: 'b', signature: 's', index: 0 }] }) +
      says({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'xyz', index: 1 }] }) +
      says({ content: 'c' }) +
      finish('stop') +
      usageChunk +
      done,
    end: 'complete',
    events: [
      ...start,
      ...thinking(
        0,
        {
          kind: 'details',
          details: [
            { type: 'reasoning.text', text: 'ab', index: 0, signature: 's' },
            { type: 'reasoning.encrypted', data: 'xyz', index: 1 },
          ],
        },
        'a',
        'b',
      ),
      ...text(1, 'c'),
      ...ends('end_turn', told),
    ],
  },
  {
    title: 'case 68: details alone tell the reasoning',
    stream:
      says({ reasoning_details: [{ type: 'reasoning.summary', summary: 'a', index: 0 }] }) +
      says({ content: 'c' }) +
      finish('stop') +
      usageChunk +
      done,
    end: 'complete',
    events: [
      ...start,
      ...thinking(0, { kind: 'details', details: [{ type: 'reasoning.summary', summary: 'a', index: 0 }] }, 'a'),
      ...text(1, 'c'),
      ...ends('end_turn', told),
    ],
  },
];

const tools: readonly StreamCase[] = [
  {
    title: 'case 54: interleaved calls become one block after the other',
    stream:
      role +
      calls(named(0, 'k0', 'A')) +
      calls(named(1, 'k1', 'B')) +
      calls(goesOn(0, '{"a":')) +
      calls(goesOn(1, '{"b":')) +
      calls(goesOn(0, '1}')) +
      calls(goesOn(1, '2}')) +
      finish('tool_calls') +
      usageChunk +
      done,
    end: 'complete',
    events: [
      ...start,
      ...tool(0, 'A', 'k0', '{"a":', '1}'),
      ...tool(1, 'B', 'k1', '{"b":', '2}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'case 54: three interleaved calls, two of them in one chunk, with text between them',
    stream:
      calls(named(0, 'k0', 'A', '{"a"'), named(1, 'k1', 'B', '{"b"')) +
      says({ content: 'late' }) +
      calls(named(2, 'k2', 'C', '{"c"')) +
      calls(goesOn(2, ':3}'), goesOn(1, ':2}'), goesOn(0, ':1}')) +
      finish('tool_calls') +
      usageChunk +
      done,
    end: 'complete',
    events: [
      ...start,
      ...tool(0, 'A', 'k0', '{"a"', ':1}'),
      ...tool(1, 'B', 'k1', '{"b"', ':2}'),
      ...text(2, 'late'),
      ...tool(3, 'C', 'k2', '{"c"', ':3}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'case 56: a call that never gets a name is no call, and no end of the turn',
    stream:
      says({ content: 'x' }) +
      calls({ index: 0, id: 'k0', function: { arguments: '{}' } }) +
      finish('tool_calls') +
      done,
    end: 'unusable',
    events: [...start, ...open(text(0, 'x'))],
  },
  {
    title: 'a name may come after the arguments began',
    stream:
      calls({ index: 0, id: 'k0', function: { arguments: '{"a"' } }) +
      calls({ index: 0, function: { name: 'A' } }) +
      calls(goesOn(0, ':1}')) +
      finish('tool_calls') +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a"', ':1}'), ...ends('tool_use', told)],
  },
  {
    title: 'case 58: a name, an id that come again with each piece',
    stream:
      calls(named(0, 'k0', 'Read', '{"a":')) +
      calls(named(0, 'k0', 'Read', '1}')) +
      finish('tool_calls') +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...tool(0, 'Read', 'k0', '{"a":', '1}'), ...ends('tool_use', told)],
  },
  {
    title: 'arguments that come again whole in the last chunk are not doubled',
    stream:
      calls(named(0, 'k0', 'A', '{"a":')) +
      calls(goesOn(0, '1}')) +
      calls(goesOn(0, '{"a":1}')) +
      finish('tool_calls') +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":', '1}'), ...ends('tool_use', told)],
  },
  {
    title: 'calls without an index are told apart by their ids',
    stream:
      says({ tool_calls: [{ id: 'k0', function: { name: 'A', arguments: '{"a":' } }] }) +
      says({ tool_calls: [{ function: { arguments: '1}' } }] }) +
      says({ tool_calls: [{ id: 'k1', function: { name: 'B', arguments: '{}' } }] }) +
      finish('tool_calls') +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":', '1}'), ...tool(1, 'B', 'k1', '{}'), ...ends('tool_use', told)],
  },
  {
    title: 'several calls under index 0, whose arguments come in pieces, are told apart by their ids',
    stream:
      calls(named(0, 'k0', 'A', '{"a":1}')) +
      calls(named(0, 'k1', 'B', '{"b":')) +
      calls(goesOn(0, '2}')) +
      finish('stop') +
      usageChunk +
      done,
    end: 'complete',
    events: [
      ...start,
      ...tool(0, 'A', 'k0', '{"a":1}'),
      ...tool(1, 'B', 'k1', '{"b":', '2}'),
      ...ends('tool_use', told),
    ],
  },
  {
    title: 'a call without arguments, and one without an id',
    stream:
      calls(named(0, 'k0', 'A')) +
      calls({ index: 1, function: { name: 'B', arguments: '' } }) +
      finish('tool_calls') +
      usageChunk,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0'), ...tool(1, 'B', 'call_c1_1'), ...ends('tool_use', told)],
  },
  {
    title: 'the function call of old servers',
    stream:
      says({ function_call: { name: 'A', arguments: '{"a"' } }) +
      says({ function_call: { arguments: ':1}' } }) +
      finish('function_call') +
      usageChunk +
      done,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'call_c1_0', '{"a":1}'), ...ends('tool_use', told)],
  },
  {
    title: 'calls are the reason of the end, also where the endpoint says stop',
    stream: calls(named(0, 'k0', 'A', '{}')) + finish('stop') + usageChunk + done,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{}'), ...ends('tool_use', told)],
  },
  {
    title: 'case 46: no call is no reason, whatever the endpoint says',
    stream: says({ content: 'x' }) + finish('tool_calls', { tool_calls: [] }) + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'x'), ...ends('end_turn', told)],
  },
  {
    title: 'a call that the limit of tokens cut is passed on as it is',
    stream: calls(named(0, 'k0', 'A', '{"a":')) + finish('length') + usageChunk + done,
    end: 'complete',
    events: [...start, ...tool(0, 'A', 'k0', '{"a":'), ...ends('max_tokens', told)],
  },
  {
    title: 'a call that was cut without a reason is never executed',
    stream: calls(named(0, 'k0', 'A', '{"a":')) + finish('tool_calls') + usageChunk + done,
    end: 'unusable',
    events: [...start, ...open(tool(0, 'A', 'k0', '{"a":'))],
  },
  {
    title: 'blanks without end are not waited for',
    stream:
      calls(named(0, 'k0', 'A', '{"a":')) + calls(goesOn(0, ' '.repeat(300))) + calls(goesOn(0, '\n'.repeat(300))),
    end: 'unusable',
    events: [...start, ...open(tool(0, 'A', 'k0', '{"a":', ' '.repeat(300)))],
  },
];

const endings: readonly StreamCase[] = [
  {
    title: 'case 60: counts in every chunk end nothing, and the last ones count',
    stream:
      chunk({ delta: { content: 'a' } }, { usage: { prompt_tokens: 10, completion_tokens: 1 } }) +
      chunk({ delta: { content: 'b' } }, { usage: { prompt_tokens: 10, completion_tokens: 2 } }) +
      finish('stop', {}, { usage }),
    end: 'complete',
    events: [...start, ...text(0, 'a', 'b'), ...ends('end_turn', told)],
  },
  {
    title: 'case 61: the end of the body is an end, after a reason to stop',
    stream: says({ content: 'a' }) + finish('stop') + usageChunk,
    end: 'complete',
    events: [...start, ...text(0, 'a'), ...ends('end_turn', told)],
  },
  {
    title: 'case 61: no reason to stop is made up, not even after [DONE]',
    stream: says({ content: 'a' }) + usageChunk + done,
    end: 'open',
    events: [...start, ...open(text(0, 'a'))],
  },
  {
    title: 'case 61: nothing came, and nothing is shown',
    stream: role,
    end: 'open',
    events: start,
  },
  {
    title: 'case 62: an end without counts gets an estimate, because the client needs numbers',
    stream: says({ content: 'abcdefgh' }) + finish('stop'),
    end: 'complete',
    events: [...start, ...text(0, 'abcdefgh'), ...ends('end_turn', counts(77, 2))],
  },
  {
    title: 'case 65: a reason that is a failure is one',
    stream: says({ content: 'a' }) + finish('insufficient_system_resource') + usageChunk + done,
    end: 'unusable',
    events: [...start, ...open(text(0, 'a'))],
  },
  {
    title: 'half of a chunk is not left out in silence',
    stream: `${says({ content: 'a' })}${says({ content: 'lost' }).slice(0, 40)}\n\n${finish('stop')}${usageChunk}${done}`,
    end: 'unusable',
    events: [...start, ...open(text(0, 'a'))],
  },
  {
    title: 'half of the counts, after a reason to stop, is no loss',
    stream: says({ content: 'abcdefgh' }) + finish('stop') + usageChunk.slice(0, 40),
    end: 'complete',
    events: [...start, ...text(0, 'abcdefgh'), ...ends('end_turn', counts(77, 2))],
  },
  {
    title: 'an error in the middle',
    stream: `${says({ content: 'a' })}data: {"error":{"message":"no","code":502}}\n\n${finish('stop')}${done}`,
    end: 'unusable',
    events: [...start, ...open(text(0, 'a'))],
  },
  {
    title: 'an answer that says nothing and ends is an empty one',
    stream: role + finish('stop') + usageChunk + done,
    end: 'complete',
    events: [...start, ...ends('end_turn', told)],
  },
  {
    title: 'the limit of tokens',
    stream: says({ content: 'a' }) + finish('length') + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'a'), ...ends('max_tokens', told)],
  },
  {
    title: 'case 46: a content filter is a refusal',
    stream: says({ content: 'a' }) + finish('content_filter') + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'a'), ...ends(refused(null), told)],
  },
  {
    title: 'a refusal is told, and explains the end',
    stream: says({ refusal: 'I can' }) + says({ refusal: 'not.' }) + finish('stop') + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'I can', 'not.'), ...ends(refused('I cannot.'), told)],
  },
  {
    title: 'the stop sequence that vLLM names',
    stream:
      says({ content: 'a' }) + chunk({ delta: {}, finish_reason: 'stop', stop_reason: 'END' }) + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'a'), ...ends({ stop_reason: 'stop_sequence', stop_sequence: 'END' }, told)],
  },
  {
    title: 'two reasons make one end',
    stream: says({ content: 'a' }) + finish('stop') + finish('stop', {}, { usage }) + done,
    end: 'complete',
    events: [...start, ...text(0, 'a'), ...ends('end_turn', told)],
  },
  {
    title: 'content takes a reason back, and the next one counts',
    stream: says({ content: 'a' }) + finish('stop') + says({ content: 'b' }) + finish('length') + usageChunk + done,
    end: 'complete',
    events: [...start, ...text(0, 'a', 'b'), ...ends('max_tokens', told)],
  },
  {
    title: 'content after the only reason leaves the answer without one',
    stream: says({ content: 'a' }) + finish('stop') + says({ content: 'b' }) + done,
    end: 'open',
    events: [...start, ...open(text(0, 'a', 'b'))],
  },
];

/** Streams of Chat endpoints. */
export const chatCases: readonly StreamCase[] = [...texts, ...tools, ...endings];
