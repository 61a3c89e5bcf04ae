import { isRecord } from '../../../base/isRecord.ts';
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
  const cut = Buffer.concat([body.subarray(0, messages.start), list(kept), body.subarray(messages.end)]);
  return isOpenLoop(kept) ? withoutBudget(cut) : cut;
}

/** Whether the request goes on with calls whose reasoning has been cut: the last turn of the assistant has none left. */
function isOpenLoop(messages: readonly Buffer[]): boolean {
  const last = messages.findLastIndex((bytes) => roleAndKinds(bytes).role === 'assistant');
  const { kinds } = roleAndKinds(messages[last]);
  const isAnswered = messages.slice(last + 1).some((bytes) => roleAndKinds(bytes).kinds.includes('tool_result'));
  return isAnswered && kinds.includes('tool_use') && !/thinking$/.test(kinds[0] ?? '');
}

function roleAndKinds(bytes: Buffer | undefined): { readonly role: string; readonly kinds: readonly string[] } {
  const message: unknown = bytes === undefined ? undefined : JSON.parse(bytes.toString('utf8'));
  if (!isRecord(message)) return { role: '', kinds: [] };
  const { role, content } = message;
  const blocks: unknown[] = Array.isArray(content) ? content : [];
  return { role: String(role), kinds: blocks.map((block) => (isRecord(block) ? String(block['type']) : '')) };
}

/**
 * Models that think within a budget refuse to go on with calls without the thinking before them: they go on without thinking
 * until the calls are over, and without what only thinking allows. Models that decide by themselves take it.
 */
function withoutBudget(body: Buffer): Buffer {
  const fields = new TopLevelFields(body);
  const thinking = fields.findAnywhere('thinking');
  const isBudget =
    thinking !== undefined && /"type"\s*:\s*"enabled"/.test(body.toString('latin1', thinking.start, thinking.end));
  if (!isBudget) return body;
  const management = fields.findAnywhere('context_management');
  const edits = [
    { span: thinking, value: '{"type":"disabled"}' },
    ...(management === undefined ? [] : [{ span: management, value: 'null' }]),
  ].sort((a, b) => a.span.start - b.span.start);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { span, value } of edits) {
    parts.push(body.subarray(from, span.start), Buffer.from(value));
    from = span.end;
  }
  return Buffer.concat([...parts, body.subarray(from)]);
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
