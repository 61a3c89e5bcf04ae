import { arrayElements, objectFields, type Span, type Steps } from '../../jsonScan.ts';
import { TopLevelFields } from '../../topLevelFields.ts';
import { carrierMark } from './carrier.ts';

/** Each member that is looked at costs many steps: a small body must have enough. */
const leastSteps = 4_000_000;

/**
 * The body of a native request without our carriers, which no vendor may see: each block that holds one is left out, and a
 * message that has nothing else. All other bytes of messages are the client's. The same buffer where there is none.
 */
export function cutCarriers(body: Buffer): Buffer {
  if (!body.includes(carrierMark)) return body;
  const steps = { left: body.length * 8 + leastSteps };
  const messages = new TopLevelFields(body).findAnywhere('messages');
  if (messages === undefined) return body;
  const kept = [...arrayElements(body, messages, steps)].flatMap((message) => {
    const bytes = holds(body, message) ? withoutCarriers(body, message, steps) : bytesOf(body, message);
    return bytes === undefined ? [] : [bytes];
  });
  return Buffer.concat([body.subarray(0, messages.start), list(kept), body.subarray(messages.end)]);
}

/** A message without its carriers; undefined for one that is nothing else. */
function withoutCarriers(body: Buffer, message: Span, steps: Steps): Buffer | undefined {
  const content = [...objectFields(body, message, steps)].find(({ key }) => key === 'content');
  const blocks = content === undefined ? [] : [...arrayElements(body, content, steps)];
  const kept = blocks.filter((block) => !isCarrierBlock(body, block, steps));
  if (content === undefined || kept.length === blocks.length) return bytesOf(body, message);
  if (kept.length === 0) return undefined;
  const bytes = kept.map((block) => bytesOf(body, block));
  return Buffer.concat([
    body.subarray(message.start, content.start),
    list(bytes),
    body.subarray(content.end, message.end),
  ]);
}

function bytesOf(body: Buffer, { start, end }: Span): Buffer {
  return body.subarray(start, end);
}

function list(elements: readonly Buffer[]): Buffer {
  const parts = elements.flatMap((one, index) => (index === 0 ? [one] : [comma, one]));
  return Buffer.concat([opening, ...parts, closing]);
}

const opening = Buffer.from('[');
const comma = Buffer.from(',');
const closing = Buffer.from(']');

function holds(body: Buffer, { start, end }: Span): boolean {
  const at = body.indexOf(carrierMark, start);
  return at !== -1 && at < end;
}

function isCarrierBlock(body: Buffer, block: Span, steps: Steps): boolean {
  if (!holds(body, block)) return false;
  const fields = [...objectFields(body, block, steps)];
  const textOf = (name: string): string => {
    const field = fields.find(({ key }) => key === name);
    return field === undefined ? '' : body.toString('latin1', field.start + 1, field.end - 1);
  };
  const sealField = { thinking: 'signature', redacted_thinking: 'data' }[textOf('type')];
  return sealField !== undefined && textOf(sealField).startsWith(carrierMark);
}
