import { type Json, objectOf, objectsOf } from '../../jsonRead.ts';
import { openBrace } from '../../jsonScan.ts';
import type { SseFrame } from '../../sseFrames.ts';
import { wordOf } from '../../substance.ts';
import { TopLevelFields } from '../../topLevelFields.ts';
import { addUsage, emptyUsage } from '../../usage.ts';
import type { CarrierPayload } from '../form/carrier.ts';
import type { Stop, WebSource } from '../form/delta.ts';
import type { AnswerReader, DeltaSink } from './answerReader.ts';
import { neutralUsage } from './answerUsage.ts';
import { ToolCalls } from './toolCalls.ts';

/** Events that repeat the request, up to 200 KB each: little of them is read. */
const echoing = /^response\.(?:created|in_progress|queued|completed|incomplete|failed|cancelled)$/;
const endStatuses = new Set(['completed', 'incomplete', 'failed', 'cancelled']);
/** The fields of a response that are read, in such an event and in a whole answer. */
const responseFields = ['id', 'model', 'status', 'usage', 'incomplete_details', 'error'];

type SummaryItem = Extract<CarrierPayload, { kind: 'item' }>;

/** Reads answers of the Responses API (translation.md 2.5). */
export class ResponsesReader implements AnswerReader {
  readonly #sink: DeltaSink;
  readonly #calls: ToolCalls;
  readonly #usage = emptyUsage();
  /** The text of each part so far, which the events of its end repeat. */
  readonly #seen = new Map<string, string>();
  readonly #endedItems = new Set<string>();
  #reasoningTokens: number | undefined;
  #hasBegun = false;
  /** Text has come, which the last event may repeat. */
  #hasText = false;
  #isOver = false;
  #refusal: string | undefined;
  /** The end of reasoning waits for the item after it, which may name its phase. */
  #ending: { readonly key: string; readonly payload: SummaryItem | undefined } | undefined;
  #end: { readonly status: string; readonly reason: string | undefined } | undefined;
  isComplete = false;

  constructor(sink: DeltaSink) {
    this.#sink = sink;
    this.#calls = new ToolCalls(sink);
  }

  get canEnd(): boolean {
    return this.#end !== undefined;
  }

