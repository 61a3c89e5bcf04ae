import assert from 'node:assert/strict';
import type Anthropic from '@anthropic-ai/sdk';
import { ChatReader } from '../../../../../src/dialect/translation/answer/chatReader.ts';
import { WholeMessage } from '../../../../../src/dialect/translation/answer/wholeMessage.ts';
import { counts, refused } from './messagesEvents.ts';
import { type AnswerFormat, options, seal, translateWhole } from './translate.ts';

const usage = { prompt_tokens: 1000, prompt_tokens_details: { cached_tokens: 800 }, completion_tokens: 50 };

function chat(message: object, finish_reason = 'stop', more: object = {}) {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }];
  return { id: 'c1', object: 'chat.completion', model: 'm-1', choices, usage, ...more };
}

function responses(output: readonly object[], more: object = {}) {
  const told = { input_tokens: 1000, input_tokens_details: { cached_tokens: 800 }, output_tokens: 50 };
  return { id: 'r1', object: 'response', model: 'm-1', status: 'completed', output, usage: told, ...more };
}

function translated(format: AnswerFormat, answer: unknown): Anthropic.Message {
  const message = translateWhole(format, answer);
  assert.ok(message !== undefined, 'the answer can be used');
  return message as Anthropic.Message;
}

const call = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const functionCall = (call_id: string, name: string, args: string) => ({
  type: 'function_call',
  id: `fc_${call_id}`,
  call_id,
  name,
  arguments: args,
});
const said = (text: string) => ({ type: 'message', content: [{ type: 'output_text', text }] });

describe('a whole answer of chat, for a Messages client', () => {
  it('case 44: reasoning with its carrier, text, calls, and calls as the reason to stop', () => {
    const tool_calls = [call('k0', 'A', '{"a":1}'), call('k1', 'B', '')];
    assert.deepEqual(translated('chat', chat({ reasoning_content: 'r', content: 'c', tool_calls })), {
      id: 'msg_c1',
      type: 'message',
      role: 'assistant',
      model: 'claude-asked',
      content: [
        { type: 'thinking', thinking: 'r', signature: seal({ kind: 'text' }) },
        { type: 'text', text: 'c' },
        { type: 'tool_use', id: 'k0', name: 'A', input: { a: 1 } },
        { type: 'tool_use', id: 'k1', name: 'B', input: {} },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: counts(200, 50, { read: 800 }),
    });
  });

  it('case 45: counts in the meaning of Anthropic', () => {
    const more = { usage: { ...usage, completion_tokens_details: { reasoning_tokens: 20 } } };
    const message = translated('chat', chat({ content: 'x' }, 'stop', more));
    assert.deepEqual(message.usage, counts(200, 50, { read: 800, thinking: 20 }));
    const written = { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cache_write_tokens: 4 } };
    const other = translated('chat', chat({ content: 'x' }, 'stop', { usage: written }));
    assert.deepEqual(other.usage, counts(6, 1, { write: 4 }));
    const deepseek = { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 7 };
    const third = translated('chat', chat({ content: 'x' }, 'stop', { usage: deepseek }));
    assert.deepEqual(third.usage, counts(3, 1, { read: 7 }));
  });

  it('case 46: calls that are none end a turn, and a filter is a refusal', () => {
    assert.equal(translated('chat', chat({ content: 'x', tool_calls: [] }, 'tool_calls')).stop_reason, 'end_turn');
    const { stop_reason, stop_sequence, stop_details } = translated('chat', chat({ content: 'x' }, 'content_filter'));
    assert.deepEqual({ stop_reason, stop_sequence, stop_details }, refused(null));
  });

  it('the limit of tokens is told, also of a call that it cut', () => {
    const tool_calls = [call('k0', 'A', '{"a":')];
    const { stop_reason, content } = translated('chat', chat({ content: null, tool_calls }, 'length'));
    assert.equal(stop_reason, 'max_tokens');
    assert.deepEqual(content, [{ type: 'tool_use', id: 'k0', name: 'A', input: { _raw: '{"a":' } }]);
  });

  it('counts that did not come are estimated, because the client needs numbers', () => {
    const { usage: estimated } = translated('chat', chat({ content: 'abcdefgh' }, 'stop', { usage: null }));
    assert.deepEqual(estimated, counts(77, 2));
  });

  it('large numbers in arguments stay as they are', () => {
    const message = new WholeMessage(options);
    const reader = new ChatReader((delta) => message.take(delta));
    reader.readWhole(chat({ tool_calls: [call('k0', 'A', '{"a":12345678901234567890}')] }));
    reader.finish();
    assert.match(message.json ?? '', /"input":\{"a":12345678901234567890\}/);
  });

  it('reasoning that the client does not show keeps its carrier, and has none where it is not carried', () => {
    const answer = chat({ reasoning_content: 'r', content: 'c' });
    const hidden = translateWhole('chat', answer, { options: { showsThinking: false } }) as Anthropic.Message;
    assert.deepEqual(hidden.content, [
      { type: 'thinking', thinking: '', signature: seal({ kind: 'text' }) },
      { type: 'text', text: 'c' },
    ]);
    const bare = translateWhole('chat', answer, { options: { seal: undefined } }) as Anthropic.Message;
    assert.deepEqual(bare.content, [{ type: 'text', text: 'c' }]);
  });

  it('what is no answer, or calls tools with half of their arguments, is not used', () => {
    const unusable = [
      undefined,
      null,
      'text',
      [],
      {},
      { choices: [] },
      chat({ tool_calls: [call('k0', 'A', '{"a":')] }, 'tool_calls'),
      chat({ tool_calls: [call('k0', '', '{}')] }, 'tool_calls'),
      chat({ content: 'x' }, ''),
      chat({ content: 'x' }, 'insufficient_system_resource'),
    ];
    for (const answer of unusable) assert.equal(translateWhole('chat', answer), undefined, JSON.stringify(answer));
  });
});

