import fc from 'fast-check';
import { chunk } from './casesChat.ts';
import { event } from './casesResponses.ts';

/** A call, its arguments in the pieces that they come in. */
export interface GeneratedCall {
  readonly name: string;
  readonly pieces: readonly string[];
}

/** An answer of Chat, in the pieces that it comes in. */
export interface GeneratedChat {
  readonly reasoning: readonly string[];
  readonly content: readonly string[];
  readonly calls: readonly GeneratedCall[];
  /** Which call the next piece is of, while several have some left. */
  readonly turns: readonly number[];
  /** Whether the next piece is in the chunk of the one before, if it can be. */
  readonly joins: readonly boolean[];
}

/** An item of Responses. `isWhole`: no piece of it comes before its end; `isAnnounced`: its beginning is told. */
export interface GeneratedItem {
  readonly kind: 'reasoning' | 'message' | 'function_call';
  /** Summaries, texts or one list of arguments, each in pieces. */
  readonly parts: readonly (readonly string[])[];
  readonly isWhole: boolean;
  readonly isAnnounced: boolean;
}

const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('', ' ', '\n\n', '[DONE]', '世😀'));
const pieces = fc.array(piece, { maxLength: 4 });
const argumentPieces = fc
  .tuple(fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 })), fc.integer({ min: 1, max: 9 }))
  .map(([input, size]) => JSON.stringify(input).match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []);
const name = fc.constantFrom('Read', 'Bash', 'mcp__a__b');

export const generatedChat: fc.Arbitrary<GeneratedChat> = fc.record({
  reasoning: pieces,
  content: pieces,
  calls: fc.array(fc.record({ name, pieces: argumentPieces }), { maxLength: 4 }),
  turns: fc.array(fc.nat(7), { maxLength: 30 }),
  joins: fc.array(fc.boolean(), { maxLength: 30 }),
});

export const generatedItems: fc.Arbitrary<readonly GeneratedItem[]> = fc.array(
  fc.record({ isWhole: fc.boolean(), isAnnounced: fc.boolean() }).chain((form) =>
    fc.oneof(
      fc.array(pieces, { maxLength: 3 }).map((parts) => ({ ...form, kind: 'reasoning' as const, parts })),
      fc.array(pieces, { maxLength: 3 }).map((parts) => ({ ...form, kind: 'message' as const, parts })),
      argumentPieces.map((parts) => ({ ...form, kind: 'function_call' as const, parts: [parts] })),
    ),
  ),
  { maxLength: 5 },
);

const usage = { prompt_tokens: 10, completion_tokens: 4 };
const called = (index: number, call: GeneratedCall, args: string) => ({
  index,
  id: `k${index}`,
  type: 'function',
  function: { name: call.name, arguments: args },
});

/** The answer as a stream of Chat, calls interleaved by their turns. */
export function chatStreamOf({ reasoning, content, calls, turns, joins }: GeneratedChat): string {
  const deltas: Record<string, unknown>[] = [
    ...reasoning.map((one) => ({ reasoning_content: one })),
    ...content.map((one) => ({ content: one })),
  ];
  const left = calls.map((call, index) => ({
    index,
    pieces: [called(index, call, ''), ...call.pieces.map((one) => ({ index, function: { arguments: one } }))],
  }));
  for (let nth = 0; left.some((one) => one.pieces.length > 0); nth += 1) {
    // The calls begin in their order; after that their pieces come in any.
    const begun = left.filter((one, index) => one.pieces.length > 0 && left.slice(0, index).every(hasBegun));
    const next = begun[(turns[nth % Math.max(1, turns.length)] ?? 0) % begun.length]?.pieces.shift();
    deltas.push({ tool_calls: [next] });
  }
  const joined: Record<string, unknown>[] = [];
  for (const [nth, delta] of deltas.entries()) {
    const last = joined.at(-1);
    const isNew = last === undefined || Object.keys(delta).some((key) => key in last);
    if (isNew || joins[nth] !== true) joined.push({ ...delta });
    else Object.assign(last, delta);
  }
  const end = { finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  const chunks = joined.map((delta, nth) => chunk({ delta, ...(joins[0] && nth === joined.length - 1 ? end : {}) }));
  return `${chunks.join('')}${joins[0] && joined.length > 0 ? '' : chunk({ delta: {}, ...end })}data: ${JSON.stringify({ choices: [], usage })}\n\n`;
}

function hasBegun(call: { readonly pieces: readonly object[] }): boolean {
  return !('id' in (call.pieces[0] ?? {}));
}

/** The same as a whole answer. */
export function chatWholeOf({ reasoning, content, calls }: GeneratedChat): object {
  const message = {
    role: 'assistant',
    content: content.join(''),
    reasoning_content: reasoning.join(''),
    tool_calls: calls.map((call, index) => called(index, call, call.pieces.join(''))),
  };
  const choice = { index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  return { id: 'c1', model: 'm-1', choices: [choice], usage };
}

const responsesUsage = { input_tokens: 10, output_tokens: 4 };

function itemOf({ kind, parts }: GeneratedItem, index: number): object {
  const texts = parts.map((part) => part.join(''));
  switch (kind) {
    case 'reasoning': {
      const summary = texts.map((text) => ({ type: 'summary_text', text }));
      return { type: kind, id: `rs_${index}`, summary, encrypted_content: `e${index}` };
    }
    case 'message':
      return { type: kind, id: `msg_${index}`, content: texts.map((text) => ({ type: 'output_text', text })) };
    case 'function_call':
      return { type: kind, id: `fc_${index}`, call_id: `k${index}`, name: 'Read', arguments: texts[0] };
    default:
      return kind satisfies never;
  }
}

const deltaTypes = {
  reasoning: 'reasoning_summary_text.delta',
  message: 'output_text.delta',
  function_call: 'function_call_arguments.delta',
};

/** The answer as a stream of Responses. */
export function responsesStreamOf(items: readonly GeneratedItem[]): string {
  const told = items.map((item, output_index) => {
    const { kind, parts, isWhole, isAnnounced } = item;
    const whole = itemOf(item, output_index);
    const empty = itemOf({ ...item, parts: [] }, output_index);
    const deltas = parts.flatMap((part, nth) =>
      part.map((delta) =>
        event(deltaTypes[kind], {
          output_index,
          [kind === 'reasoning' ? 'summary_index' : 'content_index']: nth,
          delta,
        }),
      ),
    );
    const isTold = isAnnounced || (!isWhole && kind === 'function_call');
    return [
      isTold ? event('output_item.added', { output_index, item: empty }) : '',
      ...(isWhole ? [] : deltas),
      event('output_item.done', { output_index, item: whole }),
    ].join('');
  });
  const response = { id: 'r1', model: 'm-1' };
  const first = event('created', { response: { ...response, status: 'in_progress' } });
  return `${first}${told.join('')}${event('completed', { response: { ...response, status: 'completed', usage: responsesUsage } })}`;
}

/** The same as a whole answer. */
export function responsesWholeOf(items: readonly GeneratedItem[]): object {
  return { id: 'r1', model: 'm-1', status: 'completed', output: items.map(itemOf), usage: responsesUsage };
}
