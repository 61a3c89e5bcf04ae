import assert from 'node:assert/strict';
import { sealed } from '../../../../../src/dialect/translation/form/carrier.ts';
import {
  assistant,
  chatOf,
  image,
  pdf,
  refusedFor,
  targetOf,
  toChat,
  tool,
  toolResult,
  toolUse,
  user,
} from './translate.ts';

const hi = [user('hi')];
const billing = (cch: string) => ({
  type: 'text',
  text: `x-anthropic-billing-header: cc_version=2.1.330; cch=${cch};`,
});

describe('a Messages request for a Chat endpoint', () => {
  it('case 1: has no billing line and no cache mark, and is the same whatever the line says', () => {
    const request = (cch: string) => ({
      system: [
        billing(cch),
        { type: 'text', text: 'S1', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'S2' },
      ],
      messages: hi,
    });
    const { messages, text } = toChat(request('abc'));
    assert.deepEqual(messages[0], { role: 'system', content: 'S1\n\nS2' });
    assert.doesNotMatch(text, /billing|cache_control/);
    assert.equal(toChat(request('def')).text, text);
  });

  it('case 2: keeps a system block that only speaks of that line', () => {
    const { messages } = toChat({ system: 'Mind the x-anthropic-billing-header: it is odd.', messages: hi });
    assert.equal(messages[0]?.['content'], 'Mind the x-anthropic-billing-header: it is odd.');
  });

  it('case 3: has all results directly after their calls and in their order, then all else', () => {
    const { messages } = toChat({
      messages: [
        user('Q'),
        assistant([toolUse('a'), toolUse('b')]),
        user([toolResult('b', 'B'), toolResult('a', 'A'), { type: 'text', text: 'go on' }]),
      ],
    });
    const call = (id: string) => ({ id, type: 'function', function: { name: 'Read', arguments: `{"path":"${id}"}` } });
    assert.deepEqual(messages.slice(1), [
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'user', content: 'go on' },
    ]);
  });

  it('has the media of results behind them, each after the name of its call', () => {
    const { messages, losses } = toChat({
      messages: [
        user('Q'),
        assistant([toolUse('a')]),
        user([toolResult('a', [{ type: 'text', text: 'Look' }, image])]),
      ],
    });
    assert.deepEqual(messages.slice(2), [
      { role: 'tool', tool_call_id: 'a', content: 'Look\n[image 1 of call a follows]' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '[image 1 of call a]' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aW1hZ2U=' } },
        ],
      },
    ]);
    assert.deepEqual(losses, ['messages[2].content[0].content[1]']);
  });

  it('case 5: marks a result that is an error', () => {
    const { messages, losses } = toChat({
      messages: [user('Q'), assistant([toolUse('a')]), user([toolResult('a', 'boom', { is_error: true })])],
    });
    assert.equal(messages[2]?.['content'], '[tool error]\nboom');
    assert.deepEqual(losses, ['messages[2].content[0].is_error']);
  });

  it('has a result for each call and a call for each result, whatever the history says', () => {
    const { messages, losses } = toChat({
      messages: [user('Q'), assistant([toolUse('a')]), user('never mind'), user([toolResult('zz', 'late')])],
    });
    assert.deepEqual(messages.slice(2), [
      { role: 'tool', tool_call_id: 'a', content: '[no result: interrupted]' },
      { role: 'user', content: 'never mind' },
      { role: 'user', content: 'late' },
    ]);
    assert.deepEqual(losses, ['messages[1].content[0]', 'messages[3].content[0]']);
  });

  it('has ids that are legal and occur once, and gives an endpoint back the one that it made', () => {
    const round = (id: string) => [assistant([toolUse(id)]), user([toolResult(id, 'x')])];
    const { messages } = toChat({
      messages: [user('Q'), ...round('call_0'), ...round('call_0'), ...round('f.Bash:0')],
    });
    const ids = messages.flatMap((one) => one['tool_call_id'] ?? []);
    assert.deepEqual(ids, ['call_0', 'call_0_2', 'f.Bash:0']);
  });

  it('case 7: leaves out the reasoning of others, and has the key that DeepSeek wants', () => {
    const foreign = { type: 'thinking', thinking: 'secret thought', signature: 'EqRkAAAA' };
    const request = {
      messages: [
        user('Q'),
        assistant([foreign, { type: 'text', text: 'T' }, toolUse('a')]),
        user([toolResult('a', 'x')]),
      ],
    };
    for (const name of ['openai', 'deepseek'] as const) {
      const { messages, text, losses } = toChat(request, name);
      assert.doesNotMatch(text, /secret thought/);
      assert.equal(messages[1]?.['reasoning_content'], name === 'deepseek' ? '' : undefined);
      assert.deepEqual(losses, ['messages[1].content[0]']);
    }
  });

  it('case 8: brings reasoning back to the endpoint that made it, and to no other', () => {
    const block = (origin: string) => ({
      type: 'thinking',
      thinking: 'First this,\n  then "that".',
      signature: sealed({ origin, model: 'deepseek-v4', payload: { kind: 'text' } }),
    });
    const request = (origin: string) => ({
      messages: [user('Q'), assistant([block(origin), toolUse('a')]), user([toolResult('a', 'x')])],
    });
    assert.equal(toChat(request('own'), 'deepseek').messages[1]?.['reasoning_content'], 'First this,\n  then "that".');
    assert.equal(toChat(request('other'), 'deepseek').messages[1]?.['reasoning_content'], '');
    const silent = toChat(request('own'), 'deepseek', { carriesReasoning: false });
    assert.equal(silent.messages[1]?.['reasoning_content'], '');
  });

  it('case 9: brings the details of OpenRouter back as they came', () => {
    const details = [
      { type: 'reasoning.encrypted', data: 'abc', index: 0, format: 'x' },
      { type: 'reasoning.text', text: 'T' },
    ];
    const signature = sealed({ origin: 'own', model: 'm', payload: { kind: 'details', details } });
    const { messages } = toChat(
      {
        messages: [
          user('Q'),
          assistant([
            { type: 'thinking', thinking: 'T', signature },
            { type: 'text', text: 'A' },
          ]),
          user('B'),
        ],
      },
      'openrouter',
    );
    assert.deepEqual(messages[1]?.['reasoning_details'], details);
  });

  it('case 10: has an instruction in the middle in its place', () => {
    const request = {
      system: 'S',
      messages: [user('A'), assistant('B'), user('C'), { role: 'system', content: 'Be brief.' }],
    };
    const { messages } = toChat(request, 'openai');
    assert.deepEqual(messages.at(-1), { role: 'developer', content: 'Be brief.' });
    const { messages: wrapped, losses } = toChat(request);
    assert.deepEqual(wrapped.at(-1), { role: 'user', content: '<system-reminder>\nBe brief.\n</system-reminder>' });
    assert.deepEqual(wrapped[0], { role: 'system', content: 'S' });
    assert.deepEqual(losses, ['messages[3]']);
  });

  it('case 12: shortens long names of tools so that each is its own, and gives them back', () => {
    const long = [1, 2].map((nth) => `mcp__${'x'.repeat(60)}__${nth}`.padEnd(90, 'y'));
    const [first = '', second = ''] = long;
    const { body, messages, toolNames } = toChat({
      messages: [user('Q'), assistant([toolUse('a', first)]), user([toolResult('a', 'x')])],
      tools: long.map((name) => tool(name)),
      tool_choice: { type: 'tool', name: second },
    });
    const sent = (body['tools'] as { function: { name: string } }[]).map((one) => one.function.name);
    assert.equal(new Set(sent).size, 2);
    for (const name of sent) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
    assert.deepEqual(body['tool_choice'], { type: 'function', function: { name: sent[1] } });
    const called = messages[1]?.['tool_calls'] as { function: { name: string } }[] | undefined;
    assert.equal(called?.[0]?.function.name, sent[0]);
    assert.deepEqual(
      sent.map((name) => toolNames.given(name)),
      long,
    );
  });

  it('case 13: says how tools may be chosen, or is refused where the endpoint takes no other choice', () => {
    const request = {
      messages: hi,
      tools: [tool('Read')],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    };
    const { body } = toChat(request);
    assert.deepEqual([body['tool_choice'], body['parallel_tool_calls']], ['required', false]);
    const { body: without } = toChat({ ...request, tools: undefined });
    assert.deepEqual([without['tool_choice'], without['parallel_tool_calls']], [undefined, undefined]);
    assert.equal(refusedFor(request, 'chat', targetOf('glm')), 'tool_choice');
  });

  it('case 14: has no effort where thinking is off', () => {
    const { body } = toChat(
      { messages: hi, thinking: { type: 'disabled' }, output_config: { effort: 'high' } },
      'deepseek',
    );
    assert.deepEqual([body['thinking'], body['reasoning_effort']], [{ type: 'disabled' }, undefined]);
  });

  it('case 15: has the effort that stands for a budget, or the nearest one', () => {
    const budget = { messages: hi, thinking: { type: 'enabled', budget_tokens: 10_000 } };
    assert.equal(toChat(budget, 'openai').body['reasoning_effort'], 'high');
    const adaptive = { messages: hi, thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } };
    assert.equal(toChat(adaptive, 'deepseek').body['reasoning_effort'], 'high');
  });

  it('case 16: has the limit under the name that the vendor knows', () => {
    assert.equal(toChat({ messages: hi, max_tokens: 32_000 }, 'openai').body['max_completion_tokens'], 32_000);
    assert.equal(toChat({ messages: hi, max_tokens: 32_000 }).body['max_tokens'], 32_000);
    assert.equal(refusedFor({ messages: hi, max_tokens: 0 }, 'chat', targetOf('generic')), 'max_tokens');
  });

  it('case 18: has a PDF as a file, or is refused with its place', () => {
    const request = { messages: [user([pdf])] };
    const { messages } = toChat(request, 'openai');
    const file = { filename: 'document.pdf', file_data: 'data:application/pdf;base64,cGRm' };
    assert.deepEqual(messages[0]?.['content'], [{ type: 'file', file }]);
    assert.equal(refusedFor(request, 'chat', targetOf('generic')), 'documents (messages[0].content[0])');
  });

  it('case 19: has stop sequences as far as the endpoint takes them, and the rest are watched for', () => {
    const of = (count: number) => ({ messages: hi, stop_sequences: ['a', 'b', 'c', 'd', 'e'].slice(0, count) });
    assert.deepEqual([toChat(of(2)).body['stop'], toChat(of(2)).stopSequences], [['a', 'b'], []]);
    assert.deepEqual([toChat(of(5)).body['stop'], toChat(of(5)).stopSequences.length], [undefined, 5]);
  });

  it('case 20: is refused for content that nobody knows, and told of a field that nobody knows', () => {
    const messages = [user('A'), assistant('B'), user([{ type: 'text', text: 'C' }, { type: 'foo_bar' }])];
    assert.equal(refusedFor({ messages }, 'chat', targetOf('generic')), 'foo_bar (messages[2].content[1])');
    assert.deepEqual(toChat({ messages: hi, brand_new: 1 }).losses, ['brand_new']);
    assert.equal(refusedFor({ messages: hi, container: 'x' }, 'chat', targetOf('generic')), 'container');
  });

  it('case 22: tells nobody who the user is', () => {
    const request = { messages: hi, metadata: { user_id: 'user_0123_account_9' } };
    const { text, body } = toChat(request, 'openai', { cacheKey: 'abcdef' });
    assert.doesNotMatch(text, /0123|account/);
    assert.equal(body['prompt_cache_key'], 'abcdef');
    assert.equal(toChat(request, 'generic', { cacheKey: 'abcdef' }).body['prompt_cache_key'], undefined);
  });

  it('leaves out tools that only the vendor can run, and is refused where they are what is wanted', () => {
    const search = { type: 'web_search_20250305', name: 'web_search' };
    const { body, losses } = toChat({ messages: hi, tools: [tool('Read'), search] });
    assert.equal((body['tools'] as object[]).length, 1);
    assert.deepEqual(losses, ['tools[1].web_search_20250305']);
    assert.equal(
      refusedFor({ messages: hi, tools: [search] }, 'chat', targetOf('generic')),
      'tools[0].web_search_20250305',
    );
    const forced = { messages: hi, tools: [tool('Read'), search], tool_choice: { type: 'tool', name: 'web_search' } };
    assert.equal(refusedFor(forced, 'chat', targetOf('generic')), 'tools[1].web_search_20250305');
  });

  it('has neither fields nor values that the client did not mean for others', () => {
    const { text } = toChat({
      messages: [user([{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }])],
      tools: [tool('Read', { defer_loading: true, cache_control: { type: 'ephemeral' }, eager_input_streaming: true })],
      context_management: { edits: [] },
      safeguards: { a: 1 },
      betas: ['x'],
    });
    assert.doesNotMatch(text, /cache_control|ephemeral|defer_loading|eager|context_management|safeguards|betas/);
  });

  it('asks for the counts at the end of a stream', () => {
    const { body } = toChat({ messages: hi, stream: true });
    assert.deepEqual([body['stream'], body['stream_options']], [true, { include_usage: true }]);
  });

  it('keeps large numbers of arguments, and long data, exactly', () => {
    const data = 'QUJD'.repeat(5000);
    const source = `{"type":"base64","media_type":"image/png","data":"${data}"}`;
    const call = '{"type":"tool_use","id":"a","name":"R","input":{"n":12345678901234567890}}';
    const content = `[{"type":"image","source":${source}}]`;
    const messages = `[{"role":"user","content":${content}},{"role":"assistant","content":[${call}]}]`;
    const { text } = chatOf(`{"model":"m","messages":${messages}}`);
    assert.ok(text.includes(`"url":"data:image/png;base64,${data}"`));
    assert.ok(text.includes('"arguments":"{\\"n\\":12345678901234567890}"'), text.slice(-200));
  });
});
