const offset = 0x811c9dc5;
const prime = 0x01000193;

/** The events of a world, line by line, with a hash over them: two runs of a seed must give the same hash. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #nowMs: () => number;
  #hash = offset;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** FNV-1a over every line so far. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }

  /** `subject` is a request's id, an endpoint's, or `world`. */
  add(subject: string, text: string): void {
    const line = `${this.#nowMs()} ${subject} ${text}`;
    this.#lines.push(line);
    let hash = this.#hash;
    for (let at = 0; at < line.length; at += 1) hash = Math.imul(hash ^ line.charCodeAt(at), prime);
    this.#hash = hash >>> 0;
  }

  /** All lines of these subjects, and the last `count` whosoever. */
  excerpt(subjects: ReadonlySet<string>, count: number): string[] {
    const tail = this.#lines.length - count;
    return this.#lines.filter((line, at) => at >= tail || subjects.has(line.split(' ', 2)[1] ?? ''));
  }
}
