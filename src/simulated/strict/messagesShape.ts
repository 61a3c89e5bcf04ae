import { closed, either, list, type Shape, tagged } from './shape.ts';

const cacheControl = closed({ type: 'string', ttl: 'string', scope: 'any' }, 'type');
const mark = { cache_control: cacheControl } as const;
const text = closed({ type: 'string', text: 'string', citations: 'any', ...mark }, 'text');
const texts = either('string', list(tagged('type', { text })));
const opaque = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'object'] as const));

const image = closed(
  {
    type: 'string',
    source: tagged('type', {
      base64: closed({ type: 'string', media_type: 'string', data: 'string' }, 'media_type', 'data'),
      url: closed({ type: 'string', url: 'string' }, 'url'),
      file: closed({ type: 'string', file_id: 'string' }, 'file_id'),
    }),
    transformations: 'any',
    ...mark,
  },
  'source',
);

const document = closed(
  { ...{ type: 'string', source: 'object', title: 'string', context: 'string', citations: 'object' }, ...mark },
  'source',
);

const resultContent = tagged('type', { text, image, document, ...opaque('search_result', 'tool_reference') });

const block = tagged('type', {
  text,
  image,
  document,
  thinking: closed({ type: 'string', thinking: 'string', signature: 'string' }, 'thinking', 'signature'),
  redacted_thinking: closed({ type: 'string', data: 'string' }, 'data'),
  tool_use: closed(
    {
      ...{ type: 'string', id: 'string', name: 'string', input: 'object', caller: 'any', toolset_name: 'any' },
      ...mark,
    },
    'id',
    'name',
    'input',
  ),
  tool_result: closed(
    {
      ...{ type: 'string', tool_use_id: 'string', is_error: 'boolean', toolset_name: 'any' },
      content: either('string', list(resultContent)),
      ...mark,
    },
    'tool_use_id',
  ),
  ...opaque('search_result', 'server_tool_use', 'web_search_tool_result', 'web_fetch_tool_result', 'compaction'),
  ...opaque('code_execution_tool_result', 'bash_code_execution_tool_result', 'mcp_tool_use', 'mcp_tool_result'),
  ...opaque('text_editor_code_execution_tool_result', 'tool_search_tool_result', 'container_upload'),
  ...opaque('tool_addition', 'tool_removal', 'fallback', 'mid_conv_system'),
});

const clientTool = closed(
  {
    ...{ type: 'string', name: 'string', description: 'string', input_schema: 'object', strict: 'boolean' },
    ...{ defer_loading: 'boolean', eager_input_streaming: 'boolean', input_examples: 'any', allowed_callers: 'any' },
    ...mark,
  },
  'name',
  'input_schema',
);

const display = { type: 'string', display: 'string', block_binding: 'object' } as const;

const thinking = tagged('type', {
  adaptive: closed(display),
  enabled: closed({ ...display, budget_tokens: 'number' }, 'budget_tokens'),
  disabled: closed({ type: 'string' }),
  between_tools: 'object',
});

const toolChoice = tagged('type', {
  auto: closed({ type: 'string', disable_parallel_tool_use: 'boolean' }),
  any: closed({ type: 'string', disable_parallel_tool_use: 'boolean' }),
  tool: closed({ type: 'string', name: 'string', disable_parallel_tool_use: 'boolean' }, 'name'),
  none: closed({ type: 'string' }),
});

/** The form of a tool: a client's own is closed, a vendor's is not. */
export function toolShape(tool: Readonly<Record<string, unknown>>): Shape {
  const type = tool['type'];
  return type === undefined || type === null || type === 'custom' ? clientTool : 'object';
}

/** The form of a Messages request; `isCount`: of one that only counts its tokens. Tools have their forms by `toolShape`. */
export function messagesShape(isCount: boolean): Shape {
  const counted: Record<string, Shape> = {
    ...{ model: 'string', system: texts, tools: list('object'), tool_choice: toolChoice, thinking },
    messages: list(
      closed(
        { role: 'string', content: either('string', list(block)), output_config: 'object', clear_at: 'string' },
        'role',
      ),
    ),
    ...{ output_config: 'object', context_management: 'object', mcp_servers: 'any', cache_control: cacheControl },
    ...{ speed: 'string', output_format: 'object' },
  };
  if (isCount) return closed(counted, 'model', 'messages');
  return closed(
    {
      ...counted,
      ...{ max_tokens: 'number', temperature: 'number', top_p: 'number', top_k: 'number', stream: 'boolean' },
      ...{ stop_sequences: list('string'), metadata: 'object', service_tier: 'string', container: 'any' },
      ...{ inference_geo: 'string', diagnostics: 'any', safeguards: 'any', fallbacks: 'any', compaction: 'any' },
      ...{ fallback_credit_token: 'string', user_profile_id: 'string', workspace_id: 'string', thread: 'any' },
      billing_policy: 'any',
    },
    'model',
    'max_tokens',
    'messages',
  );
}
