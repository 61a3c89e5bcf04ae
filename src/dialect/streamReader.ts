import type { FormatName } from '../core/config/config.ts';
import { type Evidence, noEvidence } from '../core/outcome/evidence.ts';
import type { Usage } from '../core/record/record.ts';
import { type Json, objectOf, objectsOf, outlineOf, unread } from './jsonRead.ts';
import { errorInside, isSomething, readError } from './readEvidence.ts';
import { type SseFrame, SseFrames } from './sseFrames.ts';
import { choiceHasSubstance, endOfResponse, failureOfReason, hasSubstance, wordOf } from './substance.ts';
import { addUsage, addUsageOfChunk, emptyUsage } from './usage.ts';

/** The API whose events a stream carries. */
export type StreamFormat = FormatName;

/** Events that only begin a stream; those of Responses repeat the request. */
const openings = new Set(['message_start', 'response.created', 'response.in_progress', 'response.queued']);

/**
 * Follows the stream of an answer: whether content has begun, a stop reason was given, the terminal event has come, or an
 * error. A value that is present and empty says nothing, and content after a stop reason takes it back. Parses only the few
 * events that carry such news or token counts.
 */
export class StreamReader {
  readonly #format: StreamFormat;
  readonly #frames: SseFrames;
  readonly #choiceCount: number;
  readonly #stoppedChoices = new Set<unknown>();
  #openingBytes = 0;
  /** The latest name of an event: most have the name of the one before. */
  #name = nameOf('');
  /** Something of substance has come: from here on the answer is the client's. */
  hasContent = false;
  /** The terminal event has been read. */
  isComplete = false;
  error: Evidence | undefined;
  /** The JSON of that error, as it came. */
  errorData: Buffer | undefined;
  /** The offset in the stream at which the frame of the error began. */
  errorFrom: number | undefined;
  /** The stream ended without the blank line after its last frame. */
  endedInFrame = false;
  /** The events read, without that of an error. */
  eventCount = 0;
  readonly usage: Usage = emptyUsage();

  constructor(format: StreamFormat, choiceCount: number) {
    this.#format = format;
    this.#choiceCount = Math.max(choiceCount, 1);
    this.#frames = new SseFrames((frame) => this.#read(frame));
  }

  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** Takes the end of the stream; a last frame counts even without its blank line. */
  finish(): void {
    const frame = this.#frames.finish();
    if (frame.data === undefined || (!isDone(frame.data) && parsed(frame.data) === undefined)) return;
    this.endedInFrame = true;
    this.#read(frame);
  }

  /** Every choice has its stop reason; only the terminal event may be missing. */
  get hasStopReason(): boolean {
    return this.#stoppedChoices.size >= this.#choiceCount;
  }

  /** The stream is an answer, if it ends here: there is content, or a reason for which there is none. */
  get isAnswer(): boolean {
    return this.hasContent || this.hasStopReason;
  }

  /** The offset in the stream from which bytes should wait for the end of their frame; undefined when all may pass. */
  get heldFrom(): number | undefined {
    return this.#frames.heldFrom;
  }

  /** The length of all whole frames but those that begin a stream. */
  get readBytes(): number {
    return this.#frames.endedBytes - this.#openingBytes;
  }

