/** Returns the text with `[redacted]` in place of every secret. */
export type Redact = (text: string) => string;

const shortestLength = 8;

/**
 * Builds a function that redacts secrets in plain text, JSON (also nested in a JSON string), URLs and forms, hexadecimal, and
 * base64 at any offset of a longer text. Secrets below 8 characters are ignored, since they would match parts of words.
 */
export function redactor(secrets: Iterable<string>): Redact {
  const forms = [...secrets].filter(({ length }) => length >= shortestLength).flatMap(writtenForms);
  if (forms.length === 0) return (text) => text;
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length).map(literally);
  const pattern = new RegExp(longestFirst.join('|'), 'g');
  const redact: Redact = (text) => text.replace(pattern, '[redacted]');
  return remembering(redact);
}

/** The names of clients and models come with every request: the latest short texts are remembered. */
const remembered = { texts: 200, length: 100 } as const;

function remembering(redact: Redact): Redact {
  const known = new Map<string, string>();
  return (text) => {
    if (text.length > remembered.length) return redact(text);
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= remembered.texts) known.clear();
    const after = redact(text);
    known.set(text, after);
    return after;
  };
}

function writtenForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const json = inJson(secret);
  const ascii = json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const base64 = [0, 1, 2].map((shift) => base64After(shift, bytes));
  const hex = bytes.toString('hex');
  return [
    secret,
    json,
    inJson(json),
    ascii,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    ...base64,
    ...base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Base64 has three alignments; the characters at the edges contain bits of neighbouring bytes and are left out. */
function base64After(shift: number, bytes: Buffer): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const isShared = (shift + bytes.length) % 3 !== 0;
  return whole.slice(shift === 0 ? 0 : shift + 1, isShared ? -1 : undefined);
}

/** Escapes a text for use in a regular expression. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
