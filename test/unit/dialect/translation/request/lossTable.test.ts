// Each row of the tables that is not taken word for word: its loss is told, or the request is refused with its path.
import assert from 'node:assert/strict';
import { assistant, refusedFor, targetOf, tool, toolResult, toolUse, translated, user } from './translate.ts';

type Format = 'chat' | 'responses';
type Row = readonly [title: string, request: object, path: string, formats?: readonly Format[]];

const both: readonly Format[] = ['chat', 'responses'];
const hi = [user('hi')];
const tools = [tool('Read')];
const fileSource = { type: 'file', file_id: 'file_1' };
const plainDocument = { type: 'document', title: 'T', source: { type: 'text', media_type: 'text/plain', data: 'D' } };

const told: readonly Row[] = [
  [
    'redacted thinking',
    {
      messages: [
        user('Q'),
        assistant([
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: 'A' },
        ]),
        user('B'),
      ],
    },
    'messages[1].content[0]',
  ],
  [
    'foreign thinking',
    {
      messages: [
        user('Q'),
        assistant([
          { type: 'thinking', thinking: 'T', signature: 'EqRk' },
          { type: 'text', text: 'A' },
        ]),
        user('B'),
      ],
    },
    'messages[1].content[0]',
  ],
  [
    'a search result',
    { messages: [user([{ type: 'search_result', title: 'T', source: 'S', content: [{ type: 'text', text: 'X' }] }])] },
    'messages[0].content[0]',
  ],
  [
    'the citations of a document',
    { messages: [user([{ ...plainDocument, citations: { enabled: true } }])] },
    'messages[0].content[0]',
  ],
  [
    'a call without a result',
    { messages: [user('Q'), assistant([toolUse('a')]), user('B')], tools },
    'messages[1].content[0]',
  ],
  ['a result without a call', { messages: [user([toolResult('zz', 'late')])] }, 'messages[0].content[0]'],
  [
    'a result that is an error',
    { messages: [user('Q'), assistant([toolUse('a')]), user([toolResult('a', 'x', { is_error: true })])], tools },
    'messages[2].content[0].is_error',
  ],
  [
    'a tool reference',
    {
      messages: [
        user('Q'),
        assistant([toolUse('a')]),
        user([toolResult('a', [{ type: 'tool_reference', tool_name: 'Read' }])]),
      ],
      tools,
    },
    'messages[2].content[0].content[0]',
  ],
  ['examples of a tool', { messages: hi, tools: [tool('Read', { input_examples: [{}] })] }, 'tools[0].input_examples'],
  [
    'a budget of a task',
    { messages: hi, output_config: { task_budget: { type: 'tokens', total: 9 } } },
    'output_config.task_budget',
  ],
  ['top_k', { messages: hi, top_k: 3 }, 'top_k'],
  [
    'compaction at the server',
    { messages: hi, context_management: { edits: [{ type: 'compact_20260112' }] } },
    'context_management',
  ],
  ['an unknown field', { messages: hi, brand_new: 1 }, 'brand_new'],
  ['temperature', { messages: hi, temperature: 0.3, thinking: { type: 'adaptive' } }, 'temperature'],
  ['an unknown option of the output', { messages: hi, output_config: { brand_new: 1 } }, 'output_config.brand_new'],
  ['an unknown choice of tools', { messages: hi, tools, tool_choice: { type: 'odd' } }, 'tool_choice'],
  ['an unknown kind of thinking', { messages: hi, thinking: { type: 'odd' } }, 'thinking'],
  ['a budget of thinking', { messages: hi, thinking: { type: 'enabled', budget_tokens: 3000 } }, 'thinking'],
  ['an effort that the vendor does not have', { messages: hi, output_config: { effort: 'max' } }, 'thinking'],
  ['a fast answer', { messages: hi, speed: 'fast' }, 'speed'],
  ['a service tier', { messages: hi, service_tier: 'standard_only' }, 'service_tier'],
];

const refused: readonly Row[] = [
  ['a prewarming of the cache', { messages: hi, max_tokens: 0 }, 'max_tokens'],
  [
    'an image of the Files API',
    { messages: [user([{ type: 'image', source: fileSource }])] },
    'messages[0].content[0]',
  ],
  [
    'a document of the Files API',
    { messages: [user([{ type: 'document', source: fileSource }])] },
    'messages[0].content[0]',
  ],
  [
    'a document by its address',
    { messages: [user([{ type: 'document', source: { type: 'url', url: 'https://a.invalid/a.pdf' } }])] },
    'messages[0].content[0]',
    ['chat'],
  ],
  [
    'an upload to a container',
    { messages: [user([{ type: 'container_upload', file_id: 'f' }])] },
    'messages[0].content[0]',
  ],
  [
    'a call to an MCP server',
    { messages: [user('Q'), assistant([{ type: 'mcp_tool_use', id: 'a', name: 'n', server_name: 's', input: {} }])] },
    'messages[1].content[0]',
  ],
  [
    'a compaction',
    { messages: [user('Q'), assistant([{ type: 'compaction', content: 'C' }])] },
    'messages[1].content[0]',
  ],
  ['an unknown block', { messages: [user([{ type: 'foo_bar' }])] }, 'messages[0].content[0]'],
  ['an unknown role', { messages: [{ role: 'critic', content: 'x' }] }, 'messages[0]'],
  [
    'an unknown form of the answer',
    { messages: hi, output_config: { format: { type: 'grammar' } } },
    'output_config.format',
  ],
  ['a container', { messages: hi, container: 'c' }, 'container'],
  ['MCP servers', { messages: hi, mcp_servers: [{ type: 'url', url: 'https://a.invalid', name: 's' }] }, 'mcp_servers'],
  ['a place of inference', { messages: hi, inference_geo: 'eu' }, 'inference_geo'],
  [
    'a tool that runs at the server, alone',
    { messages: hi, tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
    'tools[0]',
  ],
  [
    'a tool that moves the pointer',
    { messages: hi, tools: [{ type: 'computer_20250124', name: 'computer' }], tool_choice: { type: 'any' } },
    'tools[0]',
  ],
  [
    'domains that a search leaves out',
    { messages: hi, tools: [{ type: 'web_search_20250305', name: 'web_search', blocked_domains: ['a'] }] },
    'tools[0]',
  ],
];

describe('A Messages request that has no equal', () => {
  for (const [title, request, path, formats = both] of told) {
    for (const format of formats) {
      it(`tells that it loses ${title} (${format})`, () => {
        const { losses } = translated({ max_tokens: 100, ...request }, format, targetOf('openai'));
        assert.ok(
          losses.some((one) => one.includes(path)),
          `${path} is not in [${losses.join(', ')}]`,
        );
      });
    }
  }

  for (const [title, request, path, formats = both] of refused) {
    for (const format of formats) {
      it(`is refused for ${title}, with its path (${format})`, () => {
        const found = refusedFor({ max_tokens: 100, ...request }, format, targetOf('openai'));
        assert.ok(found.includes(path), `${found} does not name ${path}`);
      });
    }
  }

  it('tells that a vendor without service tiers gets none, where the client wants another than the default', () => {
    const lossesOf = (request: object) => translated({ messages: hi, ...request }, 'chat', targetOf('generic')).losses;
    assert.deepEqual(lossesOf({ service_tier: 'standard_only' }), ['service_tier']);
    assert.deepEqual(lossesOf({ speed: 'fast' }), ['speed']);
    assert.deepEqual(lossesOf({ service_tier: 'auto' }), []);
  });
});
