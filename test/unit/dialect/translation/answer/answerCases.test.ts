import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { isRecord } from '../../../../../src/base/isRecord.ts';
import { frameLimitBytes } from '../../../../../src/dialect/sseFrames.ts';
import { chatCases, type StreamCase } from './casesChat.ts';
import { echoedEvents, echoingStream, responsesCases } from './casesResponses.ts';
import { assertInvariants } from './messageInvariants.ts';
import { type AnswerFormat, type MessagesEvent, translateStream } from './translate.ts';

const cases: readonly [AnswerFormat, readonly StreamCase[]][] = [
  ['chat', chatCases],
  ['responses', responsesCases],
];

for (const [format, streams] of cases) {
  describe(`a stream of ${format}, for a Messages client`, () => {
    for (const { title, stream, end, events } of streams) {
      it(`${title}`, async () => {
        for (const text of [stream, stream.replaceAll('\n', '\r\n')]) {
          for (const size of [undefined, 1, 7]) {
            const translated = translateStream(format, text, size === undefined ? {} : { size });
            assert.deepEqual(translated.events, events, `${size}`);
            assert.equal(translated.end, end);
            assertInvariants(translated.events);
            assert.equal(
              translated.hasContent,
              events.some(({ type }) => type === 'content_block_start'),
            );
          }
        }
        if (end === 'complete') await assertReadBySdk(translateStream(format, stream).text, events);
      });
    }
  });
}

describe('a stream of responses that repeats its request', () => {
  it('case 80: of 5 MB is read in the time of a scan, and what the request says is not taken for the answer', () => {
    const { events, end } = translateStream('responses', echoingStream(5_000_000), { size: 65_536 });
    assert.deepEqual(events, echoedEvents);
    assert.equal(end, 'complete');
  });
});

describe('an event that is too long to be read', () => {
  it('is not left out in silence', () => {
    const stream = `data: {"choices":[{"delta":{"content":"${'x'.repeat(frameLimitBytes)}"}}]}\n\n`;
    for (const format of ['chat', 'responses'] as const) {
      assert.equal(translateStream(format, stream, { size: 1_000_000 }).end, 'unusable', format);
    }
  });
});

/** Case 81: the vendor's own SDK puts the same message together as the events say. */
async function assertReadBySdk(text: string, events: readonly MessagesEvent[]): Promise<void> {
  const headers = { 'content-type': 'text/event-stream' };
  const fetch = () => Promise.resolve(new Response(text, { headers }));
  const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch });
  const stream = client.messages.stream({ model: 'x', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
  const final = await stream.finalMessage();
  const { delta, usage } = events.at(-2) ?? {};
  assert.ok(isRecord(delta) && isRecord(usage));
  assert.equal(final.stop_reason, delta['stop_reason']);
  assert.equal(final.stop_sequence, delta['stop_sequence']);
  assert.equal(final.usage.input_tokens, usage['input_tokens']);
  assert.equal(final.usage.output_tokens, usage['output_tokens']);
  assert.equal(final.usage.cache_read_input_tokens, usage['cache_read_input_tokens']);
  const blocks = final.content.map((block) => {
    if (block.type === 'text') return block.text;
    if (block.type === 'thinking') return `${block.thinking} ${block.signature}`;
    // A call that the limit of tokens cut has no arguments that an SDK could read.
    if (block.type === 'tool_use' && final.stop_reason !== 'max_tokens') return JSON.stringify(block.input);
    return block.type;
  });
  assert.deepEqual(blocks, blocksOf(events, final.stop_reason === 'max_tokens'));
}

function blocksOf(events: readonly MessagesEvent[], isCut: boolean): string[] {
  const deltas = events.filter(({ type }) => type === 'content_block_delta');
  return events.flatMap(({ type, index, content_block }) => {
    if (type !== 'content_block_start' || !isRecord(content_block)) return [];
    const own = deltas.filter((event) => event['index'] === index).map(({ delta }) => (isRecord(delta) ? delta : {}));
    const joined = (field: string) => own.map((delta) => delta[field] ?? '').join('');
    if (content_block['type'] === 'text') return [joined('text')];
    if (content_block['type'] === 'thinking') return [`${joined('thinking')} ${joined('signature')}`];
    if (content_block['type'] === 'tool_use' && !isCut) return [joined('partial_json') || '{}'];
    return [String(content_block['type'])];
  });
}
