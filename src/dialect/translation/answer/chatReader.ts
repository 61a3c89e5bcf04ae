import { type Json, objectOf, objectsOf } from '../../jsonRead.ts';
import type { SseFrame } from '../../sseFrames.ts';
import { failureOfReason, wordOf } from '../../substance.ts';
import { addUsageOfChunk, emptyUsage } from '../../usage.ts';
import type { CarrierPayload } from '../form/carrier.ts';
import type { Stop } from '../form/delta.ts';
import type { AnswerReader, DeltaSink } from './answerReader.ts';
import { neutralUsage } from './answerUsage.ts';
import { ReasoningDetails } from './reasoningDetails.ts';
import { ToolCalls } from './toolCalls.ts';

/** The finish reasons of vendors that mean a refusal (OpenAI, Z.ai). */
const refusals = new Set(['content_filter', 'sensitive']);

/** Reads answers of Chat Completions, as OpenAI and the many vendors that imitate it send them (translation.md 2.1). */
export class ChatReader implements AnswerReader {
  readonly #sink: DeltaSink;
  readonly #calls: ToolCalls;
  readonly #details = new ReasoningDetails();
  /** The key of the call that an index means now. */
  readonly #keys = new Map<number, string>();
  readonly #usage = emptyUsage();
  #reasoningTokens: number | undefined;
  #id = '';
  #isThinking = false;
  #finish: string | undefined;
  #stopSequence: string | undefined;
  #refusal: string | undefined;
  #hasBegun = false;
  #isOver = false;
  isComplete = false;

  constructor(sink: DeltaSink) {
    this.#sink = sink;
    this.#calls = new ToolCalls(sink);
  }

  get canEnd(): boolean {
    return this.#finish !== undefined;
  }

