import { inspect } from 'node:util';
import type { GeneratedAnswer } from './generatedAnswer.ts';
import type { Observation } from './observedAnswer.ts';

/** An answer as a client told of it, and whether the client kept the connection. */
export interface Told extends Observation {
  /** The next request went out on the same connection. */
  readonly isKept: boolean;
}

/** A difference that is meant, named by its reason. In most of them ours is the stricter reading. */
interface AllowedKind {
  readonly name: string;
  holds(answer: GeneratedAnswer, own: Told, reference: Told): boolean;
}

/** We refuse, at the same place or earlier. */
function refuses(own: Told, reference: Told): boolean {
  return own.end === 'HPE_INVALID' && reference.body.subarray(0, own.body.length).equals(own.body);
}

const lastInterim = /HTTP\/1\.[01] 1(?:01|\d\d[\s\S]*?\r\nconnection:[^\r]*close)/i;
const oddWords = /^HTTP\/1\.[01] \d{3}[^\n]*?(?:\r(?!\n)|[^\t\r\n\x20-\x7e\x80-\xff])/m;
/** A length or coding in a head that has no end. */
const cutOffLength = /\r\n(?:content-length|transfer-encoding):(?![\s\S]*\r\n\r\n)/i;
const codings = /\r\ntransfer-encoding:[ \t]*([^\r]*?)[ \t]*(?=\r\n)/gi;

const allowedKinds: readonly AllowedKind[] = [
  {
    name: 'an interim answer that no answer can follow: an unasked switch of protocols, or the end of the connection',
    holds: ({ bytes }, own, reference) => lastInterim.test(bytes.toString('latin1')) && refuses(own, reference),
  },
  {
    name: 'a transfer coding other than chunked, or two: its bytes would reach the client undone',
    holds: ({ bytes }, own, reference) => {
      const all = [...bytes.toString('latin1').matchAll(codings)].map(([, coding = '']) => coding.toLowerCase());
      return (all.length > 1 || all.some((one) => one !== 'chunked')) && refuses(own, reference);
    },
  },
  {
    name: 'a reset is no end of a body that ends with its connection',
    holds: ({ ending }, own, reference) =>
      ending === 'reset' && own.end === 'ECONNRESET' && isSame({ ...own, end: 'end' }, reference),
  },
  {
    name: 'a body that is cut off is a lost connection, also where no other request was to follow on it',
    holds: (_, own, reference) =>
      own.end === 'UND_ERR_SOCKET' &&
      reference.end === 'HPE_INVALID' &&
      own.status !== undefined &&
      isSame({ ...own, end: reference.end }, reference),
  },
  {
    name: 'a reset inside an answer is a reset, also where no other request was to follow on its connection',
    holds: ({ ending }, own, reference) =>
      ending === 'reset' &&
      own.end === 'ECONNRESET' &&
      reference.end === 'HPE_INVALID' &&
      isSame({ ...own, end: reference.end }, reference),
  },
  {
    name: 'line ends in front of an answer',
    holds: ({ bytes }, own, reference) =>
      /(?:^|\r\n\r\n)[\r\n]/.test(bytes.toString('latin1')) &&
      (refuses(own, reference) || (own.end === 'HPE_INVALID' && own.status === undefined)),
  },
  {
    name: 'the beginning of RTSP or ICE, which the parser of undici knows, too',
    holds: ({ bytes }, own, reference) =>
      /^[RI]/.test(bytes.toString('latin1')) && own.status === undefined && refuses(own, reference),
  },
  {
    name: '100 Continue that nobody asked for is read over (RFC 9110 15.2)',
    holds: ({ bytes }, own, reference) =>
      bytes.includes(' 100') && own.interim.includes(100) && reference.end === 'UND_ERR_SOCKET',
  },
  {
    name: 'blanks behind a length (RFC 9110 5.5), of which undici takes some',
    holds: ({ bytes }, _, reference) =>
      /\r\ncontent-length:[ \t]*\d+[ \t]+\r\n/i.test(bytes.toString('latin1')) && reference.end === 'HPE_INVALID',
  },
  {
    name: 'a tab behind `chunked` is a blank (RFC 9110 5.5): undici takes the chunks themselves for the body',
    holds: ({ bytes }, _, reference) =>
      /\r\ntransfer-encoding:[ \t]*chunked[ \t]*\t/i.test(bytes.toString('latin1')) &&
      /^[\da-f]/i.test(reference.body.toString('latin1')),
  },
  {
    name: 'an extension of a chunk without its name or value',
    holds: ({ bytes }, own, reference) =>
      /\n[\da-f]+;(?:=|[^\r]*(?:;=|=[;\r]))/i.test(bytes.toString('latin1')) && refuses(own, reference),
  },
  {
    name: 'a head that is 64 KiB long with its separators, which undici does not count',
    holds: ({ bytes }, own) => bytes.length > 64 * 1024 && own.end === 'UND_ERR_HEADERS_OVERFLOW',
  },
  {
    name: 'control characters in the words of a status',
    holds: ({ bytes }, own, reference) => oddWords.test(bytes.toString('latin1')) && refuses(own, reference),
  },
  {
    name: 'a head that is cut off behind a wrong length or coding: ours are read when a head is complete',
    holds: ({ bytes }, own, reference) =>
      cutOffLength.test(bytes.toString('latin1')) &&
      own.status === undefined &&
      reference.status === undefined &&
      (own.end === 'UND_ERR_SOCKET' || own.end === 'ECONNRESET') &&
      reference.end === 'HPE_INVALID',
  },
  {
    name: 'a length of more than 15 digits, which a number does not hold exactly',
    holds: ({ bytes }, own, reference) =>
      /\r\ncontent-length:[ \t]*\d{16,}[ \t]*\r\n/i.test(bytes.toString('latin1')) && refuses(own, reference),
  },
  {
    name: 'a status of 000, which undici refuses when a head is complete',
    holds: ({ bytes }, own, reference) =>
      /^HTTP\/1\.[01] 000/m.test(bytes.toString('latin1')) && refuses(own, reference),
  },
  {
    name: 'line ends behind an answer: the connection is not kept',
    holds: ({ bytes }, own, reference) =>
      /[\r\n]$/.test(bytes.toString('latin1')) && !own.isKept && isSame({ ...own, isKept: true }, reference),
  },
  {
    name: 'chunks in HTTP/1.0: the connection is not kept',
    holds: ({ bytes }, own, reference) =>
      bytes.includes('HTTP/1.0') && !own.isKept && isSame({ ...own, isKept: true }, reference),
  },
];

