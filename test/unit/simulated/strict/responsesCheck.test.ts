import assert from 'node:assert/strict';
import { firstOf, type Rule } from '../../../../src/simulated/strict/problem.ts';
import { responsesProblems } from '../../../../src/simulated/strict/responsesCheck.ts';

type Body = Record<string, unknown>;

const parameters = { type: 'object', properties: { file_path: { type: 'string' } }, required: [] };
const tool = (name: string, rest: object = {}) => ({ type: 'function', name, parameters, strict: false, ...rest });
const developer = { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] };
const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Read two files.' }] };
const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] };
const call = (call_id: string, name = 'Read') => ({ type: 'function_call', call_id, name, arguments: '{}' });
const output = (call_id: string, value: unknown = 'text') => ({ type: 'function_call_output', call_id, output: value });
const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' };
const loop = [
  developer,
  user,
  reasoning,
  call('call_1'),
  call('call_2'),
  output('call_1'),
  output('call_2'),
  said,
  user,
];

/** A request as agents send them. */
const body = (change: Body = {}): Body => ({
  model: 'gpt-5.6',
  input: loop,
  tools: [tool('Read'), { type: 'web_search', filters: { allowed_domains: ['a.org'] } }],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'high', summary: 'auto' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  max_output_tokens: 1000,
  prompt_cache_key: 'a'.repeat(64),
  ...change,
});
const having = (...input: object[]) => body({ input });

interface Row {
  readonly name: string;
  readonly body: Body;
  readonly rule: Rule;
  readonly param?: string | null;
  readonly code?: string | null;
  readonly status?: number;
  readonly message?: RegExp;
}

const refused: readonly Row[] = [
  {
    name: 'an unknown field at the top',
    body: body({ max_tokens: 9 }),
    rule: 'unknownKey',
    param: 'max_tokens',
    code: 'unknown_parameter',
  },
  {
    name: 'a mark for the cache in a part',
    body: having({ ...user, content: [{ type: 'input_text', text: 'a', cache_control: {} }] }),
    rule: 'unknownKey',
    param: 'input[0].content[0].cache_control',
  },
  {
    name: 'a breakpoint for a model that has none',
    body: {
      model: 'gpt-5',
      input: [{ ...user, content: [{ type: 'input_text', text: 'a', prompt_cache_breakpoint: {} }] }],
    },
    rule: 'unknownKey',
  },
  {
    name: 'a configuration update for a model that has none',
    body: having(user, { type: 'configuration_update', reasoning: { effort: 'low' } }),
    rule: 'unknownKind',
  },
  { name: 'no input', body: having(), rule: 'emptyContent', code: 'empty_array' },
  { name: 'a request without input', body: { model: 'gpt-5' }, rule: 'missingKey', param: 'input' },
  {
    name: 'an item of an unknown kind',
    body: having({ type: 'tool_result' }),
    rule: 'unknownKind',
    param: 'input[0]',
    code: 'invalid_value',
  },
  {
    name: "a user's kind of part in an assistant's message",
    body: having(user, { ...said, content: [{ type: 'input_text', text: 'a' }] }),
    rule: 'unknownKind',
    param: 'input[1].content[0]',
    message: /Supported values are: 'output_text' and 'refusal'/,
  },
  { name: 'a role of Chat', body: having({ ...user, role: 'tool' }), rule: 'role', param: 'input[0].role' },
  {
    name: 'a call without an output',
    body: having(user, call('call_1')),
    rule: 'unansweredCall',
    param: 'input',
    message: /^No tool output found for function call call_1\.$/,
  },
  {
    name: 'an output of no call',
    body: having(user, output('call_1')),
    rule: 'orphanResult',
    message: /^No tool call found for function call output with call_id call_1\.$/,
  },
  { name: 'an output before its call', body: having(user, output('a'), call('a')), rule: 'orphanResult' },
  {
    name: 'an id of a call with 65 letters',
    body: having(user, call('x'.repeat(65)), output('x'.repeat(65))),
    rule: 'length',
    param: 'input[1].call_id',
    code: 'string_above_max_length',
  },
  {
    name: 'an id of a call as the id of its item',
    body: having(user, { ...call('call_1'), id: 'call_1' }, output('call_1')),
    rule: 'alphabet',
    param: 'input[1].id',
    message: /Expected an ID that begins with 'fc'/,
  },
  {
    name: 'two items of one id',
    body: having(user, reasoning, said, reasoning, said),
    rule: 'repeatedId',
    message: /^Duplicate item found with id rs_1/,
  },
  {
    name: 'a name in the history that no tool can have',
    body: having(user, call('a', 'a.b'), output('a')),
    rule: 'alphabet',
    param: 'input[1].name',
  },
  {
    name: 'a tool without strict whose schema is not strict',
    body: body({ tools: [tool('Read', { strict: undefined })] }),
    rule: 'schema',
    code: 'invalid_function_parameters',
    message: /^Invalid schema for function 'Read'/,
  },
  {
    name: 'a tool in the form of Chat',
    body: body({ tools: [{ type: 'function', function: { name: 'Read' } }] }),
    rule: 'unknownKey',
    param: 'tools[0].function',
  },
  { name: 'two tools of one name', body: body({ tools: [tool('Read'), tool('Read')] }), rule: 'duplicateTool' },
  {
    name: 'a tool that is added again later',
    body: body({ input: [user, { type: 'additional_tools', role: 'developer', tools: [tool('Read')] }] }),
    rule: 'duplicateTool',
  },
  {
    name: 'a forced choice without tools',
    body: body({ tools: undefined, tool_choice: 'required' }),
    rule: 'toolChoice',
    param: 'tool_choice',
  },
  {
    name: 'the choice of a tool that is not there',
    body: body({ tool_choice: { type: 'function', name: 'Write' } }),
    rule: 'toolChoice',
    message: /not found in 'tools' parameter/,
  },
  {
    name: 'fewer than 16 tokens',
    body: body({ max_output_tokens: 15 }),
    rule: 'limit',
    code: 'integer_below_min_value',
    message: /Expected a value >= 16, but got 15/,
  },
  {
    name: 'a temperature for a reasoning model',
    body: body({ temperature: 1 }),
    rule: 'unsupported',
    param: 'temperature',
    code: null,
  },
  {
    name: 'an effort for a model that does not reason',
    body: { model: 'gpt-4.1', input: 'Hi', reasoning: { effort: 'low' } },
    rule: 'unsupported',
    param: 'reasoning.effort',
    code: 'unsupported_parameter',
  },
  {
    name: 'an effort that the model does not have',
    body: body({ model: 'gpt-6.2-astra', reasoning: { effort: 'none' } }),
    rule: 'unsupported',
    code: 'unsupported_value',
  },
  {
    name: 'a stored answer that it does not know',
    body: body({ previous_response_id: 'resp_1' }),
    rule: 'unsupported',
    code: 'previous_response_not_found',
  },
  { name: 'a key of a prompt cache with 65 letters', body: body({ prompt_cache_key: 'a'.repeat(65) }), rule: 'length' },
  {
    name: 'reasoning without a summary',
    body: having(user, { ...reasoning, summary: undefined }, said),
    rule: 'missingKey',
    param: 'input[1].summary',
  },
  {
    name: 'reasoning in clear text',
    body: having(user, { ...reasoning, content: [{ type: 'reasoning_text', text: 'a' }] }, said),
    rule: 'limit',
    param: 'input[1].content',
  },
  {
    name: 'reasoning without its encrypted content',
    body: having(user, { ...reasoning, encrypted_content: undefined }, said),
    rule: 'seal',
    status: 404,
    message: /Items are not persisted when `store` is set to false/,
  },
  {
    name: 'reasoning with nothing after it',
    body: having(user, reasoning),
    rule: 'reasoningOrder',
    message: /^Item 'rs_1' of type 'reasoning' was provided without its required following item\.$/,
  },
  { name: "reasoning before the user's words", body: having(user, reasoning, user), rule: 'reasoningOrder' },
];

