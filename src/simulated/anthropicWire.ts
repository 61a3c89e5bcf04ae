import { type AnswerScript, type Frame, type FrameRole, type ScriptBlock, stopOf, withPings } from './answerScript.ts';
import type { SimulatedUsage } from './behaviour.ts';

/** The ping of the Messages API. */
export const anthropicPing: Frame = { role: 'ping', event: 'ping', data: '{"type": "ping"}' };

function anthropicUsage(usage: SimulatedUsage, outputTokens = usage.outputTokens): object {
  const { cacheWriteTokens, cacheWrite1hTokens: forAnHour } = usage;
  const byTime = {
    ephemeral_5m_input_tokens: cacheWriteTokens - (forAnHour ?? 0),
    ephemeral_1h_input_tokens: forAnHour,
  };
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    ...(forAnHour === undefined ? {} : { cache_creation: byTime }),
    output_tokens: outputTokens,
    ...(usage.reasoningTokens === undefined
      ? {}
      : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
  };
}

function anthropicMessage(script: AnswerScript, rest: object): object {
  const { id, model, inputTransformations } = script;
  const told = inputTransformations === undefined ? {} : { input_transformations: inputTransformations };
  return { model, id: `msg_${id}`, type: 'message', role: 'assistant', ...rest, ...told };
}

const unsealed = 'EqQBCkYIAxgCKkBzaW11bGF0ZWQ=';

function anthropicStop(script: AnswerScript): object {
  const stop = stopOf(script);
  if (typeof stop === 'object') {
    return 'sequence' in stop
      ? { stop_reason: 'stop_sequence', stop_sequence: stop.sequence }
      : { stop_reason: stop.word, stop_sequence: null };
  }
  const words = { endTurn: 'end_turn', toolUse: 'tool_use', maxTokens: 'max_tokens', refusal: 'refusal', none: null };
  const told = stop === 'refusal' ? { stop_details: { type: 'refusal', category: null, explanation: null } } : {};
  return { stop_reason: words[stop], stop_sequence: null, ...told };
}

/** The events of a Messages stream, in order, from `message_start` to `message_stop`. */
export function anthropicStreamEvents(script: AnswerScript): Frame[] {
  const frame = (role: FrameRole, type: string, body: object, block?: number): Frame => ({
    role,
    event: type,
    data: JSON.stringify({ type, ...body }),
    ...(block === undefined ? {} : { block }),
  });
  const open = { content: [], stop_reason: null, stop_sequence: null, usage: anthropicUsage(script.usage, 1) };
  const frames = [frame('start', 'message_start', { message: anthropicMessage(script, open) })];
  script.blocks.forEach((block, index) => {
    const delta = (body: object) => frame('delta', 'content_block_delta', { index, delta: body }, index);
    const isWhole = block.kind === 'toolUse' && script.form?.arguments === 'noDelta';
    const start = anthropicBlock(block, !isWhole);
    frames.push(frame('block', 'content_block_start', { index, content_block: start }, index));
    for (const piece of isWhole ? [] : block.pieces) frames.push(delta(anthropicDelta(block, piece)));
    if (block.kind === 'thinking') {
      frames.push(delta({ type: 'signature_delta', signature: block.seal ?? unsealed }));
    }
    frames.push(frame('blockEnd', 'content_block_stop', { index }, index));
  });
  frames.push(frame('stop', 'message_delta', { delta: anthropicStop(script), usage: anthropicUsage(script.usage) }));
  frames.push(frame('terminal', 'message_stop', {}));
  return withPings(frames, script.pings, anthropicPing);
}

function anthropicDelta(block: ScriptBlock, piece: string): object {
  switch (block.kind) {
    case 'text':
    case 'refusal':
      return { type: 'text_delta', text: piece };
    case 'thinking':
      return { type: 'thinking_delta', thinking: piece };
    case 'toolUse':
      return { type: 'input_json_delta', partial_json: piece };
  }
}

/** A block as an answer has it; `empty`: as the start of its stream has it. */
export function anthropicBlock(block: ScriptBlock, empty: boolean): Record<string, unknown> {
  const whole = empty ? '' : block.pieces.join('');
  switch (block.kind) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: whole };
    case 'thinking':
      return { type: 'thinking', thinking: whole, signature: empty ? '' : (block.seal ?? unsealed) };
    case 'toolUse': {
      const input: unknown = empty || whole === '' ? {} : JSON.parse(whole);
      return { type: 'tool_use', id: block.wholeId ?? `toolu_${block.id}`, name: block.name, input };
    }
  }
}

/** The body of a Messages answer that does not stream. */
export function anthropicMessageBody(script: AnswerScript): object {
  const content = script.blocks.map((block) => anthropicBlock(block, false));
  return anthropicMessage(script, { content, ...anthropicStop(script), usage: anthropicUsage(script.usage) });
}

/** A model list in Anthropic's shape. */
export function anthropicModelsBody(models: readonly string[]): object {
  const data = models.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
  return { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
}
