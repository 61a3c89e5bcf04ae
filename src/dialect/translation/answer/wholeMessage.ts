import type { AnswerUsage, Delta, Stop } from '../form/delta.ts';
import { messageId, searchBlocks, stopFields, usageFields } from './messageParts.ts';
import type { MessagesOptions } from './messagesWriter.ts';

type Block = Record<string, unknown>;

/** Puts a whole answer of the Messages API together from the deltas of a whole answer. */
export class WholeMessage {
  readonly #options: MessagesOptions;
  readonly #blocks: Block[] = [];
  readonly #calls = new Map<string, Block>();
  /** The arguments of each call. */
  readonly #inputs = new Map<Block, string>();
  #id = '';
  #stop: Stop | undefined;
  #length = 0;
  usage: AnswerUsage | undefined;
  /** Something of substance is in it. */
  get hasContent(): boolean {
    return this.#blocks.length > 0;
  }

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  take(delta: Delta): void {
    const { seal, showsThinking, toolId, toolName } = this.#options;
    switch (delta.kind) {
      case 'begin':
        this.#id = delta.id;
        break;
      case 'text':
        this.#length += delta.text.length;
        this.#append('text', delta.text);
        break;
      case 'thinking':
        this.#length += delta.text.length;
        if (seal !== undefined) this.#append('thinking', showsThinking ? delta.text : '');
        break;
      case 'thinkingEnd':
        if (seal === undefined) break;
        this.#append('thinking', '');
        Object.assign(this.#blocks.at(-1) ?? {}, { signature: seal(delta.payload ?? { kind: 'text' }) });
        break;
      case 'toolBegin': {
        const block = { type: 'tool_use', id: toolId(delta.id), name: toolName(delta.name) };
        this.#blocks.push(block);
        this.#calls.set(delta.key, block);
        this.#inputs.set(block, '');
        break;
      }
      case 'toolInput': {
        const block = this.#calls.get(delta.key);
        if (block !== undefined) this.#inputs.set(block, `${this.#inputs.get(block) ?? ''}${delta.json}`);
        break;
      }
      case 'stop':
        this.#stop = delta.stop;
        break;
      case 'usage':
        this.usage = delta.usage;
        break;
      case 'webSearch': {
        const { use, result } = searchBlocks(delta, this.#blocks.length);
        this.#blocks.push({ ...use, input: { query: delta.query } }, result);
        break;
      }
      case 'toolEnd':
      case 'ping':
      case 'end':
      case 'error':
        break;
      default:
        delta satisfies never;
    }
  }

  /** The answer as JSON; undefined where the endpoint gave no reason to stop. */
  get json(): string | undefined {
    if (this.#stop === undefined) return undefined;
    const estimate = { input: this.#options.estimatedInput, output: Math.ceil(this.#length / 4) };
    const head = { id: messageId(this.#id), type: 'message', role: 'assistant', model: this.#options.model };
    const rest = { ...stopFields(this.#stop), usage: usageFields(this.usage, estimate) };
    const content = this.#blocks.map((block) => this.#blockText(block)).join(',');
    return `${JSON.stringify(head).slice(0, -1)},"content":[${content}],${JSON.stringify(rest).slice(1)}`;
  }

  /** Arguments stand exactly as they came: parsing would change large numbers. */
  #blockText(block: Block): string {
    const input = this.#inputs.get(block);
    if (input === undefined) return JSON.stringify(block);
    return `${JSON.stringify(block).slice(0, -1)},"input":${objectText(input)}}`;
  }

  #append(type: 'text' | 'thinking', text: string): void {
    const last = this.#blocks.at(-1);
    const isOpen = last?.['type'] === type && last['signature'] === undefined;
    if (isOpen) last[type] = `${String(last[type])}${text}`;
    else this.#blocks.push({ type, [type]: text });
  }
}

/** Arguments as JSON; those that were cut, with their answer, are kept as the text that they are. */
function objectText(json: string): string {
  if (json.trim() === '') return '{}';
  try {
    JSON.parse(json);
    return json;
  } catch {
    return JSON.stringify({ _raw: json });
  }
}
