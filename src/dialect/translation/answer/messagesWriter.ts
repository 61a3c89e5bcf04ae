import type { CarrierPayload } from '../form/carrier.ts';
import type { AnswerUsage, Delta, Stop } from '../form/delta.ts';
import { messageId, searchBlocks, stopFields, usageFields } from './messageParts.ts';

/** The facts of a request that the writer of its answer for Anthropic's clients needs. */
export interface MessagesOptions {
  /** The name that the client asked for: it keys prices and context windows on it. */
  readonly model: string;
  /** Gives the client's name of a tool, and an id that it may have. */
  readonly toolName: (sent: string) => string;
  readonly toolId: (sent: string) => string;
  /** Seals reasoning for its way back. Undefined where reasoning is neither shown nor brought back. */
  readonly seal: ((payload: CarrierPayload) => string) | undefined;
  /** False: the client gets the seal of the reasoning without its text. */
  readonly showsThinking: boolean;
  /** The tokens of the request, for an endpoint that tells none. */
  readonly estimatedInput: number;
}

/** Arguments of calls that wait for another one to end; no call has as many. */
const queueLimitLength = 8 * 1024 * 1024;

interface Block {
  readonly kind: 'thinking' | 'text' | 'tool' | 'search';
  readonly key: string;
}

/**
 * Writes an answer as events of the Messages API (translation.md 2.2): one block is open at a time, indexes are contiguous,
 * and what comes for a later call while one is open waits for its end.
 */
export class MessagesWriter {
  readonly #options: MessagesOptions;
  #open: Block | undefined;
  #nextIndex = 0;
  #hasBegun = false;
  #queue: Delta[] = [];
  #queuedLength = 0;
  #writtenLength = 0;
  #stop: Stop | undefined;
  #usage: AnswerUsage | undefined;
  #isOver = false;
  /** Something of substance has been written. */
  hasContent = false;
  eventCount = 0;
  /** More waits than is held. */
  hasOverflown = false;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** The tokens that the endpoint told; undefined while it has not. */
  get usage(): AnswerUsage | undefined {
    return this.#usage;
  }

  /** The events that a delta makes; empty where it makes none yet. */
  write(delta: Delta): string {
    if (this.#isOver || delta.kind === 'error') return '';
    if (this.#mustWait(delta)) {
      this.#queue.push(delta);
      this.#queuedLength +=
        delta.kind === 'toolInput' ? delta.json.length : delta.kind === 'text' ? delta.text.length : 0;
      this.hasOverflown = this.#queuedLength > queueLimitLength;
      return '';
    }
    return this.#write(delta) + this.#writeWaiting();
  }

  /** While a call is open, only what belongs to it, and what belongs to no block, is written. */
  #mustWait(delta: Delta): boolean {
    if (this.#open?.kind !== 'tool' || !('key' in delta)) return false;
    const isOfCall = delta.kind === 'toolInput' || delta.kind === 'toolEnd';
    return !isOfCall || delta.key !== this.#open.key;
  }

  /** Writes what has waited, as far as no other call is open again. */
  #writeWaiting(): string {
    let text = '';
    while (this.#open?.kind !== 'tool') {
      const next = this.#queue.shift();
      if (next === undefined) break;
      text += this.#write(next);
      if (!this.#isOpen('tool')) continue;
      const own = this.#queue.filter((delta) => !this.#mustWait(delta));
      this.#queue = this.#queue.filter((delta) => this.#mustWait(delta));
      text += own.map((delta) => this.#write(delta)).join('');
    }
    if (this.#queue.length === 0) this.#queuedLength = 0;
    return text;
  }

  #write(delta: Delta): string {
    switch (delta.kind) {
      case 'begin':
        return this.#begin(delta.id);
      case 'thinking':
        return this.#thinking(delta.key, delta.text);
      case 'thinkingEnd':
        return this.#thinkingEnd(delta.key, delta.payload);
      case 'text':
        return this.#text(delta.key, delta.text);
      case 'toolBegin':
        return this.#openBlock('tool', delta.key, {
          type: 'tool_use',
          id: this.#options.toolId(delta.id),
          name: this.#options.toolName(delta.name),
          input: {},
        });
      case 'toolInput':
        return this.#delta({ type: 'input_json_delta', partial_json: delta.json });
      case 'toolEnd':
        return this.#close();
      case 'webSearch':
        return this.#webSearch(delta);
      case 'stop':
        this.#stop = delta.stop;
        return '';
      case 'usage':
        this.#usage = delta.usage;
        return '';
      case 'ping':
        return this.#hasBegun ? this.#event('ping', {}) : '';
      case 'end':
        return this.#end();
      case 'error':
        return '';
      default:
        return delta satisfies never;
    }
  }

