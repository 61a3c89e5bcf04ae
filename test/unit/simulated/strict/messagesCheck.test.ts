import assert from 'node:assert/strict';
import { messagesProblems } from '../../../../src/simulated/strict/messagesCheck.ts';
import { firstOf, type Rule } from '../../../../src/simulated/strict/problem.ts';

type Body = Record<string, unknown>;

const tool = (name: string, rest: object = {}) => ({ name, input_schema: { type: 'object', properties: {} }, ...rest });
const user = { role: 'user', content: 'Read two files.' };
const thinking = { type: 'thinking', thinking: '', signature: 'signed' };
const use = (id: string) => ({ type: 'tool_use', id, name: 'Read', input: { file_path: 'a' } });
const result = (tool_use_id: string) => ({ type: 'tool_result', tool_use_id, content: 'text' });
const calls = (...ids: string[]) => ({ role: 'assistant', content: [thinking, ...ids.map(use)] });
const results = (...ids: string[]) => ({ role: 'user', content: ids.map(result) });
const mark = { cache_control: { type: 'ephemeral' } };

/** A request as Claude Code sends it. */
const body = (change: Body = {}): Body => ({
  model: 'claude-opus-4-8',
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330;' },
    { type: 'text', text: 'Be.', ...mark },
  ],
  messages: [user, calls('toolu_1', 'toolu_2'), results('toolu_1', 'toolu_2')],
  tools: [tool('Read', { defer_loading: true }), { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
  max_tokens: 32_000,
  thinking: { type: 'adaptive' },
  context_management: { edits: [] },
  output_config: { effort: 'high' },
  metadata: { user_id: 'u' },
  stream: true,
  ...change,
});
const saying = (...messages: object[]) => body({ messages });

interface Row {
  readonly name: string;
  readonly body: Body;
  readonly rule: Rule;
  readonly message?: RegExp;
}

const old = { model: 'claude-sonnet-4-5', thinking: { type: 'enabled', budget_tokens: 2000 } };

const refused: readonly Row[] = [
  {
    name: 'an unknown field at the top',
    body: body({ max_completion_tokens: 9 }),
    rule: 'unknownKey',
    message: /^max_completion_tokens: Extra inputs are not permitted$/,
  },
  {
    name: 'an unknown field in a block',
    body: saying({ role: 'user', content: [{ type: 'text', text: 'a', foo: 1 }] }),
    rule: 'unknownKey',
    message: /^messages\.0\.content\.0\.text\.foo: Extra/,
  },
  {
    name: 'an unknown field in a tool',
    body: body({ tools: [tool('a', { parameters: {} })] }),
    rule: 'unknownKey',
    message: /^tools\.0\.custom\.parameters: Extra/,
  },
  {
    name: 'an unknown kind of block',
    body: saying({ role: 'user', content: [{ type: 'input_text', text: 'a' }] }),
    rule: 'unknownKind',
    message: /^messages\.0\.content\.0: Input tag 'input_text' found using 'type'/,
  },
  {
    name: 'a request without a limit',
    body: { model: 'm', messages: [user] },
    rule: 'missingKey',
    message: /^max_tokens: Field required$/,
  },
  {
    name: 'thinking without its text',
    body: saying(user, { role: 'assistant', content: [{ ...thinking, thinking: null }] }, user),
    rule: 'wrongType',
    message: /thinking\.thinking: Input should be a valid string/,
  },
  {
    name: 'arguments as a string',
    body: saying(user, { role: 'assistant', content: [{ ...use('a'), input: '{}' }] }, results('a')),
    rule: 'wrongType',
  },
  {
    name: 'a message without content',
    body: saying({ role: 'user' }),
    rule: 'missingKey',
    message: /^messages\.0\.content: Field required$/,
  },
  { name: 'no messages', body: saying(), rule: 'emptyContent', message: /at least one message is required/ },
  {
    name: 'an empty message',
    body: saying(user, { role: 'assistant', content: [] }, user),
    rule: 'emptyContent',
    message: /^messages\.1: all messages must have non-empty content/,
  },
  {
    name: 'an empty text',
    body: saying({ role: 'user', content: [{ type: 'text', text: '' }] }),
    rule: 'emptyContent',
  },
  {
    name: 'an empty text in a result',
    body: saying(user, calls('a'), {
      role: 'user',
      content: [{ ...result('a'), content: [{ type: 'text', text: '' }] }],
    }),
    rule: 'emptyContent',
  },
  {
    name: "the assistant's words first",
    body: saying({ role: 'assistant', content: 'a' }, user),
    rule: 'order',
    message: /first message must use the "user" role/,
  },
  { name: 'a role of Chat', body: saying(user, { role: 'tool', content: 'a' }), rule: 'role' },
  {
    name: 'a system message for a model that does not take it',
    body: { ...body({ model: 'claude-opus-4-6', messages: [user, { role: 'system', content: 'a' }] }) },
    rule: 'role',
    message: /Unexpected role "system"/,
  },
  {
    name: 'two system messages in a row',
    body: saying(user, { role: 'system', content: 'a' }, { role: 'system', content: 'b' }),
    rule: 'order',
  },
  {
    name: 'the beginning of an answer',
    body: saying(user, { role: 'assistant', content: 'The' }),
    rule: 'order',
    message: /does not support assistant message prefill/,
  },
  {
    name: 'white space at the end of an answer',
    body: { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [user, { role: 'assistant', content: 'The ' }] },
    rule: 'emptyContent',
    message: /trailing whitespace/,
  },
  {
    name: 'a call without a result',
    body: saying(user, calls('a', 'b'), results('a')),
    rule: 'unansweredCall',
    message: /^messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: b\./,
  },
  {
    name: 'a result that does not follow at once',
    body: saying(user, calls('a'), user, { role: 'assistant', content: 'x' }, results('a')),
    rule: 'unansweredCall',
  },
  {
    name: 'a result of no call',
    body: saying(user, results('a')),
    rule: 'orphanResult',
    message: /unexpected `tool_use_id` found in `tool_result` blocks: a\./,
  },
  {
    name: 'two results of one call',
    body: saying(user, calls('a'), results('a', 'a')),
    rule: 'repeatedId',
    message: /each tool_use must have a single result/,
  },
  {
    name: 'an id that comes again',
    body: saying(user, calls('a'), results('a'), calls('a'), results('a')),
    rule: 'repeatedId',
    message: /`tool_use` ids must be unique/,
  },
  {
    name: 'an id with a colon',
    body: saying(user, calls('functions.Read:0'), results('functions.Read:0')),
    rule: 'alphabet',
    message: /^messages\.1\.content\.1\.tool_use\.id: String should match pattern/,
  },
  { name: 'a name of a tool with a dot', body: body({ tools: [tool('a.b')] }), rule: 'alphabet' },
  {
    name: 'two tools of one name',
    body: body({ tools: [tool('a'), tool('a')] }),
    rule: 'duplicateTool',
    message: /^tools: Tool names must be unique\.$/,
  },
  { name: 'a schema that is no object', body: body({ tools: [tool('a', { input_schema: {} })] }), rule: 'schema' },
  {
    name: 'a choice without tools',
    body: body({ tools: undefined, tool_choice: { type: 'auto' } }),
    rule: 'toolChoice',
  },
  {
    name: 'a forced choice for a model that refuses it',
    body: body({ model: 'claude-fable-5-1', tool_choice: { type: 'any' } }),
    rule: 'toolChoice',
    message: /^tool_choice: type "tool" and "any" are not supported for this model\.$/,
  },
  {
    name: 'a forced choice with a budget for thinking',
    body: { ...body({ ...old, messages: [user] }), tool_choice: { type: 'any' } },
    rule: 'toolChoice',
  },
  {
    name: 'thinking switched off for a model that always thinks',
    body: body({ model: 'claude-fable-5-1', thinking: { type: 'disabled' } }),
    rule: 'unsupported',
  },
  {
    name: 'a budget for a model that has none',
    body: body({ thinking: { type: 'enabled', budget_tokens: 2000 } }),
    rule: 'unsupported',
    message: /"thinking\.type\.enabled" is not supported/,
  },
  {
    name: 'a budget that is too small',
    body: body({ ...old, thinking: { type: 'enabled', budget_tokens: 9 } }),
    rule: 'limit',
  },
  {
    name: 'a budget above the limit',
    body: body({ ...old, max_tokens: 2000 }),
    rule: 'limit',
    message: /must be greater than `thinking\.budget_tokens`/,
  },
  {
    name: 'a loop of tools that does not begin with thinking',
    body: body({ ...old, messages: [user, { role: 'assistant', content: [use('a')] }, results('a')] }),
    rule: 'reasoningMissing',
    message: /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`/,
  },
  {
    name: 'a temperature for a model that has none',
    body: body({ temperature: 0.5 }),
    rule: 'unsupported',
    message: /`temperature` is deprecated for this model/,
  },
  {
    name: 'a temperature above 1',
    body: { model: 'claude-sonnet-4-5', max_tokens: 9, temperature: 1.5, messages: [user] },
    rule: 'limit',
  },
  { name: 'a temperature beside thinking', body: body({ ...old, temperature: 0.5 }), rule: 'unsupported' },
  {
    name: 'temperature and top_p',
    body: { model: 'claude-sonnet-4-5', max_tokens: 9, temperature: 0.5, top_p: 0.5, messages: [user] },
    rule: 'unsupported',
  },
  { name: 'a stop sequence of white space', body: body({ stop_sequences: [' '] }), rule: 'emptyContent' },
  {
    name: 'five marks for the cache',
    body: body({ tools: [1, 2, 3, 4].map((n) => tool(`t${n}`, mark)) }),
    rule: 'limit',
    message: /A maximum of 4 blocks with cache_control may be provided\. Found 5\./,
  },
];

const taken: readonly { readonly name: string; readonly body: Body; readonly isCount?: boolean }[] = [
  { name: "Claude Code's request", body: body() },
  { name: 'turns of one role in a row', body: saying(user, user, calls('a'), results('a'), user) },
  { name: 'results over two messages', body: saying(user, calls('a', 'b'), results('a'), results('b')) },
  {
    name: 'an instruction in the middle',
    body: saying(user, { role: 'system', content: 'a', output_config: { effort: 'low' } }),
  },
  {
    name: 'an instruction that only says how hard to think, and one for this turn',
    body: saying(user, { role: 'system', output_config: { effort: 'low' } }, user, {
      role: 'system',
      content: 'a',
      clear_at: 'next_user_message',
    }),
  },
  {
    name: 'an open call at the end',
    body: { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [user, { role: 'assistant', content: [use('a')] }] },
  },
  {
    name: 'an image in a result',
    body: saying(user, calls('a'), {
      role: 'user',
      content: [
        {
          ...result('a'),
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }],
        },
      ],
    }),
  },
  {
    name: 'a question for a number of tokens',
    body: { model: 'claude-opus-4-8', messages: [user], tools: [tool('a')] },
    isCount: true,
  },
];

describe('a strict Messages endpoint', () => {
  for (const row of refused) {
    it(`refuses ${row.name}`, () => {
      const found = firstOf(messagesProblems(row.body));
      assert.equal(found?.rule, row.rule, JSON.stringify(found));
      if (row.message !== undefined) assert.match(String(found?.message), row.message);
    });
  }

  for (const row of taken) {
    it(`takes ${row.name}`, () => {
      assert.deepEqual([...messagesProblems(row.body, row.isCount)], []);
    });
  }

  it('refuses turns of one role in a row where they must alternate', () => {
    const found = firstOf(messagesProblems(saying(user, user), false, true));
    assert.match(String(found?.message), /roles must alternate/);
  });
});
