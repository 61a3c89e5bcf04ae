import { type AnswerScript, type Frame, type FrameRole, type ScriptBlock, withPings } from './answerScript.ts';
import type { SimulatedUsage } from './behaviour.ts';

/** The ping of OpenAI-compatible endpoints: an SSE comment. */
export const openaiPing: Frame = { role: 'ping', comment: 'keep-alive' };

function promptTokens(usage: SimulatedUsage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** Models from GPT-5.6 on tell what they write, too. */
function cachedTokens({ cacheReadTokens, cacheWriteTokens }: SimulatedUsage): object {
  const written = cacheWriteTokens > 0 ? { cache_write_tokens: cacheWriteTokens } : {};
  return { cached_tokens: cacheReadTokens, ...written };
}

function chatUsage(usage: SimulatedUsage): object {
  return {
    prompt_tokens: promptTokens(usage),
    completion_tokens: usage.outputTokens,
    total_tokens: promptTokens(usage) + usage.outputTokens,
    prompt_tokens_details: { ...cachedTokens(usage), audio_tokens: 0 },
  };
}

const chatFinishReason = ({ blocks }: AnswerScript) =>
  blocks.some((block) => block.kind === 'toolUse') ? 'tool_calls' : 'stop';

/** The chunks of a Chat Completions stream, in order, from the role to `[DONE]`. */
export function chatStreamEvents(script: AnswerScript): Frame[] {
  const frame = (role: FrameRole, choices: object[], usage: object | null, block?: number): Frame => {
    const head = { id: `chatcmpl-${script.id}`, object: 'chat.completion.chunk', created: script.createdSeconds };
    const rest = script.includeUsage ? { usage } : {};
    const data = JSON.stringify({ ...head, model: script.model, system_fingerprint: 'fp_simulated', choices, ...rest });
    return { role, data, ...(block === undefined ? {} : { block }) };
  };
  const choice = (delta: object, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  const frames = [frame('start', choice({ role: 'assistant', content: '', refusal: null }), null)];
  script.blocks.forEach((block, index) => {
    block.pieces.forEach((piece, nth) => {
      frames.push(frame('delta', choice(chatDelta(block, piece, nth === 0)), null, index));
    });
  });
  frames.push(frame('stop', choice({}, chatFinishReason(script)), null));
  if (script.includeUsage) frames.push(frame('stop', [], chatUsage(script.usage)));
  frames.push({ role: 'terminal', data: '[DONE]' });
  return withPings(frames, script.pings, openaiPing);
}

function chatDelta(block: ScriptBlock, piece: string, isFirst: boolean): object {
  switch (block.kind) {
    case 'text':
      return { content: piece };
    case 'thinking':
      return { reasoning_content: piece };
    case 'toolUse': {
      const call = isFirst ? { id: `call_${block.id}`, type: 'function' } : {};
      const name = isFirst ? { name: block.name } : {};
      return { tool_calls: [{ index: 0, ...call, function: { ...name, arguments: piece } }] };
    }
  }
}

/** The body of a Chat Completions answer that does not stream. */
export function chatBody(script: AnswerScript): object {
  const message: Record<string, unknown> = { role: 'assistant', content: null, refusal: null };
  for (const block of script.blocks) {
    const whole = block.pieces.join('');
    if (block.kind === 'text') message['content'] = whole;
    else if (block.kind === 'thinking') message['reasoning_content'] = whole;
    else {
      const called = { name: block.name, arguments: whole };
      message['tool_calls'] = [{ id: `call_${block.id}`, type: 'function', function: called }];
    }
  }
  return {
    id: `chatcmpl-${script.id}`,
    object: 'chat.completion',
    created: script.createdSeconds,
    model: script.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: chatFinishReason(script) }],
    usage: chatUsage(script.usage),
    system_fingerprint: 'fp_simulated',
  };
}

function responsesItem(script: AnswerScript, block: ScriptBlock, status: 'in_progress' | 'completed'): object {
  const whole = status === 'completed' ? block.pieces.join('') : '';
  switch (block.kind) {
    case 'text': {
      const content =
        status === 'completed' ? [{ type: 'output_text', text: whole, annotations: [], logprobs: [] }] : [];
      return { id: `msg_${script.id}`, type: 'message', status, role: 'assistant', content };
    }
    case 'thinking': {
      const summary = status === 'completed' ? [{ type: 'summary_text', text: whole }] : [];
      return { id: `rs_${script.id}`, type: 'reasoning', summary };
    }
    case 'toolUse': {
      const call = { call_id: `call_${block.id}`, name: block.name, arguments: whole };
      return { id: `fc_${script.id}`, type: 'function_call', status, ...call };
    }
  }
}

