import { RandomSource } from '../unit/simulator/drafts/randomSource.ts';
import { mutated } from './mutated.ts';

/** One request and the bytes that it is answered with. */
export interface GeneratedAnswer {
  readonly seed: number;
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly bytes: Buffer;
  /** Where the bytes are cut: each piece arrives on its own. */
  readonly cuts: readonly number[];
  /** The end of the connection after them; `open`: only if the client still waits. */
  readonly ending: 'open' | 'fin' | 'reset';
  /** The client pauses at these events of the answer (0 is its head), for a few turns each. */
  readonly pausesAt: ReadonlySet<number>;
  /** The client gives up at this event. */
  readonly abortsAt: number | undefined;
}

/** The answer of this seed: valid ones of each framing, and as many again with a few bytes changed. */
export function generatedAnswer(seed: number): GeneratedAnswer {
  const random = new RandomSource(seed);
  const method = random.pick(['GET', 'GET', 'POST', 'POST', 'POST', 'POST', 'HEAD'] as const);
  const whole = interimHeads(random) + answer(random, method);
  const text = random.chance(0.5) ? mutated(whole, random) : whole;
  const bytes = Buffer.from(text + (random.chance(0.05) ? surplus(random) : ''), 'latin1');
  const ending = random.pick(['open', 'open', 'open', 'open', 'open', 'open', 'fin', 'reset'] as const);
  const abortsAt = random.chance(0.02) ? random.between(0, 1) : undefined;
  const pauses =
    ending !== 'reset' && abortsAt === undefined && random.chance(0.1)
      ? [random.between(0, 2), random.between(0, 5)]
      : [];
  return {
    seed,
    method,
    bytes,
    cuts: cutsOf(bytes.length, random),
    ending,
    pausesAt: new Set(pauses),
    abortsAt,
  };
}

function cutsOf(length: number, random: RandomSource): number[] {
  const count = random.chance(0.4) ? 0 : random.chance(0.05) ? 40 : random.between(0, 4);
  const cuts = new Set(Array.from({ length: count }, () => random.between(1, Math.max(1, length - 1))));
  return [...cuts].filter((at) => at < length).sort((a, b) => a - b);
}

function interimHeads(random: RandomSource): string {
  if (!random.chance(0.06)) return '';
  const one = () => {
    const status = random.pick(['102 Processing', '103 Early Hints', '199 Odd', '101 Switching Protocols']);
    return `HTTP/1.1 ${status}\r\n${random.chance(0.5) ? 'link: </a>\r\n' : ''}\r\n`;
  };
  return Array.from({ length: random.between(1, 3) }, one).join('');
}

const statuses = ['200 OK', '200', '200 ', '201 Created', '204 No Content', '304 Not Modified', '400 Bad Request'];
const moreStatuses = ['429 Too Many Requests', '500 Internal Server Error', '529 Overloaded', '999 ', '226 \xe4\xff'];
const names = ['x-a', 'X-Request-Id', 'anthropic-ratelimit-requests-remaining', 'Date', 'cf-ray', '__proto__', 'x-a'];
const values = [
  '1',
  '',
  'a b\tc',
  '\xe9\xa0',
  '"q", r',
  'x'.repeat(300),
  'Tue, 01 Dec 2026 10:00:00 GMT',
  '  padded\t ',
];

function answer(random: RandomSource, method: string): string {
  const version = random.chance(0.07) ? 'HTTP/1.0' : 'HTTP/1.1';
  const status = random.chance(0.6) ? '200 OK' : random.pick([...statuses, ...moreStatuses]);
  const isBodiless = method === 'HEAD' || /^(?:204|304)/.test(status);
  const [framing, body] = framed(random, isBodiless && !random.chance(0.05));
  const lines = [...otherHeaders(random)];
  lines.splice(random.between(0, lines.length), 0, ...framing);
  return [`${version} ${status}`, ...lines, '', isBodiless ? '' : body].join('\r\n');
}

function otherHeaders(random: RandomSource): string[] {
  const lines = Array.from({ length: random.between(0, 5) }, () => {
    const space = random.pick([' ', '', '  ', '\t']);
    return `${random.pick(names)}:${space}${random.pick(values)}`;
  });
  if (random.chance(0.3)) {
    const said = [
      'keep-alive',
      'close',
      'Keep-Alive',
      'close, x-a',
      'x-a,keep-alive',
      'upgrade',
      'Close',
      'keep-alive, close',
    ];
    lines.push(`${random.pick(['connection', 'Connection'])}: ${random.pick(said)}`);
  }
  if (random.chance(0.1))
    lines.push(`keep-alive: ${random.pick(['timeout=60', 'timeout=2', 'timeout=3, max=5', 'x'])}`);
  if (random.chance(0.002)) lines.push(`x-huge: ${'h'.repeat(60_000 + random.between(0, 9999))}`);
  return lines;
}

/** The headers that say how long the body is, and the body. */
function framed(random: RandomSource, isEmpty: boolean): readonly [string[], string] {
  const body = content(random);
  switch (random.pick(['length', 'length', 'length', 'chunks', 'chunks', 'chunks', 'rest', 'none'] as const)) {
    case 'length':
      return [
        [`${random.pick(['content-length', 'Content-Length'])}: ${isEmpty ? random.pick([0, 9]) : body.length}`],
        body,
      ];
    case 'chunks':
      return [[`transfer-encoding: ${random.pick(['chunked', 'chunked', 'Chunked'])}`], chunks(body, random)];
    case 'rest':
      return [[], body];
    case 'none':
      return [['content-length: 0'], ''];
  }
}

function content(random: RandomSource): string {
  if (random.chance(0.003)) return 'L'.repeat(70_000 + random.between(0, 199_999));
  const length = random.chance(0.2) ? random.between(0, 3) : random.between(0, 599);
  return 'abcdefghij\r\n'.repeat(Math.ceil(length / 12)).slice(0, length);
}

function chunks(body: string, random: RandomSource): string {
  let text = '';
  for (let at = 0; at < body.length; ) {
    const size = random.between(1, random.chance(0.3) ? 5 : body.length);
    const chunk = body.slice(at, at + size);
    text += `${hex(chunk.length, random)}${extension(random)}\r\n${chunk}\r\n`;
    at += size;
  }
  const trailers = random.chance(0.1) ? random.pick(['x-t: 1\r\n', 'x-t: 1\r\nx-u:\r\n', 'content-length: 3\r\n']) : '';
  return `${text}${random.pick(['0', '0', '0', '00'])}${extension(random)}\r\n${trailers}\r\n`;
}

function hex(size: number, random: RandomSource): string {
  const digits = size.toString(16);
  if (random.chance(0.1)) return `00${digits}`;
  return random.chance(0.2) ? digits.toUpperCase() : digits;
}

function extension(random: RandomSource): string {
  return random.chance(0.05) ? random.pick([';a', ';a=b', ';a="b c"', ';a=b;c', ';a="\\""', '; a=b', ' ']) : '';
}

function surplus(random: RandomSource): string {
  return random.pick(['\r\n', 'x', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno', '0\r\n\r\n', '\0', '\n']);
}
