import {
  type AnswerScript,
  type Frame,
  type FrameRole,
  type ScriptBlock,
  stopOf,
  turnsOf,
  withPings,
} from './answerScript.ts';
import type { SimulatedUsage } from './behaviour.ts';

/** The ping of OpenAI-compatible endpoints: an SSE comment. */
export const openaiPing: Frame = { role: 'ping', comment: 'keep-alive' };

/** The tokens of a request, those of a cache included. */
export function promptTokens(usage: SimulatedUsage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** The tokens that were read from a cache; models from GPT-5.6 on tell what they write, too. */
export function cachedTokens({ cacheReadTokens, cacheWriteTokens }: SimulatedUsage): object {
  const written = cacheWriteTokens > 0 ? { cache_write_tokens: cacheWriteTokens } : {};
  return { cached_tokens: cacheReadTokens, ...written };
}

function chatUsage({ usage, form }: AnswerScript): object {
  const prompt = promptTokens(usage);
  const cached = {
    details: { prompt_tokens_details: { ...cachedTokens(usage), audio_tokens: 0 } },
    hit: {
      prompt_cache_hit_tokens: usage.cacheReadTokens,
      prompt_cache_miss_tokens: prompt - usage.cacheReadTokens,
    },
    top: { cached_tokens: usage.cacheReadTokens },
  };
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    ...cached[form?.cached ?? 'details'],
    ...(usage.reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: usage.reasoningTokens } }),
  };
}

/** The word for the reason to stop; undefined where none is told. */
function chatFinishReason(script: AnswerScript): string | undefined {
  const stop = stopOf(script);
  if (typeof stop === 'object') return 'sequence' in stop ? 'stop' : stop.word;
  const words = { endTurn: 'stop', toolUse: 'tool_calls', maxTokens: 'length', refusal: 'content_filter' };
  return stop === 'none' ? undefined : words[stop];
}

/** The deltas of a Chat stream, each with its block. */
function chatDeltas(script: AnswerScript): { delta: object; block: number }[] {
  const calls = script.blocks.filter(({ kind }) => kind === 'toolUse');
  return turnsOf(script).flatMap(({ block, index, nth }) => {
    const piece = block.pieces[nth] ?? '';
    const isLast = nth >= block.pieces.length - 1;
    const deltas =
      block.kind === 'toolUse'
        ? chatCall(block, { piece, nth, at: calls.indexOf(block) }, script)
        : block.kind === 'thinking'
          ? chatReasoning(block, { piece, isFirst: nth === 0, isLast }, script)
          : [block.kind === 'refusal' ? { refusal: piece } : { content: piece }];
    return deltas.map((delta) => ({ delta, block: index }));
  });
}

function chatCall(
  block: Extract<ScriptBlock, { kind: 'toolUse' }>,
  { piece, nth, at }: { piece: string; nth: number; at: number },
  { form }: AnswerScript,
): object[] {
  const call = nth === 0 ? { id: block.wholeId ?? `call_${block.id}`, type: 'function' } : {};
  const names = form?.names ?? 'first';
  const isNamed = names === 'repeated' || (names === 'first' && nth === 0);
  const delta = (rest: object, called: object) => ({ tool_calls: [{ index: at, ...rest, function: called }] });
  if (names === 'late' && nth === 0) {
    return [delta(call, { arguments: '' }), delta({}, { name: block.name, arguments: piece })];
  }
  return [delta(call, { ...(isNamed ? { name: block.name } : {}), arguments: piece })];
}

function chatReasoning(
  block: Extract<ScriptBlock, { kind: 'thinking' }>,
  { piece, isFirst, isLast }: { piece: string; isFirst: boolean; isLast: boolean },
  { form }: AnswerScript,
): object[] {
  switch (form?.reasoning ?? 'reasoning_content') {
    case 'reasoning_content':
      return [{ reasoning_content: piece }];
    case 'reasoning':
      return [{ reasoning: piece }];
    case 'tags':
      return [{ content: `${isFirst ? '<think>' : ''}${piece}${isLast ? '</think>' : ''}` }];
    case 'details': {
      const detail = { type: 'reasoning.text', text: piece, format: 'simulated-v1', index: 0 };
      const signed = { type: 'reasoning.text', signature: block.seal ?? 'simulated', format: 'simulated-v1', index: 0 };
      const deltas: object[] = [{ reasoning: piece, reasoning_details: [detail] }];
      return isLast ? [...deltas, { reasoning_details: [signed] }] : deltas;
    }
  }
}

