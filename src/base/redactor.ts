/** Gives back a text with `[redacted]` in the place of every secret. */
export type Redact = (text: string) => string;

const shortestLength = 8;

/**
 * A function that cuts secrets out of texts: as they are, in JSON (also within a string of JSON), in a URL or a form, in
 * hexadecimal, and in base64 wherever in a longer text they stand. Secrets of less than 8 characters are left alone: they
 * would cut into words.
 */
export function redactor(secrets: Iterable<string>): Redact {
  const forms = [...secrets].filter(({ length }) => length >= shortestLength).flatMap(writtenForms);
  if (forms.length === 0) return (text) => text;
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length).map(literally);
  const pattern = new RegExp(longestFirst.join('|'), 'g');
  return (text) => text.replace(pattern, '[redacted]');
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

/** In base64 a text may start at any of three places; the characters at its edges hold bits of its neighbours. */
function base64After(shift: number, bytes: Buffer): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const isShared = (shift + bytes.length) % 3 !== 0;
  return whole.slice(shift === 0 ? 0 : shift + 1, isShared ? -1 : undefined);
}

/** A text as a pattern for itself. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
