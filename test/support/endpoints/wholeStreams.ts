import { firstHalf, framesUpTo } from '../../../src/simulated/answerBytes.ts';
import { type AnswerScript, type Frame, renderFrames, scriptAnswer } from '../../../src/simulated/answerScript.ts';
import { anthropicMessageBody, anthropicStreamEvents } from '../../../src/simulated/anthropicWire.ts';
import type { Answer, Point } from '../../../src/simulated/behaviour.ts';
import { chatBody, chatStreamEvents } from '../../../src/simulated/openaiWire.ts';
import { responsesBody, responsesStreamEvents } from '../../../src/simulated/responsesWire.ts';

/** One way to ask for an answer, and what the answer's parts are there. */
export interface Format {
  readonly name: string;
  readonly path: string;
  readonly dialect: 'anthropic' | 'openai';
  readonly frames: (script: AnswerScript) => Frame[];
  readonly body: (script: AnswerScript) => object;
  /** A request for it, without `stream`. */
  readonly asking: (opening: string) => Record<string, unknown>;
}

const chatMessages = (content: string) => ({ messages: [{ role: 'user', content }] });

/** The three stream formats that the gateway follows. */
export const formats: readonly Format[] = [
  {
    name: 'Messages',
    path: '/v1/messages',
    dialect: 'anthropic',
    frames: anthropicStreamEvents,
    body: anthropicMessageBody,
    asking: (opening) => ({ model: 'claude-sonnet-4-5', max_tokens: 100, ...chatMessages(opening) }),
  },
  {
    name: 'Chat',
    path: '/v1/chat/completions',
    dialect: 'openai',
    frames: chatStreamEvents,
    body: chatBody,
    asking: (opening) => ({ model: 'gpt-5', ...chatMessages(opening) }),
  },
  {
    name: 'Responses',
    path: '/v1/responses',
    dialect: 'openai',
    frames: responsesStreamEvents,
    body: (script) => responsesBody(script),
    asking: (opening) => ({ model: 'gpt-5', input: opening }),
  },
];

function scriptOf(answer: Answer): AnswerScript {
  return scriptAnswer(answer, { name: 'exact', model: 'some-model', id: 'ABCDEFGHJKLMNPQRSTUVWXYZ' });
}

/** The bytes of a whole stream in a format. */
export function streamBytes(format: Format, answer: Answer = {}): Buffer {
  return Buffer.from(renderFrames(format.frames(scriptOf(answer)), answer.lineEnding));
}

/** The frames of a whole stream, each as its bytes. */
export function streamFrames(format: Format, answer: Answer = {}): Buffer[] {
  return format.frames(scriptOf(answer)).map((frame) => Buffer.from(renderFrames([frame], answer.lineEnding)));
}

/** The bytes of a stream up to a point. */
export function streamUpTo(format: Format, answer: Answer, at: Point): Buffer {
  const { whole, half } = framesUpTo(format.frames(scriptOf(answer)), at);
  const bytes = Buffer.from(renderFrames(whole, answer.lineEnding));
  if (half === undefined) return bytes;
  return Buffer.concat([bytes, firstHalf(Buffer.from(renderFrames([half], answer.lineEnding)))]);
}

/** The bytes of a whole answer that does not stream. */
export function bodyBytes(format: Format, answer: Answer = {}): Buffer {
  return Buffer.from(JSON.stringify(format.body(scriptOf(answer))));
}