describe('a whole answer of responses, for a Messages client', () => {
  it('case 44: reasoning with its carrier, text, calls, and calls as the reason to stop', () => {
    const summary = ['p1', 'p2'].map((text) => ({ type: 'summary_text', text }));
    const reasoning = { type: 'reasoning', id: 'rs_1', summary, encrypted_content: 's' };
    const answer = responses([reasoning, said('c'), functionCall('k0', 'A', '{"a":1}'), functionCall('k1', 'B', '')]);
    const payload = { kind: 'item', id: 'rs_1', encrypted: 's', summary } as const;
    const message = translated('responses', answer);
    assert.deepEqual(message.content, [
      { type: 'thinking', thinking: 'p1\n\np2', signature: seal(payload) },
      { type: 'text', text: 'c' },
      { type: 'tool_use', id: 'k0', name: 'A', input: { a: 1 } },
      { type: 'tool_use', id: 'k1', name: 'B', input: {} },
    ]);
    assert.equal(message.stop_reason, 'tool_use');
    assert.deepEqual(message.usage, counts(200, 50, { read: 800 }));
  });

  it('case 48: the limit of tokens is told, and a failure is no answer', () => {
    const more = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    assert.equal(translated('responses', responses([said('x')], more)).stop_reason, 'max_tokens');
    const error = { code: 'rate_limit_exceeded', message: 'slow' };
    assert.equal(translateWhole('responses', responses([], { status: 'failed', error })), undefined);
    assert.equal(translateWhole('responses', responses([said('x')], { status: 'cancelled' })), undefined);
  });

  it('a web search that the vendor ran is counted by the client', () => {
    const search = {
      type: 'web_search_call',
      id: 'ws_1',
      action: { query: 'q', sources: [{ url: 'https://a', title: 'A' }] },
    };
    const { content } = translated('responses', responses([search, said('x')]));
    assert.deepEqual(
      content.map(({ type }) => type),
      ['server_tool_use', 'web_search_tool_result', 'text'],
    );
  });

  it('what has not ended, or is no answer, is not used', () => {
    for (const answer of [undefined, {}, { output: 'x' }, responses([said('x')], { status: 'in_progress' })]) {
      assert.equal(translateWhole('responses', answer), undefined, JSON.stringify(answer));
    }
  });
});
