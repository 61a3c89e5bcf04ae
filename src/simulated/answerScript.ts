import type { AnswerForm, AnswerPart, AnswerStop } from './answerParts.ts';
import type { Answer, SimulatedUsage } from './behaviour.ts';

/** The role of a frame in its stream; `block` frames open a content block, `delta` frames carry content. */
export type FrameRole = 'start' | 'ping' | 'block' | 'delta' | 'blockEnd' | 'stop' | 'terminal';

/** One SSE frame, or with `comment` an SSE comment. `block` numbers the content block it belongs to, from 0. */
export interface Frame {
  role: FrameRole;
  event?: string;
  data?: string;
  comment?: string;
  block?: number;
}

/** A content block as a list of its pieces. */
export type ScriptBlock =
  | { kind: 'text' | 'refusal'; pieces: string[] }
  /** `seal`: its signature or encrypted content, where the endpoint seals. */
  | { kind: 'thinking'; pieces: string[]; seal?: string }
  /** `id` is the part of the call's id behind its prefix, `wholeId` replaces both. */
  | { kind: 'toolUse'; id: string; name: string; pieces: string[]; wholeId?: string };

/** Everything an answer says, before it is put into a dialect. */
export interface AnswerScript {
  /** The part of all ids behind their prefix: 24 letters and digits. */
  id: string;
  model: string;
  /** Unix seconds. */
  createdSeconds: number;
  blocks: ScriptBlock[];
  usage: SimulatedUsage;
  pings: number;
  /** Chat only: a last chunk with the usage (`stream_options.include_usage`). */
  includeUsage: boolean;
  /** Default: by the blocks. */
  stop?: AnswerStop;
  form?: AnswerForm;
  /** Messages only, where the endpoint tells it: reasoning of the request that the model did not see. */
  inputTransformations?: readonly object[];
}

/** The answering endpoint and the request. */
export interface ScriptContext {
  name: string;
  model: string;
  id: string;
  createdSeconds?: number;
  includeUsage?: boolean;
}

const filler = ['All ', 'is ', 'well ', 'on ', 'this ', 'line. '];

function greeting(count: number, name: string): string[] {
  const pieces = [`Hello from ${name}. `];
  while (pieces.length < count) pieces.push(filler[(pieces.length - 1) % filler.length] ?? '');
  return pieces.slice(0, count);
}

/** A text in as many pieces, or in one a word. */
function piecesOf(text: string, pieces: number | undefined): string[] {
  if (pieces === undefined) return text.match(/\S+\s*|\s+/g) ?? [];
  const letters = [...text];
  const count = Math.min(pieces, letters.length);
  const cut = (piece: number) => Math.round((piece * letters.length) / count);
  return Array.from({ length: count }, (_, piece) => letters.slice(cut(piece), cut(piece + 1)).join(''));
}

function blocksOf(answer: Answer, { name, id }: ScriptContext): ScriptBlock[] {
  if (answer.parts !== undefined) {
    const argumentsAtOnce = answer.form?.arguments !== undefined && answer.form.arguments !== 'pieces';
    return answer.parts.map((part, index) => blockOf(part, index === 0 ? id : `${id}${index}`, argumentsAtOnce));
  }
  const blocks: ScriptBlock[] = [];
  if (answer.first === 'thinking') blocks.push({ kind: 'thinking', pieces: ['Let me ', 'think ', 'about it.'] });
  if (answer.first === 'toolUse') {
    const pieces = ['{"path": ', '"README', '.md"}'];
    blocks.push({ kind: 'toolUse', id, name: 'read_file', pieces });
  }
  const { text, textEvents } = answer;
  const pieces = text === undefined ? greeting(textEvents ?? 5, name) : piecesOf(text, textEvents);
  if (pieces.length > 0) blocks.push({ kind: 'text', pieces });
  return blocks;
}

function blockOf(part: AnswerPart, id: string, argumentsAtOnce: boolean): ScriptBlock {
  if (part.kind !== 'call') return { kind: part.kind, pieces: piecesOf(part.text, part.pieces) };
  const input = typeof part.input === 'string' ? part.input : JSON.stringify(part.input);
  const pieces = piecesOf(input, argumentsAtOnce ? 1 : (part.pieces ?? 3));
  const wholeId = part.id === undefined ? {} : { wholeId: part.id };
  return { kind: 'toolUse', id, name: part.name, pieces, ...wholeId };
}

/** Works out what an answer says; the same input gives the same script. */
export function scriptAnswer(answer: Answer, context: ScriptContext): AnswerScript {
  const blocks = blocksOf(answer, context);
  const outputTokens = blocks.reduce((sum, block) => sum + block.pieces.length, 0);
  return {
    id: context.id,
    model: context.model,
    createdSeconds: context.createdSeconds ?? 1_790_000_000,
    blocks,
    usage: { inputTokens: 25, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens, ...answer.usage },
    pings: answer.pings ?? 0,
    includeUsage: context.includeUsage ?? false,
    ...(answer.stop === undefined ? {} : { stop: answer.stop }),
    ...(answer.form === undefined ? {} : { form: answer.form }),
  };
}

/** The reason to stop: as told, or by the blocks. */
export function stopOf({ stop, blocks }: AnswerScript): AnswerStop {
  return stop ?? (blocks.some((block) => block.kind === 'toolUse') ? 'toolUse' : 'endTurn');
}

/** The blocks in the order in which their pieces are sent; a block without pieces is there with none. */
export function turnsOf({ blocks, form }: AnswerScript): { block: ScriptBlock; index: number; nth: number }[] {
  const turns = blocks.flatMap((block, index) =>
    Array.from({ length: Math.max(block.pieces.length, block.kind === 'toolUse' ? 1 : 0) }, (_, nth) => {
      return { block, index, nth };
    }),
  );
  if (form?.calls !== 'interleaved') return turns;
  const run = (index: number) => blocks.findLastIndex(({ kind }, at) => at <= index && kind !== 'toolUse');
  return turns.toSorted((one, other) => {
    const areCalls = one.block.kind === 'toolUse' && other.block.kind === 'toolUse';
    const areTogether = areCalls && run(one.index) === run(other.index);
    return areTogether ? one.nth - other.nth || one.index - other.index : one.index - other.index;
  });
}

/** Frames as bytes on the wire. */
export function renderFrames(frames: readonly Frame[], lineEnding: '\n' | '\r\n' = '\n'): string {
  return frames.map((frame) => renderFrame(frame, lineEnding)).join('');
}

function renderFrame(frame: Frame, lineEnding: string): string {
  const lines: string[] = [];
  if (frame.comment !== undefined) lines.push(`: ${frame.comment}`);
  if (frame.event !== undefined) lines.push(`event: ${frame.event}`);
  if (frame.data !== undefined) lines.push(`data: ${frame.data}`);
  return [...lines, '', ''].join(lineEnding);
}

/** Puts pings between the frames: one after the first, one before each following delta. */
export function withPings(frames: Frame[], pings: number, ping: Frame): Frame[] {
  let left = pings;
  return frames.flatMap((frame, index) => {
    if (left === 0 || (index > 0 && frame.role !== 'delta')) return [frame];
    left -= 1;
    return index === 0 ? [frame, ping] : [ping, frame];
  });
}
