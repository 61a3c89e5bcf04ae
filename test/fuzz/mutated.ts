import type { RandomSource } from '../unit/simulator/drafts/randomSource.ts';

const snippets = [
  ...['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ';', ',', '0', '9', 'a', 'F', '\x7f', '\x80', '\xff', '\x0b', '"', '='],
  ...['\r\n x', '\r\n\tx', '\r\n\r\n', 'content-length: 5\r\n', 'Content-Length: 0\r\n', 'content-length: +5\r\n'],
  ...['transfer-encoding: chunked\r\n', 'transfer-encoding: gzip, chunked\r\n', 'transfer-encoding: identity\r\n'],
  ...[
    'connection: close\r\n',
    'x y: 1\r\n',
    ': 1\r\n',
    'x\r\n',
    'x : 1\r\n',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ],
  ...['99999999999999999999', 'fffffffffffffffff', '-1', '0x5', '1e3'],
];

/** The text with one to three small changes, most of them where lines begin and end. */
export function mutated(text: string, random: RandomSource): string {
  let result = text;
  for (let count = random.between(1, 3); count > 0; count -= 1) result = changed(result, random);
  return result;
}

function changed(text: string, random: RandomSource): string {
  const at = place(text, random);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  switch (random.between(0, 6)) {
    case 0:
      return before + String.fromCharCode(random.between(0, 255)) + after.slice(1);
    case 1:
      return before + random.pick(snippets) + after;
    case 2:
      return before + after.slice(random.between(1, 3));
    case 3:
      return before + after.slice(0, 8) + after;
    case 4:
      return random.chance(0.5) ? before : before + after.slice(random.between(0, 39));
    case 5:
      return before + after.replace('\r\n', random.pick(['\n', '\r', '\r\r\n', '\n\r']));
    default:
      return before + random.pick(snippets) + after.slice(random.between(0, 3));
  }
}

/** Framing is where clients differ: bodies are changed less often. */
function place(text: string, random: RandomSource): number {
  const headEnd = text.indexOf('\r\n\r\n') + 4;
  if (random.chance(0.2)) return random.between(0, text.length);
  const near = random.chance(0.5) ? headEnd : text.length;
  const lines = [...text.slice(0, Math.min(near, 3000)).matchAll(/\r\n|:/g)].map(({ index }) => index);
  const line = lines.length === 0 ? 0 : random.pick(lines);
  return Math.max(0, Math.min(text.length, line + random.between(0, 4) - 1));
}
