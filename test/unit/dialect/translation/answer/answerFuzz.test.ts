import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRecord } from '../../../../../src/base/isRecord.ts';
import { chatCases } from './casesChat.ts';
import { responsesCases } from './casesResponses.ts';
import {
  chatStreamOf,
  chatWholeOf,
  generatedChat,
  generatedItems,
  responsesStreamOf,
  responsesWholeOf,
} from './generatedAnswers.ts';
import { assertInvariants } from './messageInvariants.ts';
import { type AnswerFormat, type MessagesEvent, translateStream, translateWhole } from './translate.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);

/** The message that a client puts together from its events. */
function messageOf(events: readonly MessagesEvent[]): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  const blocks: Record<string, unknown>[] = [];
  for (const { type, message: head, content_block, index, delta, usage } of events) {
    if (type === 'message_start' && isRecord(head)) Object.assign(message, head, { content: blocks });
    if (type === 'content_block_start' && isRecord(content_block)) blocks.push({ ...content_block });
    if (type === 'message_delta') Object.assign(message, delta, { usage });
    if (type === 'content_block_stop') {
      const block = blocks[Number(index)] ?? {};
      if (typeof block['json'] === 'string') block['input'] = JSON.parse(block['json']);
      delete block['json'];
    }
    if (type !== 'content_block_delta' || !isRecord(delta)) continue;
    const block = blocks[Number(index)] ?? {};
    for (const [name, value] of Object.entries(delta)) {
      if (name === 'type') continue;
      const field = name === 'partial_json' ? 'json' : name;
      block[field] = `${String(block[field] ?? '')}${String(value)}`;
    }
  }
  return message;
}

describe('translated answers, generated', () => {
  it('of chat say the same as a stream, in any pieces, and as a whole', () => {
    fc.assert(
      fc.property(generatedChat, fc.integer({ min: 1, max: 400 }), (answer, size) => {
        const { events, end } = translateStream('chat', chatStreamOf(answer), { size });
        assertInvariants(events);
        assert.equal(end, 'complete');
        assert.deepEqual(messageOf(events), translateWhole('chat', chatWholeOf(answer)));
        const said = messageOf(events)['content'] as Record<string, unknown>[];
        const calls = answer.calls.map(({ pieces }) => JSON.parse(pieces.join('')) as unknown);
        assert.equal(said.find(({ type }) => type === 'text')?.['text'] ?? '', answer.content.join(''));
        assert.equal(said.find(({ type }) => type === 'thinking')?.['thinking'] ?? '', answer.reasoning.join(''));
        assert.deepEqual(
          said.filter(({ type }) => type === 'tool_use').map(({ input }) => input),
          calls,
        );
      }),
      { numRuns },
    );
  });

  it('of responses say the same as a stream, in any pieces, and as a whole', () => {
    fc.assert(
      fc.property(generatedItems, fc.integer({ min: 1, max: 400 }), (items, size) => {
        const { events, end } = translateStream('responses', responsesStreamOf(items), { size });
        assertInvariants(events);
        assert.equal(end, 'complete');
        assert.deepEqual(messageOf(events), translateWhole('responses', responsesWholeOf(items)));
        const said = messageOf(events)['content'] as Record<string, unknown>[];
        const texts = items.filter(({ kind }) => kind === 'message').flatMap(({ parts }) => parts.flat());
        assert.equal(said.map(({ text }) => text ?? '').join(''), texts.join(''));
        const kinds = items.filter(({ kind }) => kind !== 'message').map(({ kind }) => kind);
        assert.deepEqual(
          said.filter(({ type }) => type !== 'text').map(({ type }) => type),
          kinds.map((kind) => (kind === 'reasoning' ? 'thinking' : 'tool_use')),
        );
      }),
      { numRuns },
    );
  });
});

const known: Readonly<Record<AnswerFormat, readonly string[]>> = {
  chat: chatCases.flatMap(({ stream }) => stream.split('\n\n')),
  responses: responsesCases.flatMap(({ stream }) => stream.split('\n\n')),
};
const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('', null, 0, 1, '0', [], {}));

/** An event of a format in which something is not as it should be. */
function oddFrame(format: AnswerFormat): fc.Arbitrary<string> {
  const frame = fc.constantFrom(...known[format].filter((one) => one !== ''));
  const values = /("[a-z_]+":)("(?:[^"\\]|\\.)*"|-?\d+|null|true|false|\[\]|\{\})/g;
  const changed = fc.tuple(frame, fc.nat(), anything).map(([one, nth, value]) => {
    const places = [...one.matchAll(values)];
    const place = places[nth % Math.max(1, places.length)];
    if (place === undefined) return one;
    const { 0: all, 1: key = '', index } = place;
    return `${one.slice(0, index)}${key}${JSON.stringify(value)}${one.slice(index + all.length)}`;
  });
  const cut = fc.tuple(frame, fc.nat()).map(([one, length]) => one.slice(0, length % one.length));
  const lines = fc.oneof(fc.string({ unit: 'binary' }), fc.json()).map((text) => `data: ${text}`);
  return fc.oneof(
    { weight: 6, arbitrary: frame },
    { weight: 4, arbitrary: changed },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: lines },
  );
}

const mayEnd: Readonly<Record<AnswerFormat, RegExp>> = {
  chat: /"finish_reason":"/,
  responses: /response\.(?:completed|incomplete)/,
};

for (const format of ['chat', 'responses'] as const) {
  describe(`translated answers of ${format} that are not as they should be`, () => {
    it('are messages all the same, as far as they go, and end only where the endpoint gave its reason', () => {
      fc.assert(
        fc.property(fc.array(oddFrame(format), { maxLength: 12 }), fc.boolean(), (frames, isSealed) => {
          const stream = frames.map((frame) => `${frame}\n\n`).join('');
          const translated = translateStream(format, stream, isSealed ? {} : { options: { seal: undefined } });
          assertInvariants(translated.events);
          const hasStopped = translated.events.some(({ type }) => type === 'message_stop');
          assert.equal(hasStopped, translated.end === 'complete');
          if (hasStopped) assert.match(stream, mayEnd[format]);
        }),
        { numRuns: numRuns * 5 },
      );
    });

    it('never throw, whatever their bytes are', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          assertInvariants(translateStream(format, Buffer.from(bytes)).events);
        }),
        { numRuns },
      );
    });

    it('never throw where they are one body', () => {
      fc.assert(
        fc.property(oddFrame(format), anything, (frame, value) => {
          translateWhole(format, value);
          translateWhole(format, { choices: [{ message: value, finish_reason: 'stop' }], output: [value] });
          const { json } = /data: (?<json>[\s\S]*)/.exec(frame)?.groups ?? {};
          translateWhole(format, parsed(json?.replaceAll('"delta"', '"message"') ?? ''));
        }),
        { numRuns },
      );
    });
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