/** The chunks of a Chat Completions stream, in order, from the role to `[DONE]`. */
export function chatStreamEvents(script: AnswerScript): Frame[] {
  const form = script.form?.usage ?? 'end';
  const isUsageTold = script.includeUsage && form !== 'none';
  const usage = isUsageTold ? chatUsage(script) : null;
  const frame = (role: FrameRole, choices: object[], told: object | null, block?: number): Frame => {
    const head = { id: `chatcmpl-${script.id}`, object: 'chat.completion.chunk', created: script.createdSeconds };
    const rest = isUsageTold ? { usage: form === 'everyChunk' ? usage : told } : {};
    const data = JSON.stringify({ ...head, model: script.model, system_fingerprint: 'fp_simulated', choices, ...rest });
    return { role, data, ...(block === undefined ? {} : { block }) };
  };
  const choice = (delta: object, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  const frames = [frame('start', choice({ role: 'assistant', content: '', refusal: null }), null)];
  const deltas = chatDeltas(script);
  const reason = chatFinishReason(script);
  const last = script.form?.finish === 'withContent' && reason !== undefined ? deltas.pop() : undefined;
  const withStop = form === 'withStop' ? usage : null;
  for (const { delta, block } of deltas) frames.push(frame('delta', choice(delta), null, block));
  if (last !== undefined) frames.push(frame('stop', choice(last.delta, reason), withStop, last.block));
  else if (reason !== undefined) frames.push(frame('stop', choice({}, reason), withStop));
  if (isUsageTold && form !== 'withStop') frames.push(frame('stop', [], usage));
  frames.push({ role: 'terminal', data: '[DONE]' });
  return withPings(frames, script.pings, openaiPing);
}

/** The body of a Chat Completions answer that does not stream. */
export function chatBody(script: AnswerScript): object {
  const message: Record<string, unknown> = { role: 'assistant', content: null, refusal: null };
  const add = (name: string, text: string) => {
    message[name] = `${typeof message[name] === 'string' ? message[name] : ''}${text}`;
  };
  const calls: object[] = [];
  for (const block of script.blocks) {
    const whole = block.pieces.join('');
    switch (block.kind) {
      case 'text':
        add('content', whole);
        break;
      case 'refusal':
        add('refusal', whole);
        break;
      case 'thinking':
        addReasoning(add, message, block, script);
        break;
      case 'toolUse': {
        const called = { name: block.name, arguments: whole };
        calls.push({ id: block.wholeId ?? `call_${block.id}`, type: 'function', function: called });
        break;
      }
      default:
        block satisfies never;
    }
  }
  if (calls.length > 0) message['tool_calls'] = calls;
  return {
    id: `chatcmpl-${script.id}`,
    object: 'chat.completion',
    created: script.createdSeconds,
    model: script.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: chatFinishReason(script) ?? null }],
    ...(script.form?.usage === 'none' ? {} : { usage: chatUsage(script) }),
    system_fingerprint: 'fp_simulated',
  };
}

function addReasoning(
  add: (name: string, text: string) => void,
  message: Record<string, unknown>,
  { pieces, seal }: Extract<ScriptBlock, { kind: 'thinking' }>,
  { form }: AnswerScript,
): void {
  const text = pieces.join('');
  const where = form?.reasoning ?? 'reasoning_content';
  if (where === 'tags') add('content', `<think>${text}</think>`);
  else add(where === 'reasoning_content' ? where : 'reasoning', text);
  if (where !== 'details') return;
  const detail = { type: 'reasoning.text', text, signature: seal ?? 'simulated', format: 'simulated-v1', index: 0 };
  message['reasoning_details'] = [detail];
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
