import type { ChatRules } from './chatVendors.ts';
import type { GptTraits } from './modelFamily.ts';
import { closed, either, list, type Shape, tagged } from './shape.ts';

const toolCalls = list(
  tagged('type', {
    function: closed(
      { id: 'string', type: 'string', function: closed({ name: 'string', arguments: 'string' }, 'name', 'arguments') },
      'id',
      'function',
    ),
    custom: closed({ id: 'string', type: 'string', custom: 'object' }, 'id', 'custom'),
  }),
);

/** The form of a Chat request for a vendor. */
export function chatShape(rules: ChatRules, traits: GptTraits): Shape {
  const mark: Record<string, Shape> =
    rules.roles.includes('developer') && traits.takesBreakpoints
      ? { prompt_cache_breakpoint: 'object' }
      : rules.cacheControl
        ? { cache_control: closed({ type: 'string', ttl: 'string' }, 'type') }
        : {};
  const texts = either('string', list(tagged('type', { text: textPart(mark) })));
  const messages: Record<string, Shape> = {
    system: closed({ role: 'string', content: texts, name: 'string' }, 'content'),
    developer: closed({ role: 'string', content: texts, name: 'string' }, 'content'),
    user: closed({ role: 'string', content: either('string', list(userPart(mark))), name: 'string' }, 'content'),
    assistant: assistantMessage(rules, mark),
    tool: closed(
      { role: 'string', tool_call_id: 'string', content: toolContent(mark), name: 'string' },
      'content',
      'tool_call_id',
    ),
    function: closed({ role: 'string', name: 'string', content: 'any' }, 'name'),
  };
  const known = Object.fromEntries(rules.roles.map((role) => [role, messages[role] ?? 'any'] as const));
  return closed(
    {
      ...{ model: 'string', messages: list(tagged('role', known)), stream: 'boolean' },
      stream_options: closed({ include_usage: 'boolean', include_obfuscation: 'boolean' }),
      ...{ max_tokens: 'number', temperature: 'number', top_p: 'number', n: 'number', seed: 'number' },
      ...{ presence_penalty: 'number', frequency_penalty: 'number', user: 'string' },
      ...{ logprobs: 'boolean', top_logprobs: 'number', parallel_tool_calls: 'boolean' },
      stop: either('string', list('string')),
      tools: list(tool(rules)),
      tool_choice: either('string', 'object'),
      response_format: responseFormat(rules),
      ...rules.fields,
    },
    'model',
    'messages',
  );
}

function textPart(mark: Record<string, Shape>): Shape {
  return closed({ type: 'string', text: 'string', ...mark }, 'text');
}

/** Images are parts here whatever the vendor, so that their refusal is in the vendor's own words. */
function userPart(mark: Record<string, Shape>): Shape {
  return tagged('type', {
    text: textPart(mark),
    image_url: closed(
      { type: 'string', image_url: closed({ url: 'string', detail: 'string' }, 'url'), ...mark },
      'image_url',
    ),
    file: closed(
      { type: 'string', file: closed({ filename: 'string', file_data: 'string', file_id: 'string' }), ...mark },
      'file',
    ),
    input_audio: closed({ type: 'string', input_audio: 'object', ...mark }, 'input_audio'),
  });
}

/** Media are parts here, so that their refusal is in the vendor's own words. */
function toolContent(mark: Record<string, Shape>): Shape {
  return either('string', list(tagged('type', { text: textPart(mark), image_url: 'any', file: 'any' })));
}

function assistantMessage(rules: ChatRules, mark: Record<string, Shape>): Shape {
  const parts = tagged('type', {
    text: textPart(mark),
    refusal: closed({ type: 'string', refusal: 'string' }, 'refusal'),
  });
  const reasoning = Object.fromEntries(
    rules.reasoningFields.map((name) => [name, name === 'reasoning_details' ? list('object') : 'string'] as const),
  );
  return closed({
    ...{ role: 'string', content: either('string', list(parts)), name: 'string', refusal: 'string' },
    ...{ tool_calls: toolCalls, audio: 'object', function_call: 'object' },
    ...reasoning,
  });
}

function tool(rules: ChatRules): Shape {
  const called: Record<string, Shape> = {
    ...{ name: 'string', description: 'string', parameters: 'object' },
    ...(rules.jsonSchema ? { strict: 'boolean' } : {}),
  };
  const forms: Record<string, Shape> = {
    function: closed(
      { type: 'string', function: closed(called, 'name'), ...(rules.cacheControl ? { cache_control: 'object' } : {}) },
      'function',
    ),
    ...(rules.roles.includes('developer') ? { custom: closed({ type: 'string', custom: 'object' }, 'custom') } : {}),
  };
  return tagged('type', forms);
}

function responseFormat(rules: ChatRules): Shape {
  const schema = closed({ name: 'string', schema: 'object', strict: 'boolean', description: 'string' }, 'name');
  return tagged('type', {
    text: closed({ type: 'string' }),
    json_object: closed({ type: 'string' }),
    ...(rules.jsonSchema ? { json_schema: closed({ type: 'string', json_schema: schema }, 'json_schema') } : {}),
  });
}