  read({ event, data, isTooLong }: SseFrame): void {
    if (this.#isOver || this.isComplete) return;
    if (data === undefined) {
      if (isTooLong && !echoing.test(event)) this.#broken('notAnAnswer');
      return;
    }
    if (echoing.test(event)) {
      this.#readEcho(event, data);
      return;
    }
    const json = parsed(data);
    const type = wordOf(json?.['type']) ?? event;
    if (echoing.test(type)) this.#readEcho(type, data);
    else if (type === 'error') this.#error(json);
    else if (json !== undefined) this.#readEvent(type, json);
    // Half of an event may have held content: the answer would lack it in silence.
    else if (data[0] === openBrace) this.#broken('notAnAnswer');
  }

  readWhole(answer: unknown): void {
    const response = objectOf(answer);
    this.isComplete = true;
    if (response === undefined || !Array.isArray(response['output'])) {
      this.#broken('notAnAnswer');
      return;
    }
    this.#begin(response);
    this.#readItems(response['output']);
    this.#readEnd(response);
  }

  finish(): void {
    const end = this.#end;
    if (this.#isOver || end === undefined) return;
    this.#endReasoning(undefined);
    const isCut = end.status === 'incomplete';
    const rule = this.#calls.endAll((key) => `call_${key}`, isCut);
    if (rule !== undefined) {
      this.#broken(rule);
      return;
    }
    this.#isOver = true;
    this.#sink({ kind: 'usage', usage: neutralUsage(this.#usage, this.#reasoningTokens) });
    this.#sink({ kind: 'stop', stop: this.#stop(end) });
    this.#sink({ kind: 'end' });
  }

  #readEcho(type: string, data: Buffer): void {
    const fields = new TopLevelFields(data).findAnywhere('response');
    const inner = fields === undefined ? undefined : data.subarray(fields.start, fields.end);
    if (inner === undefined) return;
    const response = fieldsOf(inner);
    this.#begin(response);
    if (type === 'response.created' || type === 'response.in_progress' || type === 'response.queued') return;
    // Some servers say it in the last event only.
    if (!this.#hasText && this.#calls.count === 0) this.#readItems(fieldOf(inner, 'output'));
    const status = wordOf(response['status']) ?? '';
    this.#readEnd({ ...response, status: endStatuses.has(status) ? status : type.slice('response.'.length) });
    this.isComplete = true;
  }

  #readEnd(response: Json): void {
    addUsage(this.#usage, response['usage']);
    const details = objectOf(objectOf(response['usage'])?.['output_tokens_details']);
    if (typeof details?.['reasoning_tokens'] === 'number') this.#reasoningTokens = details['reasoning_tokens'];
    const status = wordOf(response['status']) ?? 'completed';
    if (status === 'failed' || status === 'cancelled') {
      this.#error({ error: response['error'] ?? { code: status, message: status } });
      return;
    }
    if (!endStatuses.has(status)) return;
    this.#end = { status, reason: wordOf(objectOf(response['incomplete_details'])?.['reason']) };
  }

  #readEvent(type: string, json: Json): void {
    const index = String(json['output_index'] ?? json['item_id'] ?? objectOf(json['item'])?.['id'] ?? 0);
    const part = `${index}.${String(json['content_index'] ?? json['summary_index'] ?? 0)}`;
    const delta = wordOf(json['delta']) ?? '';
    if (type.startsWith('response.')) this.#begin({});
    switch (type) {
      case 'response.output_item.added':
        this.#itemBegan(index, objectOf(json['item']) ?? {});
        break;
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        this.#text(index, part, delta, type === 'response.refusal.delta');
        break;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        this.#thinking(index, part, delta);
        break;
      case 'response.function_call_arguments.delta':
        if (!this.#calls.input(index, delta)) this.#broken('endlessBlanks');
        break;
      case 'response.function_call_arguments.done':
        if (typeof json['arguments'] === 'string') this.#calls.wholeInput(index, json['arguments']);
        break;
      case 'response.output_item.done':
        this.#itemEnded(index, objectOf(json['item']) ?? {});
        break;
    }
  }

  #readItems(output: unknown): void {
    for (const [index, item] of objectsOf(output).entries()) {
      this.#itemBegan(String(index), item);
      this.#itemEnded(String(index), item);
    }
  }

  #itemBegan(index: string, item: Json): void {
    this.#endReasoning(wordOf(item['phase']));
    if (item['type'] === 'function_call') this.#named(index, item);
  }

