import { SseFrames } from '../../../../../src/dialect/sseFrames.ts';
import type { AnswerReader, DeltaSink } from '../../../../../src/dialect/translation/answer/answerReader.ts';
import { ChatReader } from '../../../../../src/dialect/translation/answer/chatReader.ts';
import { type MessagesOptions, MessagesWriter } from '../../../../../src/dialect/translation/answer/messagesWriter.ts';
import { ResponsesReader } from '../../../../../src/dialect/translation/answer/responsesReader.ts';
import { StopCutter } from '../../../../../src/dialect/translation/answer/stopCutter.ts';
import { WholeMessage } from '../../../../../src/dialect/translation/answer/wholeMessage.ts';
import type { CarrierPayload } from '../../../../../src/dialect/translation/form/carrier.ts';
import type { Delta } from '../../../../../src/dialect/translation/form/delta.ts';

/** The format of an endpoint whose answers are translated. */
export type AnswerFormat = 'chat' | 'responses';

/** How an answer reached the client: complete, without its end, or recognised as one that cannot be used. */
export type AnswerEnd = 'complete' | 'open' | 'unusable';

/** The carrier of a stretch of reasoning, readable. */
export function seal(payload: CarrierPayload): string {
  return `sealed ${JSON.stringify(payload)}`;
}

/** The options of most tests: reasoning is shown, names and ids stay as they are. */
export const options: MessagesOptions = {
  model: 'claude-asked',
  toolName: (sent) => sent,
  toolId: (sent) => sent,
  seal,
  showsThinking: true,
  estimatedInput: 77,
};

/** An event of the Messages API. */
export type MessagesEvent = Readonly<Record<string, unknown>>;

/** A translated stream, and the deltas between its two formats. */
export interface Translated {
  readonly text: string;
  readonly events: readonly MessagesEvent[];
  readonly deltas: readonly Delta[];
  readonly end: AnswerEnd;
  readonly hasContent: boolean;
}

/** How a stream is given to the translation. */
export interface Feeding {
  /** Bytes a chunk; all of them by default. */
  readonly size?: number;
  readonly options?: Partial<MessagesOptions>;
  readonly stopSequences?: readonly string[];
}

/** Translates a stream, as the relay does: the answer ends where the body does, if it can. */
export function translateStream(format: AnswerFormat, stream: string | Buffer, feeding: Feeding = {}): Translated {
  const writer = new MessagesWriter({ ...options, ...feeding.options });
  const deltas: Delta[] = [];
  let text = '';
  const { reader, cutter } = readerFor(format, feeding.stopSequences ?? [], (delta) => {
    deltas.push(delta);
    text += writer.write(delta);
  });
  const frames = new SseFrames((frame) => reader.read(frame));
  const bytes = Buffer.from(stream);
  const size = feeding.size ?? Math.max(1, bytes.length);
  for (let from = 0; from < bytes.length; from += size) frames.push(bytes.subarray(from, from + size));
  const last = frames.finish();
  if (last.data !== undefined) reader.read(last);
  const canEnd = reader.canEnd;
  if (canEnd && !cutter.hasCut) reader.finish();
  const isUnusable = writer.hasOverflown || deltas.some(({ kind }) => kind === 'error');
  const end = isUnusable ? 'unusable' : canEnd || cutter.hasCut ? 'complete' : 'open';
  return { text, events: eventsOf(text), deltas, end, hasContent: writer.hasContent };
}

/** Translates a whole answer; undefined where it cannot be used. */
export function translateWhole(format: AnswerFormat, answer: unknown, feeding: Feeding = {}): unknown {
  const message = new WholeMessage({ ...options, ...feeding.options });
  let isUnusable = false;
  const { reader } = readerFor(format, feeding.stopSequences ?? [], (delta) => {
    isUnusable ||= delta.kind === 'error';
    message.take(delta);
  });
  reader.readWhole(answer);
  reader.finish();
  return isUnusable || message.json === undefined ? undefined : JSON.parse(message.json);
}

function readerFor(format: AnswerFormat, stopSequences: readonly string[], sink: DeltaSink) {
  const cutter = new StopCutter(stopSequences, sink);
  const reader: AnswerReader = format === 'chat' ? new ChatReader(cutter.take) : new ResponsesReader(cutter.take);
  return { reader, cutter };
}

function eventsOf(text: string): MessagesEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, event, data] = /^event: (\w+)\ndata: ([^\n]*)$/.exec(frame) ?? [];
      const json = JSON.parse(data ?? '') as MessagesEvent;
      if (json['type'] !== event) throw new Error(`the event ${event} says ${String(json['type'])}`);
      return json;
    });
}