  /** The bytes are JSON or a web page, whatever their headers say. */
  get isForeign(): boolean {
    return foreignBeginnings.has(this.#frames.firstByte ?? 0);
  }

  /** A frame that was too large to be held has passed in part. */
  get isMidFrame(): boolean {
    return this.#frames.isMidFrame;
  }

  /** One more byte belongs to the last line. */
  get awaitsLineFeed(): boolean {
    return this.#frames.awaitsLineFeed;
  }

  #read(frame: SseFrame): void {
    if (this.isComplete || this.error !== undefined) return;
    if (this.#format === 'chat') this.#readChat(frame);
    else this.#readEvent(frame);
    if (this.error === undefined) {
      this.eventCount += 1;
      return;
    }
    this.errorData = frame.data === undefined ? undefined : Buffer.from(frame.data);
    this.errorFrom = frame.startOffset;
  }

  /** An event of Messages or Responses; relays leave out the `event:` line, or give each event the same one. */
  #readEvent({ event, data, isTooLong, startOffset, endOffset }: SseFrame): void {
    if (this.#name.event !== event) this.#name = nameOf(event);
    const { isNamed, isPart } = this.#name;
    // Once content has begun, and before a stop reason, further content is no news.
    if (isNamed && isPart && this.hasContent && this.#stoppedChoices.size === 0) return;
    const json = parsed(data);
    const type = isNamed ? event : (wordOf(json?.['type']) ?? event);
    if (openings.has(type)) this.#openingBytes += endOffset - startOffset;
    else if (isTooLong || json?.[unread] !== undefined) this.#say(undefined);
    if (type === 'error' || type === 'response.failed') this.error = errorOf(json);
    else if (!isNamed && !knownEvent.test(type)) this.error = errorInside(json);
    else if (this.#format === 'messages') this.#readMessages(type, json);
    else this.#readResponses(type, json);
  }

  #readMessages(type: string, json: Json | undefined): void {
    switch (type) {
      case 'content_block_start':
      case 'content_block_delta':
        if (hasSubstance([json?.['content_block'], json?.['delta']])) this.#say(undefined);
        return;
      case 'message_start': {
        const message = objectOf(json?.['message']);
        addUsage(this.usage, message?.['usage']);
        if (hasSubstance(message?.['content'])) this.#say(undefined);
        return;
      }
      case 'message_delta':
        addUsage(this.usage, json?.['usage']);
        this.#stop(undefined, objectOf(json?.['delta'])?.['stop_reason']);
        return;
      case 'message_stop':
        this.isComplete = true;
        return;
      default:
    }
  }

  #readChat({ event, data, isTooLong }: SseFrame): void {
    if (isTooLong) this.#say(undefined);
    if (data === undefined) return;
    if (isDone(data)) {
      this.isComplete = true;
      return;
    }
    const isNews = !this.hasContent || this.#stoppedChoices.size > 0 || event === 'error' || isChatNews(data);
    if (!isNews) return;
    const json = parsed(data);
    if (event === 'error' || isSomething(json?.['error'])) this.error = errorOf(json);
    else this.error = errorInside(json);
    if (this.error !== undefined) return;
    addUsageOfChunk(this.usage, json);
    if (json?.[unread] !== undefined) this.#say(undefined);
    for (const choice of objectsOf(json?.['choices'])) {
      if (choiceHasSubstance(choice)) this.#say(choice['index']);
      this.#stop(choice['index'], choice['finish_reason']);
    }
  }

  #readResponses(type: string, json: Json | undefined): void {
    switch (type) {
      case 'response.completed':
      case 'response.incomplete':
      case 'response.cancelled': {
        const response = objectOf(json?.['response']);
        addUsage(this.usage, response?.['usage']);
        const status = wordOf(response?.['status']);
        if (isSomething(response?.['error']) || status === 'failed' || status === 'cancelled')
          this.error = errorOf(json);
        else this.isComplete = true;
        if (hasSubstance(response?.['output'])) this.#say(undefined);
        this.#stop(undefined, endOfResponse(response) ?? (type === 'response.incomplete' ? 'incomplete' : undefined));
        return;
      }
      default:
        if (!type.startsWith('response.') || openings.has(type)) return;
        if (carriers.some((key) => hasSubstance(json?.[key]))) this.#say(undefined);
    }
  }

  /** A choice goes on: it has not ended, whatever was said before. */
  #say(choice: unknown): void {
    this.hasContent = true;
    this.#stoppedChoices.delete(choice);
  }

  #stop(choice: unknown, value: unknown): void {
    const reason = wordOf(value);
    if (reason === undefined) return;
    const failure = failureOfReason(reason);
    if (failure === undefined) this.#stoppedChoices.add(choice);
    else this.error = failure;
  }
}

/** The keys of a Responses event that carry a part of the answer. */
const carriers = [
  ...['delta', 'text', 'arguments', 'input', 'refusal', 'item', 'part', 'code', 'transcript'],
  'partial_image_b64',
];

/** `{`, `[` and `<`: no line of an event stream begins with them. */
const foreignBeginnings = new Set([0x7b, 0x5b, 0x3c]);

const knownEvent = /^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop)|ping|error|response\..+)$/;

/** The name of an event says whether it is one of the API's, and whether it carries a part of the answer. */
function nameOf(event: string) {
  const isPart = event.startsWith('content_block_') || /^response\..*(?:delta|added|done|in_progress)$/.test(event);
  return { event, isNamed: knownEvent.test(event), isPart };
}

function parsed(data: Buffer | undefined): Json | undefined {
  return data === undefined ? undefined : objectOf(outlineOf(data));
}

function errorOf(json: Json | undefined): Evidence {
  return json === undefined ? noEvidence : readError(json);
}

function isDone(data: Buffer): boolean {
  return data.length < 16 && data.toString('latin1').trim() === '[DONE]';
}

/** Whether a chunk after the first content may contain an error, a finish reason or token counts. */
function isChatNews(data: Buffer): boolean {
  if (data.indexOf(chatKeys.choices) === -1) return true;
  return (
    holdsValue(data, chatKeys.finishReason) || holdsValue(data, chatKeys.usage) || holdsValue(data, chatKeys.error)
  );
}

const chatKeys = {
  choices: Buffer.from('"choices"'),
  finishReason: Buffer.from('"finish_reason"'),
  usage: Buffer.from('"usage"'),
  error: Buffer.from('"error"'),
};

/**
 * Whether the bytes contain the key with a value other than null or an empty text. Inside a text its quotes are escaped, so it
 * is not found.
 */
function holdsValue(data: Buffer, key: Buffer): boolean {
  for (let at = data.indexOf(key); at !== -1; at = data.indexOf(key, at)) {
    at += key.length;
    while (data[at] === 0x20 || data[at] === 0x3a) at += 1;
    const isEmpty = data[at] === 0x22 && data[at + 1] === 0x22;
    if (data[at] !== 0x6e && !isEmpty) return true;
  }
  return false;
}