  #begin(id: string): string {
    if (this.#hasBegun) return '';
    this.#hasBegun = true;
    const message = {
      id: messageId(id),
      type: 'message',
      role: 'assistant',
      model: this.#options.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    };
    return this.#event('message_start', { message });
  }

  #text(key: string, text: string): string {
    this.#writtenLength += text.length;
    const opened = this.#isOpen('text') ? '' : this.#openBlock('text', key, { type: 'text', text: '' });
    return opened + this.#delta({ type: 'text_delta', text });
  }

  #thinking(key: string, thinking: string): string {
    if (this.#options.seal === undefined) return '';
    this.#writtenLength += thinking.length;
    const opened = this.#isOpen('thinking') ? '' : this.#openThinking(key);
    return this.#options.showsThinking ? opened + this.#delta({ type: 'thinking_delta', thinking }) : opened;
  }

  /** A signature is never made up: without a seal the client gets no reasoning at all. */
  #thinkingEnd(key: string, payload: CarrierPayload | undefined): string {
    const { seal } = this.#options;
    if (seal === undefined) return '';
    const opened = this.#isOpen('thinking') ? '' : this.#openThinking(key);
    return opened + this.#closeThinking(payload);
  }

  #openThinking(key: string): string {
    return this.#openBlock('thinking', key, { type: 'thinking', thinking: '', signature: '' });
  }

  #webSearch(search: Extract<Delta, { kind: 'webSearch' }>): string {
    const { key, query } = search;
    const closed = this.#close();
    const { use, result } = searchBlocks(search, this.#nextIndex);
    const opened = this.#openBlock('search', key, { ...use, input: {} });
    const input = this.#delta({ type: 'input_json_delta', partial_json: JSON.stringify({ query }) }) + this.#close();
    return closed + opened + input + this.#openBlock('search', key, result) + this.#close();
  }

  #end(): string {
    if (this.#stop === undefined) return '';
    let closed = '';
    while (this.#open !== undefined || this.#queue.length > 0) closed += this.#close() + this.#writeWaiting();
    this.#isOver = true;
    const estimate = { input: this.#options.estimatedInput, output: Math.ceil(this.#writtenLength / 4) };
    const usage = usageFields(this.#usage, estimate);
    return (
      closed + this.#event('message_delta', { delta: stopFields(this.#stop), usage }) + this.#event('message_stop', {})
    );
  }

  #isOpen(kind: Block['kind']): boolean {
    return this.#open?.kind === kind;
  }

  #openBlock(kind: Block['kind'], key: string, block: Readonly<Record<string, unknown>>): string {
    const closed = this.#close();
    this.#open = { kind, key };
    this.hasContent = true;
    return closed + this.#event('content_block_start', { index: this.#nextIndex, content_block: block });
  }

  #delta(delta: Readonly<Record<string, unknown>>): string {
    return this.#event('content_block_delta', { index: this.#nextIndex, delta });
  }

  #close(): string {
    if (this.#open === undefined) return '';
    // Reasoning whose end was not told is sealed all the same: a block without a seal would be refused later.
    return this.#open.kind === 'thinking' ? this.#closeThinking(undefined) : this.#closeBlock();
  }

  #closeThinking(payload: CarrierPayload | undefined): string {
    const signature = this.#options.seal?.(payload ?? { kind: 'text' }) ?? '';
    return this.#delta({ type: 'signature_delta', signature }) + this.#closeBlock();
  }

  #closeBlock(): string {
    this.#open = undefined;
    const closed = this.#event('content_block_stop', { index: this.#nextIndex });
    this.#nextIndex += 1;
    return closed;
  }

  #event(type: string, fields: Readonly<Record<string, unknown>>): string {
    this.eventCount += 1;
    return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  }
}
