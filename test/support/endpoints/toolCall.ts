import { type AnswerScript, renderFrames } from '../../../src/simulated/answerScript.ts';
import { anthropicStreamEvents } from '../../../src/simulated/anthropicWire.ts';
import type { Behaviour } from '../../../src/simulated/behaviour.ts';
import { chatStreamEvents } from '../../../src/simulated/openaiWire.ts';
import { responsesStreamEvents } from '../../../src/simulated/responsesWire.ts';

const streams = { messages: anthropicStreamEvents, chat: chatStreamEvents, responses: responsesStreamEvents };

let calls = 0;

/**
 * A stream in which the model calls a tool. With `isHalf` the connection ends in the middle of the arguments.
 */
export function toolCall(
  dialect: keyof typeof streams,
  { name, input }: { readonly name: string; readonly input: object },
  isHalf = false,
): Behaviour {
  calls += 1;
  const id = `simulatedCall${String(calls).padStart(11, '0')}`;
  const whole = JSON.stringify(input);
  const middle = Math.ceil(whole.length / 2);
  const script: AnswerScript = {
    id,
    model: 'claude-sonnet-4-5',
    createdSeconds: 0,
    blocks: [{ kind: 'toolUse', id, name, pieces: [whole.slice(0, middle), whole.slice(middle)] }],
    usage: { inputTokens: 25, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 },
    pings: 0,
    includeUsage: false,
  };
  const frames = streams[dialect](script);
  const sent = isHalf ? frames.slice(0, frames.findIndex(({ role }) => role === 'delta') + 1) : frames;
  const head = ['HTTP/1.1 200 OK', 'content-type: text/event-stream', 'connection: close', '', ''];
  return { kind: 'rawResponse', bytes: head.join('\r\n') + renderFrames(sent) };
}
