import {
  type AnswerScript,
  type Frame,
  type FrameRole,
  type ScriptBlock,
  stopOf,
  turnsOf,
  withPings,
} from './answerScript.ts';
import { cachedTokens, openaiPing, promptTokens } from './openaiWire.ts';

const idBeginnings = { text: 'msg', refusal: 'msg', thinking: 'rs', toolUse: 'fc' } as const;

/** The id of a block's item, which no other item of the answer has. */
export function responsesItemId({ id, blocks }: AnswerScript, index: number): string {
  const beginning = (at: number) => idBeginnings[blocks[at]?.kind ?? 'text'];
  const before = blocks.slice(0, index).filter((_, at) => beginning(at) === beginning(index)).length;
  return `${beginning(index)}_${id}${before === 0 ? '' : before}`;
}

/** A block as an item of the output, as its stream begins with it or as it is when it is done. */
export function responsesItem(
  script: AnswerScript,
  index: number,
  status: 'in_progress' | 'completed',
): Record<string, unknown> {
  const id = responsesItemId(script, index);
  const block = script.blocks[index] ?? { kind: 'text', pieces: [] };
  const isDone = status === 'completed';
  const whole = isDone ? block.pieces.join('') : '';
  switch (block.kind) {
    case 'text':
    case 'refusal':
      return { id, type: 'message', status, role: 'assistant', content: isDone ? [contentPart(block, whole)] : [] };
    case 'thinking': {
      const summary = isDone && whole !== '' ? [{ type: 'summary_text', text: whole }] : [];
      const encrypted = block.seal === undefined ? {} : { encrypted_content: isDone ? block.seal : '' };
      return { id, type: 'reasoning', summary, ...encrypted };
    }
    case 'toolUse': {
      const call = { call_id: block.wholeId ?? `call_${block.id}`, name: block.name, arguments: whole };
      return { id, type: 'function_call', status, ...call };
    }
  }
}

