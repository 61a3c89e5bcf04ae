import type { DeltaSink } from './answerReader.ts';

/**
 * Ends an answer at the first of its stop sequences, for endpoints that cannot be told them (translation.md 2.7). The longest
 * end of the text that may become one waits for what follows.
 */
export class StopCutter {
  readonly #sequences: readonly string[];
  readonly #sink: DeltaSink;
  #held = '';
  #key = '';
  /** The answer has been ended here. */
  hasCut = false;

  constructor(sequences: readonly string[], sink: DeltaSink) {
    this.#sequences = sequences.filter((one) => one !== '');
    this.#sink = sink;
  }

  readonly take: DeltaSink = (delta) => {
    // Its counts come with a whole answer only: the endpoint has made all of it.
    if (this.hasCut && delta.kind === 'usage') this.#sink(delta);
    if (this.hasCut) return;
    if (delta.kind !== 'text') {
      this.#release(this.#held.length);
      this.#sink(delta);
      return;
    }
    if (delta.key !== this.#key) this.#release(this.#held.length);
    this.#key = delta.key;
    this.#held += delta.text;
    const match = this.#firstMatch();
    if (match === undefined) {
      this.#release(this.#held.length - this.#waitingLength());
      return;
    }
    this.#release(match.at);
    this.hasCut = true;
    this.#sink({ kind: 'stop', stop: { kind: 'stopSequence', sequence: match.sequence } });
    this.#sink({ kind: 'end' });
  };

  /** The sequence that is complete first: a model that knows them stops there, however the text is cut into pieces. */
  #firstMatch(): { readonly at: number; readonly sequence: string } | undefined {
    const matches = this.#sequences.flatMap((sequence) => {
      const at = this.#held.indexOf(sequence);
      return at === -1 ? [] : [{ at, sequence }];
    });
    return matches.sort((a, b) => endOf(a) - endOf(b) || a.at - b.at)[0];
  }

  /** The length of the longest end that is the beginning of a sequence. */
  #waitingLength(): number {
    const longest = Math.max(0, ...this.#sequences.map(({ length }) => length - 1));
    for (let length = Math.min(longest, this.#held.length); length > 0; length -= 1) {
      const end = this.#held.slice(-length);
      if (this.#sequences.some((sequence) => sequence.startsWith(end))) return length;
    }
    return 0;
  }

  #release(length: number): void {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    if (text !== '') this.#sink({ kind: 'text', key: this.#key, text });
  }
}

function endOf({ at, sequence }: { readonly at: number; readonly sequence: string }): number {
  return at + sequence.length;
}