  #named(index: string, item: Json): void {
    this.#calls.named(index, wordOf(item['call_id']) ?? '', wordOf(item['name']) ?? '');
  }

  /** Takes an item in its final form: what its deltas did not bring is told now. */
  #itemEnded(index: string, item: Json): void {
    if (this.#endedItems.has(index)) return;
    this.#endedItems.add(index);
    // An item may never have been announced.
    this.#endReasoning(wordOf(item['phase']));
    switch (item['type']) {
      case 'message':
        for (const [nth, part] of objectsOf(item['content']).entries()) {
          const isRefusal = part['type'] === 'refusal';
          const text = wordOf(part[isRefusal ? 'refusal' : 'text']) ?? '';
          this.#rest(`${index}.${nth}`, text, (rest, key) => this.#text(index, key, rest, isRefusal));
        }
        break;
      case 'reasoning':
        this.#reasoningEnded(index, item);
        break;
      case 'function_call':
        this.#named(index, item);
        if (typeof item['arguments'] === 'string') this.#calls.wholeInput(index, item['arguments']);
        this.#calls.end(index);
        break;
      case 'web_search_call':
        this.#sink({ kind: 'webSearch', key: index, query: queryOf(item), urls: sourcesOf(item) });
        break;
    }
  }

  #reasoningEnded(index: string, item: Json): void {
    const summary = objectsOf(item['summary']);
    const parts = summary.length > 0 ? summary : objectsOf(item['content']);
    for (const [nth, part] of parts.entries()) {
      this.#rest(`${index}.${nth}`, wordOf(part['text']) ?? '', (rest, key) => this.#thinking(index, key, rest));
    }
    const encrypted = wordOf(item['encrypted_content']);
    const id = wordOf(item['id']);
    const isShown = [...this.#seen.keys()].some((key) => key.startsWith(`${index}.`));
    if (encrypted === undefined && !isShown) return;
    const payload: SummaryItem | undefined =
      id === undefined ? undefined : { kind: 'item', id, encrypted, summary: [...summary] };
    this.#ending = { key: index, payload };
  }

  #endReasoning(phase: string | undefined): void {
    const ending = this.#ending;
    if (ending === undefined) return;
    this.#ending = undefined;
    const { key, payload } = ending;
    const whole = payload === undefined || phase === undefined ? payload : { ...payload, phase };
    this.#sink({ kind: 'thinkingEnd', key, payload: whole ?? { kind: 'text' } });
  }

  /** Tells the part of a text that has not come in pieces. */
  #rest(key: string, whole: string, tell: (rest: string, key: string) => void): void {
    const seen = this.#seen.get(key) ?? '';
    if (whole.length > seen.length && whole.startsWith(seen)) tell(whole.slice(seen.length), key);
  }

  #text(index: string, part: string, text: string, isRefusal: boolean): void {
    if (text === '') return;
    this.#endReasoning(undefined);
    this.#hasText = true;
    if (isRefusal) this.#refusal = (this.#refusal ?? '') + text;
    this.#saw(part, text);
    this.#sink({ kind: 'text', key: index, text });
  }

  #thinking(index: string, part: string, text: string): void {
    if (text === '') return;
    this.#endReasoning(undefined);
    const isFirst = !this.#seen.has(part);
    const isLater = isFirst && [...this.#seen.keys()].some((key) => key.startsWith(`${index}.`));
    this.#saw(part, text);
    // A blank line between two parts of a summary.
    this.#sink({ kind: 'thinking', key: index, text: isLater ? `\n\n${text}` : text });
  }

  #saw(part: string, text: string): void {
    this.#seen.set(part, (this.#seen.get(part) ?? '') + text);
  }

  #begin(response: Json): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#sink({ kind: 'begin', id: wordOf(response['id']) ?? '', model: wordOf(response['model']) });
  }

  #stop({ status, reason }: { readonly status: string; readonly reason: string | undefined }): Stop {
    if (this.#refusal !== undefined || reason === 'content_filter') {
      return { kind: 'refusal', explanation: this.#refusal };
    }
    if (status === 'incomplete') return { kind: 'maxTokens' };
    return { kind: this.#calls.count > 0 ? 'toolUse' : 'endTurn' };
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

function parsed(data: Buffer): Json | undefined {
  try {
    return objectOf(JSON.parse(data.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The fields of a response that are read, without the request that it repeats. */
function fieldsOf(response: Buffer): Json {
  return Object.fromEntries(responseFields.map((name) => [name, fieldOf(response, name)]));
}

function fieldOf(object: Buffer, name: string): unknown {
  const span = new TopLevelFields(object).findAnywhere(name);
  if (span === undefined) return undefined;
  try {
    return JSON.parse(object.toString('utf8', span.start, span.end));
  } catch {
    return undefined;
  }
}

function queryOf(item: Json): string {
  const action = objectOf(item['action']);
  return wordOf(action?.['query']) ?? '';
}

function sourcesOf(item: Json): WebSource[] {
  return objectsOf(objectOf(item['action'])?.['sources']).flatMap((source) => {
    const url = wordOf(source['url']);
    return url === undefined ? [] : [{ url, title: wordOf(source['title']) ?? url }];
  });
}
