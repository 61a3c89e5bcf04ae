import { type Evidence, noEvidence } from '../core/outcome/evidence.ts';
import type { Usage } from '../core/record/record.ts';
import { readError } from './readEvidence.ts';
import { type SseFrame, SseFrames } from './sseFrames.ts';
import { addUsage, emptyUsage } from './usage.ts';

/** The API whose events a stream carries. */
export type StreamFormat = 'messages' | 'chat' | 'responses';

/**
 * Follows the stream of an answer: whether content has begun, a stop reason was given, the terminal event has come, or an
 * error. Parses only the few events that carry such news or token counts.
 */
export class StreamReader {
  readonly #format: StreamFormat;
  readonly #frames: SseFrames;
  readonly #choiceCount: number;
  readonly #stoppedChoices = new Set<unknown>();
  /** Content has begun, or an answer without content has ended: from here on the answer is the client's. */
  hasContent = false;
  /** Every choice has its stop reason; only the terminal event may be missing. */
  hasStopReason = false;
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
    this.#choiceCount = choiceCount;
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

  /** The offset in the stream from which bytes should wait for the end of their frame; undefined when all may pass. */
  get heldFrom(): number | undefined {
    return this.#frames.heldFrom;
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
    if (this.#format === 'messages') this.#readMessages(frame);
    else if (this.#format === 'chat') this.#readChat(frame);
    else this.#readResponses(frame);
    if (this.isComplete) this.hasContent = true;
    if (this.error === undefined) {
      this.eventCount += 1;
      return;
    }
    this.errorData = frame.data;
    this.errorFrom = frame.startOffset;
  }

  #readMessages(frame: SseFrame): void {
    switch (frame.event === '' ? typeOf(frame.data) : frame.event) {
      case 'content_block_start':
        this.hasContent = true;
        return;
      case 'message_start':
        addUsage(this.usage, (parsed(frame.data)?.['message'] as Json | undefined)?.['usage']);
        return;
      case 'message_delta': {
        const event = parsed(frame.data);
        addUsage(this.usage, event?.['usage']);
        if (typeof (event?.['delta'] as Json | undefined)?.['stop_reason'] === 'string') this.hasStopReason = true;
        return;
      }
      case 'message_stop':
        this.isComplete = true;
        return;
      case 'error':
        this.error = errorOf(frame.data);
        return;
      default:
    }
  }

  #readChat(frame: SseFrame): void {
    const { data } = frame;
    if (data === undefined) return;
    if (isDone(data)) {
      this.isComplete = true;
      return;
    }
    if (frame.event !== 'error' && this.hasContent && !isChatNews(data)) return;
    const event = parsed(data);
    if (frame.event === 'error' || (event !== undefined && 'error' in event && event['error'] !== null)) {
      this.error = errorOf(data);
      return;
    }
    addUsage(this.usage, event?.['usage']);
    for (const choice of objectsOf(event?.['choices'])) {
      if (typeof choice['finish_reason'] === 'string') this.#stoppedChoices.add(choice['index']);
      if (isContent(choice['delta'])) this.hasContent = true;
    }
    if (this.#stoppedChoices.size >= this.#choiceCount) this.hasStopReason = true;
  }

  #readResponses(frame: SseFrame): void {
    switch (frame.event === '' ? typeOf(frame.data) : frame.event) {
      case 'response.output_item.added':
        this.hasContent = true;
        return;
      case 'response.completed':
      case 'response.incomplete':
        addUsage(this.usage, (parsed(frame.data)?.['response'] as Json | undefined)?.['usage']);
        this.isComplete = true;
        return;
      case 'response.failed':
      case 'error':
        this.error = errorOf(frame.data);
        return;
      default:
    }
  }
}

type Json = Readonly<Record<string, unknown>>;

function parsed(data: Buffer | undefined): Json | undefined {
  if (data === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(data: Buffer | undefined): Evidence {
  const event = parsed(data);
  return event === undefined ? noEvidence : readError(event);
}

/** The `type` of an event without an `event:` line. */
function typeOf(data: Buffer | undefined): string {
  const type = parsed(data)?.['type'];
  return typeof type === 'string' ? type : '';
}

function objectsOf(list: unknown): Json[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : [];
}

function isDone(data: Buffer): boolean {
  return data.length < 16 && data.toString('latin1').trim() === '[DONE]';
}

/** Whether a chunk after the first content may contain an error, a finish reason or token counts. */
function isChatNews(data: Buffer): boolean {
  return holdsValue(data, '"finish_reason"') || holdsValue(data, '"usage"') || holdsValue(data, '"error"');
}

/** Whether the bytes contain the key with a value other than null. Inside a text its quotes are escaped, so it is not found. */
function holdsValue(data: Buffer, key: string): boolean {
  for (let at = data.indexOf(key, 0, 'latin1'); at !== -1; at = data.indexOf(key, at, 'latin1')) {
    at += key.length;
    while (data[at] === 0x20 || data[at] === 0x3a) at += 1;
    if (data[at] !== 0x6e) return true;
  }
  return false;
}

function isContent(delta: unknown): boolean {
  if (typeof delta !== 'object' || delta === null) return false;
  return Object.entries(delta).some(
    ([key, value]) => key !== 'role' && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
}
