import assert from 'node:assert/strict';
import { chatProblems } from '../../../../src/simulated/strict/chatCheck.ts';
import { type ChatVendor, chatRules } from '../../../../src/simulated/strict/chatVendors.ts';
import { firstOf, type Rule } from '../../../../src/simulated/strict/problem.ts';

type Body = Record<string, unknown>;

const parameters = {
  type: 'object',
  properties: { file_path: { type: 'string' }, limit: { type: 'number' } },
  required: ['file_path'],
};
const tool = (name: string, rest: object = {}) => ({ type: 'function', function: { name, parameters, ...rest } });
const call = (id: string, name = 'Read') => {
  return { id, type: 'function', function: { name, arguments: '{"file_path":"a"}' } };
};
const system = { role: 'system', content: 'Be brief.' };
const user = { role: 'user', content: 'Read two files.' };
const calls = (...ids: string[]) => ({ role: 'assistant', content: null, tool_calls: ids.map((id) => call(id)) });
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'text of a file' });
const loop = [system, user, calls('call_1', 'call_2'), result('call_1'), result('call_2')];

/** A request as agents send them, without what only some vendors take. */
const body = (change: Body = {}): Body => ({
  model: 'some-model',
  messages: loop,
  tools: [tool('Read'), tool('Bash')],
  tool_choice: 'auto',
  max_tokens: 1000,
  stream: true,
  stream_options: { include_usage: true },
  ...change,
});
const saying = (...messages: object[]) => body({ messages });

interface Row {
  readonly name: string;
  readonly body: Body;
  readonly vendor?: ChatVendor;
  readonly rule: Rule;
  readonly param?: string | null;
  readonly code?: string | null;
  readonly message?: RegExp;
}

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
const file = { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } };
const newest = { model: 'gpt-5.6', max_tokens: undefined, max_completion_tokens: 1000 };

