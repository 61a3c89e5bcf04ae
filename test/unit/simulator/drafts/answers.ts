import { type AnswerScript, type Frame, renderFrames, scriptAnswer } from '../../../../src/simulated/answerScript.ts';
import { anthropicMessageBody, anthropicStreamEvents } from '../../../../src/simulated/anthropicWire.ts';
import { chatBody, chatStreamEvents } from '../../../../src/simulated/openaiWire.ts';
import { responsesBody, responsesStreamEvents } from '../../../../src/simulated/responsesWire.ts';
import type { RandomSource } from './randomSource.ts';

/** The parts of a request that the wire format of the answer depends on. */
export type Wire = 'messages' | 'chat' | 'responses' | 'plain';

/** A whole answer as bytes, and the places in it that matter. Offsets in bytes; undefined where there is no such place. */
export interface WholeAnswer {
  readonly bytes: Buffer;
  /** Where each frame ends, in order. */
  readonly frameEnds: readonly number[];
  /** After the first frame of content. */
  readonly contentEnd: number;
  /** After the stop reason. */
  readonly stopEnd: number | undefined;
  /** After the terminal event. */
  readonly terminalEnd: number | undefined;
}

/** Endpoint and attempt, present in every frame, so that bytes of two answers cannot be confused. */
export interface Tag {
  readonly endpointId: string;
  readonly requestId: string;
  readonly attempt: number;
}

/** A tag as it stands in an answer's bytes. */
export function tagText({ endpointId, requestId, attempt }: Tag): string {
  return `<${endpointId} ${requestId} ${attempt}>`;
}

function scriptFor(tag: Tag, random: RandomSource): AnswerScript {
  const first = random.weighted<'thinking' | 'toolUse' | undefined>([
    [undefined, 6],
    ['thinking', 1],
    ['toolUse', 1],
  ]);
  const answer = { textEvents: random.between(1, 6), pings: random.between(0, 2), ...(first && { first }) };
  const context = { name: tagText(tag), model: 'any', id: tagText(tag), includeUsage: random.chance(0.5) };
  return scriptAnswer(answer, context);
}

/** A healthy stream. */
export function streamAnswer(wire: Exclude<Wire, 'plain'>, tag: Tag, random: RandomSource): WholeAnswer {
  const script = scriptFor(tag, random);
  const ending = random.chance(0.1) ? '\r\n' : '\n';
  const frames = framesOf(wire, script);
  const pieces = frames.map((frame, index) => {
    return Buffer.from(renderFrames([{ ...frame, comment: `${tagText(tag)} ${index}` }], ending));
  });
  let end = 0;
  const frameEnds = pieces.map((piece) => {
    end += piece.length;
    return end;
  });
  const endOf = (index: number): number | undefined => frameEnds[index];
  const content = frames.findIndex(({ role }) => role === 'block' || role === 'delta');
  return {
    bytes: Buffer.concat(pieces),
    frameEnds,
    contentEnd: endOf(content) ?? end,
    stopEnd: endOf(frames.findIndex(({ role }) => role === 'stop')),
    terminalEnd: endOf(frames.findIndex(({ role }) => role === 'terminal')),
  };
}

function framesOf(wire: Exclude<Wire, 'plain'>, script: AnswerScript): Frame[] {
  switch (wire) {
    case 'messages':
      return anthropicStreamEvents(script);
    case 'chat':
      return chatStreamEvents(script);
    case 'responses':
      return responsesStreamEvents(script);
    default:
      return wire satisfies never;
  }
}

/** A healthy JSON answer; a large one is more than is held back before the client gets any of it. */
export function jsonAnswer(wire: Wire, tag: Tag, isLarge: boolean, random: RandomSource): WholeAnswer {
  const script = scriptFor(tag, random);
  const body =
    wire === 'messages'
      ? anthropicMessageBody(script)
      : wire === 'chat'
        ? chatBody(script)
        : wire === 'responses'
          ? responsesBody(script)
          : { tag: tagText(tag), input_tokens: 12 };
  const bytes = Buffer.from(JSON.stringify({ ...body, more: isLarge ? tagText(tag).repeat(8000) : '' }));
  return { bytes, frameEnds: [], contentEnd: bytes.length, stopEnd: undefined, terminalEnd: undefined };
}
