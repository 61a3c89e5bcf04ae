import type { Usage } from '../../core/record/record.ts';
import type { SseFrame } from '../../dialect/sseFrames.ts';
import type { AnswerReader, DeltaSink } from '../../dialect/translation/answer/answerReader.ts';
import { usageForAnthropic } from '../../dialect/translation/answer/answerUsage.ts';
import { ChatReader } from '../../dialect/translation/answer/chatReader.ts';
import { type MessagesOptions, MessagesWriter } from '../../dialect/translation/answer/messagesWriter.ts';
import { ResponsesReader } from '../../dialect/translation/answer/responsesReader.ts';
import { StopCutter } from '../../dialect/translation/answer/stopCutter.ts';
import { WholeMessage } from '../../dialect/translation/answer/wholeMessage.ts';
import type { Delta } from '../../dialect/translation/form/delta.ts';
import type { TranslatedFormat } from './requestTranslation.ts';

/** How an answer of one endpoint is written for the client. */
export interface AnswerPlan {
  readonly format: TranslatedFormat;
  readonly options: MessagesOptions;
  /** The answer is ended at these: the endpoint could not be told them. */
  readonly stopSequences: readonly string[];
}

function readerOf({ format, stopSequences }: AnswerPlan, sink: DeltaSink) {
  const cutter = stopSequences.length === 0 ? undefined : new StopCutter(stopSequences, sink);
  const target = cutter?.take ?? sink;
  const reader: AnswerReader = format === 'chat' ? new ChatReader(target) : new ResponsesReader(target);
  return { reader, cutter };
}

/** Turns the events of an endpoint's stream into those of the client's format, one answer long. */
export class StreamTranslator {
  readonly format: TranslatedFormat;
  readonly #reader: AnswerReader;
  readonly #cutter: StopCutter | undefined;
  readonly #writer: MessagesWriter;
  #text = '';
  /** The answer cannot be used: the endpoint broke a rule of its format, or said that it failed. */
  hasFailed = false;

  constructor(plan: AnswerPlan) {
    this.format = plan.format;
    this.#writer = new MessagesWriter(plan.options);
    const { reader, cutter } = readerOf(plan, (delta) => this.#take(delta));
    this.#reader = reader;
    this.#cutter = cutter;
  }

  /** The text for the client; may be empty. */
  read(frame: SseFrame): string {
    this.#reader.read(frame);
    return this.#taken();
  }

  /** Tells the client that the endpoint goes on sending, where nothing comes of it: comments, or a call that waits. */
  keepAlive(): string {
    this.#take({ kind: 'ping' });
    return this.#taken();
  }

  /** Something of substance has been written. */
  get hasContent(): boolean {
    return this.#writer.hasContent;
  }

  /** Nothing of the answer is missing: the endpoint has ended it, or it was cut at a stop sequence. */
  get isComplete(): boolean {
    return this.#reader.isComplete || this.#cutter?.hasCut === true;
  }

  /** The answer is complete, if it ends here. */
  get canEnd(): boolean {
    return !this.hasFailed && (this.#reader.canEnd || this.#cutter?.hasCut === true);
  }

  /** The text that ends the answer for the client; then `hasFailed` may be true, where a call was cut. */
  end(): string {
    this.#reader.finish();
    return this.#taken();
  }

  get eventCount(): number {
    return this.#writer.eventCount;
  }

  /** In the meaning of the client's dialect. */
  get usage(): Usage | undefined {
    return this.#writer.usage === undefined ? undefined : usageForAnthropic(this.#writer.usage);
  }

  #take(delta: Delta): void {
    if (delta.kind === 'error') this.hasFailed = true;
    this.#text += this.#writer.write(delta);
    if (this.#writer.hasOverflown) this.hasFailed = true;
  }

  #taken(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

/** A whole answer as JSON for the client, with its counts; undefined where it is none that can be used. */
export function translatedWhole(
  plan: AnswerPlan,
  answer: unknown,
): { readonly json: string; readonly usage: Usage | undefined } | undefined {
  const message = new WholeMessage(plan.options);
  let hasFailed = false;
  const { reader } = readerOf(plan, (delta) => {
    if (delta.kind === 'error') hasFailed = true;
    else message.take(delta);
  });
  reader.readWhole(answer);
  reader.finish();
  const { json, usage } = message;
  if (hasFailed || json === undefined) return undefined;
  return { json, usage: usage === undefined ? undefined : usageForAnthropic(usage) };
}