const refused: readonly Row[] = [
  {
    name: 'an unknown field at the top',
    body: body({ thinking: { type: 'adaptive' } }),
    rule: 'unknownKey',
    param: 'thinking',
    code: 'unknown_parameter',
    message: /^Unknown parameter: 'thinking'\.$/,
  },
  {
    name: 'a mark for the cache in a part',
    body: saying({
      role: 'user',
      content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    }),
    rule: 'unknownKey',
    param: 'messages[0].content[0].cache_control',
  },
  {
    name: 'a key of a prompt cache where it is unknown',
    body: body({ prompt_cache_key: 'k' }),
    vendor: 'vllm',
    rule: 'unknownKey',
  },
  {
    name: 'reasoning that was not asked for',
    vendor: 'openai',
    body: saying(user, { ...calls('c'), reasoning_content: '' }, result('c')),
    rule: 'unknownKey',
  },
  { name: 'a request without a model', body: body({ model: undefined }), rule: 'missingKey' },
  { name: 'a request without messages', body: { model: 'm' }, rule: 'missingKey', code: 'missing_required_parameter' },
  { name: 'no messages at all', body: saying(), rule: 'emptyContent', code: 'empty_array' },
  {
    name: 'a content that is an object',
    body: saying({ role: 'user', content: {} }),
    rule: 'wrongType',
    code: 'invalid_type',
  },
  {
    name: 'a role that the vendor does not have',
    body: saying({ role: 'developer', content: 'a' }),
    vendor: 'deepseek',
    rule: 'unknownKind',
    param: 'messages[0].role',
  },
  { name: 'a system message in the middle', body: saying(user, system), rule: 'role', message: /at the beginning/ },
  {
    name: 'a call without a result',
    body: saying(user, calls('call_1', 'call_2'), result('call_1')),
    rule: 'unansweredCall',
    param: 'messages.[1].role',
    message: /did not have response messages: call_2$/,
  },
  {
    name: 'a result that does not follow its calls at once',
    body: saying(user, calls('call_1'), user, result('call_1')),
    rule: 'unansweredCall',
  },
  {
    name: 'a result of no call',
    body: saying(user, result('call_9')),
    rule: 'orphanResult',
    param: 'messages.[1].role',
  },
  { name: 'a second result of a call', body: saying(user, calls('a'), result('a'), result('a')), rule: 'orphanResult' },
  {
    name: 'an id of a call with 65 letters',
    vendor: 'openai',
    body: saying(user, calls('x'.repeat(65)), result('x'.repeat(65))),
    rule: 'length',
    code: 'string_above_max_length',
  },
  {
    name: 'an empty text part',
    body: saying({ role: 'user', content: [{ type: 'text', text: '' }] }),
    rule: 'emptyContent',
  },
  {
    name: 'a turn without content and calls',
    body: saying(user, { role: 'assistant', content: null }),
    rule: 'emptyContent',
  },
  {
    name: 'an empty list of calls',
    body: saying(user, { role: 'assistant', content: 'a', tool_calls: [] }),
    rule: 'emptyContent',
  },
  {
    name: 'an image in a result',
    body: saying(user, calls('a'), { ...result('a'), content: [image] }),
    rule: 'media',
    message: /only allowed for messages with role 'user'/,
  },
  {
    name: 'an image for DeepSeek',
    vendor: 'deepseek',
    body: saying({ role: 'user', content: [image] }),
    rule: 'media',
  },
  { name: 'a document where none is taken', body: saying({ role: 'user', content: [file] }), rule: 'media' },
  {
    name: 'a name of a tool with a dot',
    body: body({ tools: [tool('mcp.read')] }),
    rule: 'alphabet',
    param: 'tools[0].function.name',
    code: 'invalid_value',
  },
  {
    name: 'a name of a tool with 65 letters',
    body: body({ tools: [tool('x'.repeat(65))] }),
    rule: 'length',
    message: /maximum length 64, but got a string with length 65/,
  },
  {
    name: 'a name in the history that no tool can have',
    body: saying(user, { role: 'assistant', tool_calls: [call('a', 'a b')] }, result('a')),
    rule: 'alphabet',
  },
  { name: 'two tools of one name', body: body({ tools: [tool('Read'), tool('Read')] }), rule: 'duplicateTool' },
  { name: 'an empty list of tools', body: body({ tools: [] }), rule: 'emptyContent', param: 'tools' },
  {
    name: 'a choice without tools',
    body: body({ tools: undefined }),
    rule: 'toolChoice',
    param: 'tool_choice',
    message: /only allowed when 'tools' are specified/,
  },
  {
    name: 'parallel calls without tools',
    body: body({ tools: undefined, tool_choice: undefined, parallel_tool_calls: false }),
    rule: 'toolChoice',
    param: 'parallel_tool_calls',
  },
  {
    name: 'a forced choice for GLM',
    vendor: 'glm',
    body: body({ tool_choice: 'required', messages: [user] }),
    rule: 'toolChoice',
  },
  {
    name: 'the choice of a tool that is not there',
    body: body({ tool_choice: { type: 'function', function: { name: 'Write' } } }),
    rule: 'toolChoice',
  },
  {
    name: 'a strict schema that is none',
    body: body({ tools: [tool('Read', { strict: true })] }),
    rule: 'schema',
    param: 'tools[0].function.parameters',
    code: 'invalid_function_parameters',
    message: /'additionalProperties' is required to be supplied and to be false/,
  },
  {
    name: 'a schema without properties',
    body: body({ tools: [tool('Read', { parameters: { type: 'object' } })] }),
    rule: 'schema',
    message: /object schema missing properties/,
  },
  {
    name: 'a JSON schema for the answer where only JSON is known',
    vendor: 'deepseek',
    body: body({ messages: [user], response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } } }),
    rule: 'unknownKind',
  },
  {
    name: 'five stop sequences',
    body: body({ stop: ['a', 'b', 'c', 'd', 'e'] }),
    rule: 'limit',
    param: 'stop',
    code: 'array_above_max_length',
  },
  { name: 'no tokens for the answer', body: body({ max_tokens: 0 }), rule: 'limit', code: 'integer_below_min_value' },
  {
    name: 'usage in a stream without a stream',
    body: body({ stream: false }),
    rule: 'unsupported',
    param: 'stream_options',
  },
  {
    name: "the old limit for OpenAI's reasoning models",
    vendor: 'openai',
    body: { model: 'gpt-5', max_tokens: 9, messages: [user] },
    rule: 'unsupported',
    param: 'max_tokens',
    code: 'unsupported_parameter',
  },
  {
    name: 'a temperature for a reasoning model',
    vendor: 'openai',
    body: { model: 'gpt-5', temperature: 0.2, messages: [user] },
    rule: 'unsupported',
    param: 'temperature',
    code: 'unsupported_value',
  },
  {
    name: 'a stop sequence for a reasoning model',
    vendor: 'openai',
    body: { model: 'o3', stop: ['a'], messages: [user] },
    rule: 'unsupported',
    param: 'stop',
    code: 'unsupported_parameter',
  },
  {
    name: 'an effort that the model does not have',
    vendor: 'openai',
    body: { model: 'gpt-6.2-astra', reasoning_effort: 'none', messages: [user] },
    rule: 'unsupported',
    param: 'reasoning_effort',
    code: 'unsupported_value',
  },
  {
    name: 'function tools with reasoning for gpt-5.4',
    vendor: 'openai',
    body: body({ ...newest, model: 'gpt-5.4', reasoning_effort: 'low' }),
    rule: 'unsupported',
    param: 'reasoning_effort',
    code: null,
    message: /not supported for gpt-5\.4 in \/v1\/chat\/completions/,
  },
  {
    name: 'function tools for gpt-5.6 even without an effort',
    vendor: 'openai',
    body: body(newest),
    rule: 'unsupported',
    message: /set reasoning_effort to 'none'/,
  },
  {
    name: 'function tools for a model that must reason',
    vendor: 'openai',
    body: body({ ...newest, model: 'gpt-6.2-sol' }),
    rule: 'unsupported',
    param: 'reasoning_effort',
  },
  {
    name: 'a turn with calls without its reasoning for DeepSeek',
    vendor: 'deepseek',
    body: body(),
    rule: 'reasoningMissing',
    message: /must be passed back to the API/,
  },
  {
    name: 'a turn with calls without its reasoning for Kimi',
    vendor: 'kimi',
    body: body(),
    rule: 'reasoningMissing',
    message: /missing in assistant tool call message at index 2$/,
  },
  { name: 'a turn with calls without its reasoning for GLM', vendor: 'glm', body: body(), rule: 'reasoningMissing' },
  {
    name: 'an effort beside thinking that is off',
    vendor: 'deepseek',
    body: body({ thinking: { type: 'disabled' }, reasoning_effort: 'high' }),
    rule: 'unsupported',
  },
  {
    name: 'a temperature of its own for Kimi',
    vendor: 'kimi',
    body: { model: 'kimi-k3', temperature: 0.3, messages: [user] },
    rule: 'unsupported',
    param: 'temperature',
  },
];

