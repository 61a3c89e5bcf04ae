import type { GptTraits } from './modelFamily.ts';
import { closed, either, list, type Shape, tagged } from './shape.ts';

/** The form of a Responses request; `isCount`: of one that only counts its tokens. */
export function responsesShape(traits: GptTraits, isCount: boolean): Shape {
  const counted: Record<string, Shape> = {
    ...{ model: 'string', instructions: 'string', conversation: 'any', previous_response_id: 'string' },
    input: either('string', list(inputItem(traits))),
    reasoning: closed({
      ...{ effort: 'string', summary: 'string', generate_summary: 'string', context: 'any', mode: 'string' },
    }),
    text: closed({ format: textFormat, verbosity: 'string' }),
    tools: list(tool),
    tool_choice: either('string', 'object'),
    ...{ parallel_tool_calls: 'boolean', truncation: 'string' },
  };
  if (isCount) return closed({ ...counted, personality: 'string' });
  return closed(
    {
      ...counted,
      ...{ stream: 'boolean', stream_options: 'object', store: 'boolean', background: 'boolean', prompt: 'object' },
      ...{ max_output_tokens: 'number', max_tool_calls: 'number', temperature: 'number', top_p: 'number' },
      ...{ top_logprobs: 'number', include: list('string'), metadata: 'object', client_metadata: 'object' },
      ...{ prompt_cache_key: 'string', prompt_cache_retention: 'string', prompt_cache_options: 'object' },
      ...{ safety_identifier: 'string', service_tier: 'string', user: 'string', moderation: 'any' },
      context_management: 'any',
    },
    'model',
    'input',
  );
}

const textFormat = tagged('type', {
  text: closed({ type: 'string' }),
  json_object: closed({ type: 'string' }),
  json_schema: closed(
    { type: 'string', name: 'string', schema: 'object', strict: 'boolean', description: 'string' },
    'name',
    'schema',
  ),
});

const open = closed({ type: 'string' });
const hosted = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'object'] as const));

const tool = tagged('type', {
  function: closed(
    {
      ...{ type: 'string', name: 'string', description: 'string', parameters: 'object', strict: 'boolean' },
      ...{ defer_loading: 'boolean', allowed_callers: 'any', output_schema: 'object' },
    },
    'name',
    'parameters',
  ),
  custom: closed(
    {
      type: 'string',
      name: 'string',
      description: 'string',
      format: 'object',
      defer_loading: 'boolean',
      allowed_callers: 'any',
    },
    'name',
  ),
  web_search: closed({
    ...{ type: 'string', filters: closed({ allowed_domains: list('string') }), user_location: 'object' },
    ...{ search_context_size: 'string', external_web_access: 'boolean' },
  }),
  local_shell: open,
  ...hosted('web_search_preview', 'file_search', 'code_interpreter', 'image_generation', 'mcp', 'computer_use'),
  ...hosted('namespace', 'tool_search', 'shell', 'apply_patch', 'computer_use_preview', 'programmatic_tool_calling'),
});

function inputItem(traits: GptTraits): Shape {
  const mark: Record<string, Shape> = traits.takesBreakpoints ? { prompt_cache_breakpoint: 'object' } : {};
  const part = tagged('type', contentParts(mark));
  const call: Record<string, Shape> = { type: 'string', id: 'string', call_id: 'string', status: 'string' };
  return tagged('type', {
    message: closed(
      {
        ...{ type: 'string', role: 'string', content: either('string', list(part)), id: 'string', status: 'string' },
        phase: 'string',
      },
      'role',
      'content',
    ),
    reasoning: closed(
      {
        ...{ type: 'string', id: 'string', encrypted_content: 'string', status: 'string', content: list('object') },
        summary: list(tagged('type', { summary_text: closed({ type: 'string', text: 'string' }, 'text') })),
      },
      'id',
      'summary',
    ),
    function_call: closed(
      { ...call, name: 'string', arguments: 'string', namespace: 'string', caller: 'any' },
      'call_id',
      'name',
      'arguments',
    ),
    function_call_output: closed({ ...call, output: either('string', list(part)), caller: 'any' }, 'call_id', 'output'),
    custom_tool_call: closed(
      { ...call, name: 'string', input: 'string', namespace: 'string' },
      'call_id',
      'name',
      'input',
    ),
    custom_tool_call_output: closed({ ...call, output: either('string', list(part)) }, 'call_id', 'output'),
    additional_tools: closed({ type: 'string', id: 'string', role: 'string', tools: list(tool) }, 'role', 'tools'),
    ...(traits.takesConfigurationUpdates
      ? { configuration_update: closed({ type: 'string', id: 'string', reasoning: 'object', text: 'object' }) }
      : {}),
    ...hosted('local_shell_call', 'local_shell_call_output', 'web_search_call', 'item_reference', 'compaction'),
    ...hosted('shell_call', 'shell_call_output', 'apply_patch_call', 'apply_patch_call_output', 'mcp_call'),
    ...hosted('tool_search_call', 'tool_search_output', 'image_generation_call', 'file_search_call'),
    ...hosted('code_interpreter_call', 'mcp_list_tools', 'computer_call', 'computer_call_output', 'compaction_trigger'),
  });
}

function contentParts(mark: Record<string, Shape>): Record<string, Shape> {
  return {
    input_text: closed({ type: 'string', text: 'string', ...mark }, 'text'),
    input_image: closed({ type: 'string', image_url: 'string', file_id: 'string', detail: 'string', ...mark }),
    input_file: closed({
      ...{ type: 'string', file_data: 'string', file_id: 'string', file_url: 'string', filename: 'string' },
      ...{ detail: 'string', ...mark },
    }),
    output_text: closed({ type: 'string', text: 'string', annotations: list('object'), logprobs: 'any' }, 'text'),
    refusal: closed({ type: 'string', refusal: 'string' }, 'refusal'),
  };
}