/** The body of a Responses answer that does not stream, also what `response.created` and `.failed` carry. */
export function responsesBody(script: AnswerScript, status = 'completed', error: object | null = null): object {
  const isDone = status === 'completed';
  const usage = {
    input_tokens: promptTokens(script.usage),
    input_tokens_details: cachedTokens(script.usage),
    output_tokens: script.usage.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens(script.usage) + script.usage.outputTokens,
  };
  return {
    id: `resp_${script.id}`,
    object: 'response',
    created_at: script.createdSeconds,
    status,
    error,
    incomplete_details: null,
    model: script.model,
    output: isDone ? script.blocks.map((block) => responsesItem(script, block, 'completed')) : [],
    usage: isDone ? usage : null,
  };
}

/** The events of a Responses stream, in order, from `response.created` to `response.completed`. */
export function responsesStreamEvents(script: AnswerScript): Frame[] {
  const frames: Frame[] = [];
  const add = (role: FrameRole, type: string, body: object, block?: number) => {
    const data = JSON.stringify({ type, sequence_number: frames.length, ...body });
    frames.push({ role, event: type, data, ...(block === undefined ? {} : { block }) });
  };
  add('start', 'response.created', { response: responsesBody(script, 'in_progress') });
  add('start', 'response.in_progress', { response: responsesBody(script, 'in_progress') });
  script.blocks.forEach((block, output_index) => {
    const item = responsesItem(script, block, 'in_progress');
    add('block', 'response.output_item.added', { output_index, item }, output_index);
    addResponsesContent(script, block, output_index, add);
    const done = responsesItem(script, block, 'completed');
    add('blockEnd', 'response.output_item.done', { output_index, item: done }, output_index);
  });
  add('terminal', 'response.completed', { response: responsesBody(script) });
  return withPings(frames, script.pings, openaiPing);
}

function addResponsesContent(
  script: AnswerScript,
  block: ScriptBlock,
  output_index: number,
  add: (role: FrameRole, type: string, body: object, block?: number) => void,
): void {
  const whole = block.pieces.join('');
  const ids = { text: 'msg', thinking: 'rs', toolUse: 'fc' };
  const at = { item_id: `${ids[block.kind]}_${script.id}`, output_index };
  const content = { ...at, content_index: 0 };
  const summary = { ...at, summary_index: 0 };
  const [name, place, part]: [string, object, ((text: string) => object) | undefined] =
    block.kind === 'text'
      ? ['output_text', content, (text) => ({ type: 'output_text', text, annotations: [], logprobs: [] })]
      : block.kind === 'thinking'
        ? ['reasoning_summary_text', summary, (text) => ({ type: 'summary_text', text })]
        : ['function_call_arguments', at, undefined];
  const partName = block.kind === 'thinking' ? 'response.reasoning_summary_part' : 'response.content_part';
  if (part) add('block', `${partName}.added`, { ...place, part: part('') }, output_index);
  for (const delta of block.pieces) add('delta', `response.${name}.delta`, { ...place, delta }, output_index);
  const done = part ? { text: whole } : { arguments: whole };
  add('blockEnd', `response.${name}.done`, { ...place, ...done }, output_index);
  if (part) add('blockEnd', `${partName}.done`, { ...place, part: part(whole) }, output_index);
}

/** `count` small embeddings, as numbers or as OpenAI's base64 of 32-bit floats. */
export function embeddingsBody(model: string, count: number, asBase64: boolean): object {
  const values = [0.25, -0.5, 0.125, 0.0625];
  const embedding = asBase64 ? Buffer.from(new Float32Array(values).buffer).toString('base64') : values;
  const data = Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding }));
  return { object: 'list', data, model, usage: { prompt_tokens: 8 * count, total_tokens: 8 * count } };
}

/** A model list in OpenAI's shape. */
export function openaiModelsBody(models: readonly string[]): object {
  const data = models.map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'simulated' }));
  return { object: 'list', data };
}