const thought = { ...calls('call_1', 'call_2'), reasoning_content: '' };
const thoughtful = [system, user, thought, result('call_1'), result('call_2')];

const taken: readonly { readonly name: string; readonly vendor: ChatVendor; readonly body: Body }[] = [
  { name: 'a loop of tools', vendor: 'generic', body: body() },
  {
    name: 'an image',
    vendor: 'generic',
    body: saying({ role: 'user', content: [image, { type: 'text', text: 'this?' }] }),
  },
  { name: 'an empty reasoning_content on a turn with calls', vendor: 'deepseek', body: body({ messages: thoughtful }) },
  {
    name: 'a turn with calls without reasoning while thinking is off',
    vendor: 'deepseek',
    body: body({ thinking: { type: 'disabled' } }),
  },
  {
    name: 'marks for the cache',
    vendor: 'openrouter',
    body: saying({ role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] }),
  },
  {
    name: 'reasoning details',
    vendor: 'openrouter',
    body: saying(user, { ...calls('a'), reasoning_details: [{ type: 'reasoning.text', text: 'b' }] }, result('a')),
  },
  {
    name: 'a developer message in the middle',
    vendor: 'openai',
    body: { model: 'gpt-4.1', messages: [user, { role: 'developer', content: 'a' }, user] },
  },
  {
    name: 'a document and a breakpoint',
    vendor: 'openai',
    body: {
      model: 'gpt-5.6',
      messages: [
        { role: 'user', content: [file, { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      ],
    },
  },
  { name: 'function tools without reasoning', vendor: 'openai', body: body({ ...newest, reasoning_effort: 'none' }) },
  {
    name: 'a strict schema that is one',
    vendor: 'openai',
    body: {
      model: 'gpt-4.1',
      messages: [user],
      tools: [
        tool('a', {
          strict: true,
          parameters: {
            type: 'object',
            properties: { b: { type: 'string' } },
            required: ['b'],
            additionalProperties: false,
          },
        }),
      ],
    },
  },
  {
    name: 'null where nothing is said',
    vendor: 'openai',
    body: { model: 'gpt-4.1', messages: [user], stop: null, tools: null },
  },
];

describe('a strict Chat endpoint', () => {
  for (const row of refused) {
    it(`refuses ${row.name}`, () => {
      const found = firstOf(chatProblems(row.body, row.vendor ?? 'generic'));
      assert.equal(found?.rule, row.rule, JSON.stringify(found));
      if (row.param !== undefined) assert.equal(found?.param, row.param);
      if (row.code !== undefined) assert.equal(found?.code, row.code);
      if (row.message !== undefined) assert.match(String(found?.message), row.message);
    });
  }

  for (const row of taken) {
    it(`takes ${row.name} (${row.vendor})`, () => {
      assert.deepEqual([...chatProblems(row.body, row.vendor)], []);
    });
  }

  it("tells a problem in the vendor's own body", () => {
    const problem = {
      rule: 'unknownKey',
      message: "Unknown parameter: 'a'.",
      param: 'a',
      code: 'unknown_parameter',
    } as const;
    const told = (vendor: ChatVendor) => (chatRules[vendor].tell(problem) as { error: unknown }).error;
    assert.deepEqual(told('openai'), {
      message: "Unknown parameter: 'a'.",
      type: 'invalid_request_error',
      param: 'a',
      code: 'unknown_parameter',
    });
    assert.match(JSON.stringify(told('deepseek')), /Failed to deserialize .*"code":"invalid_request_error"/);
    assert.deepEqual(told('glm'), { code: '1210', message: 'Invalid API parameter, please check the documentation.' });
    assert.deepEqual(told('openrouter'), { message: "Unknown parameter: 'a'.", code: 400 });
  });
});
