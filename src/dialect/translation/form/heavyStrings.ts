/** Texts that are shorter cost little as JavaScript strings. */
const heavyBytes = 4096;
const quote = 0x22;

/**
 * The long values of a body's `data` fields (images, documents), which never become strings: a short mark stands for each
 * until the body for an endpoint is written. A mark has no letter that JSON escapes, and occurs nowhere in the body.
 */
export class HeavyStrings {
  readonly #body: Buffer;
  readonly #mark: string;
  readonly #spans: { readonly start: number; readonly end: number }[] = [];
  /** The body as text, with a mark for each long value. */
  readonly text: string;

  constructor(body: Buffer) {
    this.#body = body;
    let mark = '~heavy~';
    for (let nth = 0; body.includes(mark); nth += 1) mark = `~heavy-${nth}~`;
    this.#mark = mark;
    this.text = this.#lift();
  }

  /** JSON with the long values in the places of their marks. */
  lower(json: string): Buffer {
    if (this.#spans.length === 0) return Buffer.from(json);
    const parts: Buffer[] = [];
    let from = 0;
    const pattern = new RegExp(`${this.#mark}(\\d+)~`, 'g');
    for (const found of json.matchAll(pattern)) {
      const span = this.#spans[Number(found[1])];
      if (span === undefined) continue;
      parts.push(Buffer.from(json.slice(from, found.index)), this.#body.subarray(span.start, span.end));
      from = found.index + found[0].length;
    }
    parts.push(Buffer.from(json.slice(from)));
    return Buffer.concat(parts);
  }

  #lift(): string {
    const body = this.#body;
    if (body.length < heavyBytes) return body.toString('utf8');
    let text = '';
    let from = 0;
    for (let at = body.indexOf('"data"'); at !== -1; at = body.indexOf('"data"', at + 6)) {
      const start = valueStart(body, at + 6);
      const end = start === undefined ? -1 : body.indexOf(quote, start);
      if (start === undefined || end - start < heavyBytes || body.subarray(start, end).includes('\\')) continue;
      text += `${body.toString('utf8', from, start)}${this.#mark}${this.#spans.length}~`;
      this.#spans.push({ start, end });
      from = end;
      at = end - 6;
    }
    return text + body.toString('utf8', from);
  }
}

/** The first byte of the text behind a key; undefined where no text follows. */
function valueStart(body: Buffer, from: number): number | undefined {
  let at = from;
  while (isBlank(body[at])) at += 1;
  if (body[at] !== 0x3a) return undefined;
  at += 1;
  while (isBlank(body[at])) at += 1;
  return body[at] === quote ? at + 1 : undefined;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