/** A difference between the two clients. */
export interface Difference {
  /** The kind, where it is allowed. */
  readonly allowed: string | undefined;
  readonly text: string;
}

/** The difference in what the clients tell of an answer; undefined where there is none. */
export function differenceOf(answer: GeneratedAnswer, own: Told, reference: Told): Difference | undefined {
  if (isSame(own, reference)) return undefined;
  const allowed = allowedKinds.find((kind) => kind.holds(answer, own, reference))?.name;
  return { allowed, text: allowed === undefined ? told(answer, own, reference) : '' };
}

/** Both tell the same; how much of an answer had come before it was given up is chance. */
export function isSame(own: Told, reference: Told): boolean {
  return (
    own.isPauseHeeded &&
    own.end === reference.end &&
    own.status === reference.status &&
    own.isKept === reference.isKept &&
    (own.body.equals(reference.body) || own.end === 'ABORTED') &&
    own.interim.join() === reference.interim.join() &&
    JSON.stringify(own.headers) === JSON.stringify(reference.headers)
  );
}

function told(answer: GeneratedAnswer, own: Told, reference: Told): string {
  const bytes = inspect(answer.bytes.toString('latin1'), { maxStringLength: 1500 });
  const { seed, method, cuts, ending, pausesAt, abortsAt } = answer;
  const script = inspect({ method, cuts, ending, pausesAt: [...pausesAt], abortsAt }, { breakLength: 200 });
  return `seed ${seed} ${script}\n  ${bytes}\n  ours   ${short(own)}\n  undici ${short(reference)}`;
}

function short({ body, ...rest }: Told): string {
  return inspect(
    { ...rest, body: body.toString('latin1') },
    { breakLength: 400, maxStringLength: 80, maxArrayLength: 8 },
  );
}