function contentPart({ kind }: ScriptBlock, text: string): object {
  return kind === 'refusal'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** How the answer ends: completed, incomplete for a reason, or without a word. */
function responsesEnd(script: AnswerScript): { status: string; incomplete_details: object | null } | undefined {
  const stop = stopOf(script);
  if (stop === 'none') return undefined;
  const reasons = { maxTokens: 'max_output_tokens', refusal: 'content_filter', endTurn: undefined, toolUse: undefined };
  const reason = typeof stop === 'object' ? ('word' in stop ? stop.word : undefined) : reasons[stop];
  if (reason === undefined) return { status: 'completed', incomplete_details: null };
  return { status: 'incomplete', incomplete_details: { reason } };
}

/** The body of a Responses answer that does not stream, also what `response.created` and `.failed` carry. */
export function responsesBody(script: AnswerScript, given?: string, error: object | null = null): object {
  const end = given === undefined ? responsesEnd(script) : undefined;
  const isDone = given === undefined;
  const usage = {
    input_tokens: promptTokens(script.usage),
    input_tokens_details: cachedTokens(script.usage),
    output_tokens: script.usage.outputTokens,
    output_tokens_details: { reasoning_tokens: script.usage.reasoningTokens ?? 0 },
    total_tokens: promptTokens(script.usage) + script.usage.outputTokens,
  };
  return {
    id: `resp_${script.id}`,
    object: 'response',
    created_at: script.createdSeconds,
    status: given ?? end?.status ?? 'in_progress',
    error,
    incomplete_details: end?.incomplete_details ?? null,
    model: script.model,
    output: isDone ? script.blocks.map((_, index) => responsesItem(script, index, 'completed')) : [],
    usage: isDone && script.form?.usage !== 'none' ? usage : null,
  };
}

type Add = (role: FrameRole, type: string, body: object, block?: number) => void;

/** The events of a Responses stream, in order, from `response.created` to `response.completed` or `.incomplete`. */
export function responsesStreamEvents(script: AnswerScript): Frame[] {
  const frames: Frame[] = [];
  const add: Add = (role, type, body, block) => {
    const data = JSON.stringify({ type, sequence_number: frames.length, ...body });
    frames.push({ role, event: type, data, ...(block === undefined ? {} : { block }) });
  };
  add('start', 'response.created', { response: responsesBody(script, 'in_progress') });
  add('start', 'response.in_progress', { response: responsesBody(script, 'in_progress') });
  const turns = turnsOf(script);
  for (let index = 0; index < script.blocks.length; ) {
    const count = script.form?.calls === 'interleaved' ? callsFrom(script.blocks, index) : 1;
    const group = Array.from({ length: count }, (_, nth) => index + nth);
    for (const each of group) openItem(script, each, add);
    for (const turn of turns) if (group.includes(turn.index)) addDelta(script, turn, add);
    for (const each of group) closeItem(script, each, add);
    index += count;
  }
  const end = responsesEnd(script);
  if (end !== undefined) add('terminal', `response.${end.status}`, { response: responsesBody(script) });
  return withPings(frames, script.pings, openaiPing);
}

/** How many calls follow each other directly, at least one block. */
function callsFrom(blocks: readonly ScriptBlock[], index: number): number {
  const end = blocks.findIndex(({ kind }, at) => at >= index && kind !== 'toolUse');
  return Math.max(1, (end < 0 ? blocks.length : end) - index);
}

/** The names of a block's events, its part's place, and the part itself where there is one. */
function wordsOf(
  script: AnswerScript,
  index: number,
): { name: string; place: object; part?: (text: string) => object } {
  const block = script.blocks[index] ?? { kind: 'text', pieces: [] };
  const at = { item_id: responsesItemId(script, index), output_index: index };
  switch (block.kind) {
    case 'text':
      return { name: 'output_text', place: { ...at, content_index: 0 }, part: (text) => contentPart(block, text) };
    case 'refusal':
      return { name: 'refusal', place: { ...at, content_index: 0 }, part: (text) => contentPart(block, text) };
    case 'thinking': {
      const part = (text: string) => ({ type: 'summary_text', text });
      return { name: 'reasoning_summary_text', place: { ...at, summary_index: 0 }, part };
    }
    case 'toolUse':
      return { name: 'function_call_arguments', place: at };
  }
}

const partName = (block: ScriptBlock | undefined) =>
  block?.kind === 'thinking' ? 'response.reasoning_summary_part' : 'response.content_part';

/** Reasoning that is only sealed has no part. */
const hasNoPart = (block: ScriptBlock | undefined) => block?.kind === 'thinking' && block.pieces.length === 0;

function openItem(script: AnswerScript, index: number, add: Add): void {
  const block = script.blocks[index];
  const item = responsesItem(script, index, 'in_progress');
  add('block', 'response.output_item.added', { output_index: index, item }, index);
  const { place, part } = wordsOf(script, index);
  if (part && !hasNoPart(block)) add('block', `${partName(block)}.added`, { ...place, part: part('') }, index);
}

function addDelta(script: AnswerScript, turn: { block: ScriptBlock; index: number; nth: number }, add: Add): void {
  if (turn.block.kind === 'toolUse' && script.form?.arguments === 'noDelta') return;
  const delta = turn.block.pieces[turn.nth];
  const { name, place } = wordsOf(script, turn.index);
  if (delta !== undefined) add('delta', `response.${name}.delta`, { ...place, delta }, turn.index);
}

function closeItem(script: AnswerScript, index: number, add: Add): void {
  const block = script.blocks[index];
  const whole = block?.pieces.join('') ?? '';
  const { name, place, part } = wordsOf(script, index);
  if (!hasNoPart(block)) {
    const done = part === undefined ? { arguments: whole } : name === 'refusal' ? { refusal: whole } : { text: whole };
    add('blockEnd', `response.${name}.done`, { ...place, ...done }, index);
    if (part) add('blockEnd', `${partName(block)}.done`, { ...place, part: part(whole) }, index);
  }
  const item = responsesItem(script, index, 'completed');
  add('blockEnd', 'response.output_item.done', { output_index: index, item }, index);
}
