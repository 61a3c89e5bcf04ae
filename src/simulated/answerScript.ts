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
  | { kind: 'text'; pieces: string[] }
  | { kind: 'thinking'; pieces: string[] }
  | { kind: 'toolUse'; id: string; name: string; pieces: string[] };

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

function textPieces(answer: Answer, name: string): string[] {
  if (answer.text === undefined) {
    const greeting = [`Hello from ${name}. `];
    const count = answer.textEvents ?? 5;
    while (greeting.length < count) greeting.push(filler[(greeting.length - 1) % filler.length] ?? '');
    return greeting.slice(0, count);
  }
  if (answer.textEvents === undefined) return answer.text.match(/\S+\s*|\s+/g) ?? [];
  const letters = [...answer.text];
  const count = Math.min(answer.textEvents, letters.length);
  const cut = (piece: number) => Math.round((piece * letters.length) / count);
  return Array.from({ length: count }, (_, piece) => letters.slice(cut(piece), cut(piece + 1)).join(''));
}

/** Works out what an answer says; the same input gives the same script. */
export function scriptAnswer(answer: Answer, context: ScriptContext): AnswerScript {
  const blocks: ScriptBlock[] = [];
  if (answer.first === 'thinking') blocks.push({ kind: 'thinking', pieces: ['Let me ', 'think ', 'about it.'] });
  if (answer.first === 'toolUse') {
    const pieces = ['{"path": ', '"README', '.md"}'];
    blocks.push({ kind: 'toolUse', id: context.id, name: 'read_file', pieces });
  }
  const pieces = textPieces(answer, context.name);
  if (pieces.length > 0) blocks.push({ kind: 'text', pieces });
  const outputTokens = blocks.reduce((sum, block) => sum + block.pieces.length, 0);
  return {
    id: context.id,
    model: context.model,
    createdSeconds: context.createdSeconds ?? 1_790_000_000,
    blocks,
    usage: { inputTokens: 25, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens, ...answer.usage },
    pings: answer.pings ?? 0,
    includeUsage: context.includeUsage ?? false,
  };
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