  read({ data, isTooLong }: SseFrame): void {
    if (this.#isOver || this.isComplete) return;
    if (isTooLong) this.#broken('notAnAnswer');
    if (data === undefined) return;
    const text = data.toString('utf8');
    if (text.trim() === '[DONE]') {
      this.isComplete = true;
      return;
    }
    const chunk = parsed(text);
    if (chunk !== undefined) this.#readChunk(chunk, 'delta');
    // Half of a chunk may have held content: the answer would lack it in silence.
    else if (text.startsWith('{') && this.#finish === undefined) this.#broken('notAnAnswer');
  }

  readWhole(answer: unknown): void {
    const whole = objectOf(answer);
    if (whole === undefined || objectsOf(whole['choices']).length === 0) this.#broken('notAnAnswer');
    else this.#readChunk(whole, 'message');
    this.isComplete = true;
  }

  finish(): void {
    if (this.#isOver || this.#finish === undefined) return;
    this.#endThinking();
    const isCut = this.#finish === 'length';
    const rule = this.#calls.endAll((key) => `call_${this.#id}_${key}`, isCut);
    if (rule !== undefined) {
      this.#broken(rule);
      return;
    }
    this.#begin();
    this.#isOver = true;
    this.#sink({ kind: 'usage', usage: neutralUsage(this.#usage, this.#reasoningTokens) });
    this.#sink({ kind: 'stop', stop: this.#stop(this.#finish) });
    this.#sink({ kind: 'end' });
  }

  #readChunk(chunk: Json, part: 'delta' | 'message'): void {
    addUsageOfChunk(this.#usage, chunk);
    const details = objectOf(objectOf(chunk['usage'])?.['completion_tokens_details']);
    if (typeof details?.['reasoning_tokens'] === 'number') this.#reasoningTokens = details['reasoning_tokens'];
    if (chunk['error'] !== undefined && chunk['error'] !== null && chunk['choices'] === undefined) {
      this.#error(chunk);
      return;
    }
    this.#id ||= wordOf(chunk['id']) ?? '';
    const choice = objectsOf(chunk['choices']).find((one) => (one['index'] ?? 0) === 0);
    if (choice === undefined) return;
    this.#begin(wordOf(chunk['model']));
    const said = objectOf(choice[part]);
    if (said !== undefined && !this.#readSaid(said)) return;
    const reason = wordOf(choice['finish_reason']);
    if (reason === undefined) return;
    if (failureOfReason(reason) !== undefined) this.#error({ error: { type: reason, code: reason, message: reason } });
    this.#finish = reason;
    this.#stopSequence = wordOf(choice['stop_reason']);
  }

  /** Takes a delta or a message, reasoning first. Returns false when the answer cannot be used any more. */
  #readSaid(said: Json): boolean {
    this.#readReasoning(said);
    const content = textOf(said['content']);
    const refusal = wordOf(said['refusal']);
    if (refusal !== undefined) this.#refusal = (this.#refusal ?? '') + refusal;
    for (const text of [content, refusal ?? '']) {
      if (text === '') continue;
      this.#endThinking();
      this.#goesOn();
      this.#sink({ kind: 'text', key: 'text', text });
    }
    const legacy = objectOf(said['function_call']);
    const calls = objectsOf(said['tool_calls']);
    return [...calls, ...(legacy === undefined ? [] : [{ index: 0, function: legacy }])].every((call, nth) =>
      this.#readCall(call, nth),
    );
  }

  #readReasoning(said: Json): void {
    const details = objectsOf(said['reasoning_details']);
    this.#details.add(details);
    const plain = wordOf(said['reasoning_content']) ?? wordOf(said['reasoning']);
    const text = plain ?? details.map((one) => wordOf(one['text']) ?? wordOf(one['summary']) ?? '').join('');
    if (text === '') return;
    this.#isThinking = true;
    this.#goesOn();
    this.#sink({ kind: 'thinking', key: 'thinking', text });
  }

  #readCall(call: Json, nth: number): boolean {
    const { name, arguments: input } = objectOf(call['function']) ?? {};
    const id = wordOf(call['id']) ?? '';
    this.#endThinking();
    this.#goesOn();
    const key = this.#keyOf(call, id, nth);
    this.#calls.named(key, id, wordOf(name) ?? '');
    const piece =
      typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input);
    if (this.#calls.input(key, piece)) return true;
    this.#broken('endlessBlanks');
    return false;
  }

  /** By index; where servers leave it out or repeat it, a new id means a new call. */
  #keyOf(call: Json, id: string, nth: number): string {
    const { index } = call;
    const known = id === '' ? undefined : this.#calls.keyOfId(id);
    if (known !== undefined) return known;
    if (typeof index !== 'number') {
      const last = this.#calls.lastKey;
      return id === '' && last !== undefined && nth === 0 ? last : String(this.#calls.count);
    }
    const key = this.#keys.get(index) ?? String(index);
    const isOther = id !== '' && this.#calls.has(key) && this.#calls.idOf(key) !== '' && this.#calls.isWhole(key);
    const own = isOther ? `${index}+${this.#calls.count}` : key;
    this.#keys.set(index, own);
    return own;
  }

  #begin(model?: string): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#sink({ kind: 'begin', id: this.#id, model });
  }

  /** Content takes a stop reason back. */
  #goesOn(): void {
    this.#finish = undefined;
  }

  #endThinking(): void {
    const payload: CarrierPayload | undefined =
      this.#details.payload ?? (this.#isThinking ? { kind: 'text' } : undefined);
    if (payload === undefined) return;
    this.#isThinking = false;
    this.#details.clear();
    this.#sink({ kind: 'thinkingEnd', key: 'thinking', payload });
  }

  #stop(reason: string): Stop {
    if (this.#refusal !== undefined || refusals.has(reason)) return { kind: 'refusal', explanation: this.#refusal };
    if (reason === 'length') return { kind: 'maxTokens' };
    if (this.#calls.count > 0) return { kind: 'toolUse' };
    if (this.#stopSequence !== undefined && reason === 'stop') {
      return { kind: 'stopSequence', sequence: this.#stopSequence };
    }
    return { kind: 'endTurn' };
  }

  #error(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink({ kind: 'error', problem: { kind: 'told', error } });
  }

  #broken(rule: 'namelessTool' | 'brokenArguments' | 'endlessBlanks' | 'notAnAnswer'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink({ kind: 'error', problem: { kind: 'broken', rule } });
  }
}

function parsed(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A text, or that of a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => wordOf(part['text']) ?? '')
    .join('');
}
