import type { DeltaSink } from './answerReader.ts';

/** No model means so many blanks in a row (Copilot's servers send them without end). */
const maxBlanks = 500;

/** A call of a tool, as far as it has come. */
interface Call {
  readonly key: string;
  id: string;
  name: string;
  /** The arguments so far. */
  input: string;
  /** The end of them that has not been told. */
  untold: string;
  isBegun: boolean;
  isEnded: boolean;
  blanks: number;
}

/**
 * The calls of an answer: they are told once their names are known, in the order of their beginnings, and their arguments
 * piece by piece as they come.
 */
export class ToolCalls {
  readonly #sink: DeltaSink;
  readonly #calls = new Map<string, Call>();
  #last: Call | undefined;

  constructor(sink: DeltaSink) {
    this.#sink = sink;
  }

  get count(): number {
    return this.#calls.size;
  }

  has(key: string): boolean {
    return this.#calls.has(key);
  }

  /** The key of the call that came last. */
  get lastKey(): string | undefined {
    return this.#last?.key;
  }

  idOf(key: string): string {
    return this.#calls.get(key)?.id ?? '';
  }

  keyOfId(id: string): string | undefined {
    for (const call of this.#calls.values()) if (call.id === id) return call.key;
    return undefined;
  }

  /** Whether the arguments so far are JSON, or none. */
  isWhole(key: string): boolean {
    const input = this.#calls.get(key)?.input ?? '';
    return input.trim() === '' || isJson(input);
  }

  /** Takes what is known of a call: empty texts say nothing, and an id or a name that comes again is no news. */
  named(key: string, id: string, name: string): void {
    const call = this.#at(key);
    if (call.id === '') call.id = id;
    if (call.name === '') call.name = name;
    this.#tell(call);
  }

  /** Takes the next piece of the arguments. Returns false for blanks without end. */
  input(key: string, piece: string): boolean {
    const call = this.#at(key);
    // Some servers send all of the arguments once more at their end.
    if (piece === '' || (piece.length > 1 && piece === call.input && isJson(piece))) return true;
    call.blanks = /\S/.test(piece) ? piece.length - piece.trimEnd().length : call.blanks + piece.length;
    if (call.blanks > maxBlanks) return false;
    call.input += piece;
    // A part cut out of all of them would copy them for each piece: a string that grows is put together when it is read.
    call.untold += piece;
    this.#tell(call);
    return true;
  }

  /** Takes all of the arguments: what has not come yet follows, if it goes on from what has. */
  wholeInput(key: string, input: string): void {
    const call = this.#at(key);
    if (!input.startsWith(call.input)) return;
    this.input(key, input.slice(call.input.length));
  }

  end(key: string): void {
    const call = this.#calls.get(key);
    if (call === undefined || call.isEnded) return;
    this.#tell(call);
    if (!call.isBegun) return;
    call.isEnded = true;
    this.#sink({ kind: 'toolEnd', key });
  }

  /** Ends all calls. Returns the rule that one of them breaks; arguments may be cut where the answer is. */
  endAll(generatedId: (key: string) => string, isCut: boolean): 'namelessTool' | 'brokenArguments' | undefined {
    for (const call of this.#calls.values()) {
      if (call.name === '') return 'namelessTool';
      if (!isCut && !this.isWhole(call.key)) return 'brokenArguments';
      if (call.id === '') call.id = generatedId(call.key);
      this.end(call.key);
    }
    return undefined;
  }

  #at(key: string): Call {
    const known = this.#calls.get(key);
    if (known !== undefined) {
      this.#last = known;
      return known;
    }
    // The call before is over if it can be: the client may read it while this one comes.
    if (this.#last !== undefined && this.#last.input !== '' && this.isWhole(this.#last.key)) this.end(this.#last.key);
    const call = { key, id: '', name: '', input: '', untold: '', isBegun: false, isEnded: false, blanks: 0 };
    this.#calls.set(key, call);
    this.#last = call;
    return call;
  }

  #tell(call: Call): void {
    if (call.isEnded || call.id === '' || call.name === '') return;
    const { key, id, name } = call;
    if (!call.isBegun) this.#sink({ kind: 'toolBegin', key, id, name });
    call.isBegun = true;
    const json = call.untold;
    call.untold = '';
    if (json !== '') this.#sink({ kind: 'toolInput', key, json });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