const taken: readonly { readonly name: string; readonly body: Body; readonly isCount?: boolean }[] = [
  { name: 'a loop of tools with reasoning', body: body() },
  { name: 'a bare string', body: { model: 'gpt-5', input: 'Hi' } },
  { name: 'messages without a type', body: { model: 'gpt-5', input: [{ role: 'user', content: 'Hi' }] } },
  {
    name: 'images and documents in outputs',
    body: having(
      user,
      call('a'),
      output('a', [
        { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'auto' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA' },
      ]),
    ),
  },
  {
    name: 'a configuration update',
    body: { model: 'gpt-6', input: [user, { type: 'configuration_update', reasoning: { effort: 'low' } }] },
  },
  {
    name: "Codex's request",
    body: body({
      instructions: 'Be Codex.',
      client_metadata: {},
      text: { verbosity: 'low' },
      tools: [
        { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'a' } },
        { type: 'namespace', name: 'mcp', tools: [] },
      ],
      input: [
        user,
        { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: 'b' },
        { type: 'custom_tool_call_output', call_id: 'a', output: 'c' },
      ],
    }),
  },
  {
    name: 'a question for a number of tokens',
    body: { model: 'gpt-5.6', input: loop, tools: [tool('Read')] },
    isCount: true,
  },
];

describe('a strict Responses endpoint', () => {
  for (const row of refused) {
    it(`refuses ${row.name}`, () => {
      const found = firstOf(responsesProblems(row.body));
      assert.equal(found?.rule, row.rule, JSON.stringify(found));
      if (row.param !== undefined) assert.equal(found?.param, row.param);
      if (row.code !== undefined) assert.equal(found?.code, row.code);
      if (row.status !== undefined) assert.equal(found?.status, row.status);
      if (row.message !== undefined) assert.match(String(found?.message), row.message);
    });
  }

  for (const row of taken) {
    it(`takes ${row.name}`, () => {
      assert.deepEqual([...responsesProblems(row.body, row.isCount)], []);
    });
  }

  it('refuses a field of an answer in a question for a number of tokens', () => {
    const found = firstOf(responsesProblems({ model: 'gpt-5', input: 'Hi', stream: true }, true));
    assert.equal(found?.param, 'stream');
  });
});
