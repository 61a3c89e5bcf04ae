import assert from 'node:assert/strict';
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzipSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { renderFrames, scriptAnswer } from '../../../src/simulated/answerScript.ts';
import { anthropicStreamEvents } from '../../../src/simulated/anthropicWire.ts';
import type { Compression } from '../../../src/simulated/behaviour.ts';
import {
  chat,
  chatJson,
  eventData,
  eventNames,
  messages,
  messagesJson,
  open,
  rawPost,
  responses,
  send,
  sendRaw,
  withEndpoint,
} from './client.ts';

const decodeWhole = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync, deflate: inflateSync };
const decoder = { gzip: createGunzip, br: createBrotliDecompress, zstd: createZstdDecompress, deflate: createInflate };
const encodings = Object.keys(decodeWhole) as Compression[];

describe('a healthy simulated endpoint', () => {
  it(
    'streams a Messages answer that names it',
    withEndpoint(
      async (endpoint) => {
        const { status, headers, body, error } = await send(endpoint, messages);
        assert.equal(status, 200);
        assert.equal(error, undefined);
        assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8');
        assert.match(String(headers['request-id']), /^req_\w{24}$/);
        assert.equal(headers['x-simulated-by'], 'amber');
        const delta = 'content_block_delta';
        assert.deepEqual(eventNames(body), [
          'message_start',
          'content_block_start',
          ...[delta, delta, delta, delta, delta],
          'content_block_stop',
          'message_delta',
          'message_stop',
        ]);
        assert.match(body.toString(), /"text":"Hello from amber\. "/);
        assert.match(body.toString(), /"stop_reason":"end_turn"/);
      },
      { name: 'amber' },
    ),
  );

  it(
    'answers the same as one JSON body when the request does not stream',
    withEndpoint(async (endpoint) => {
      const { headers, body } = await send(endpoint, messagesJson);
      assert.equal(headers['content-type'], 'application/json');
      assert.equal(headers['content-length'], String(body.length));
      const message = JSON.parse(body.toString());
      assert.equal(message.type, 'message');
      assert.equal(message.model, 'claude-x');
      assert.match(message.content[0].text, /^Hello from simulated\. /);
      const explicit = await send(endpoint, { ...messagesJson, body: { stream: false } });
      assert.equal(explicit.headers['content-type'], 'application/json');
    }),
  );

  it(
    'puts thinking or a tool call first, in the stream and in the JSON body',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', first: 'thinking', text: 'So be it.' });
      assert.match((await send(endpoint)).body.toString(), /thinking_delta[\s\S]*signature_delta[\s\S]*text_delta/);
      const thought = JSON.parse((await send(endpoint, messagesJson)).body.toString());
      assert.deepEqual(
        thought.content.map((block: { type: string }) => block.type),
        ['thinking', 'text'],
      );
      endpoint.behave({ kind: 'healthy', first: 'toolUse', textEvents: 0 });
      const stream = (await send(endpoint)).body.toString();
      assert.match(stream, /"type":"tool_use"[\s\S]*input_json_delta[\s\S]*"stop_reason":"tool_use"/);
      assert.doesNotMatch(stream, /text_delta/);
      const call = JSON.parse((await send(endpoint, messagesJson)).body.toString());
      assert.deepEqual(call.content[0].input, { path: 'README.md' });
    }),
  );

  it(
    'reports the usage it is told to, cache included',
    withEndpoint(async (endpoint) => {
      const usage = { inputTokens: 7, outputTokens: 11, cacheReadTokens: 13, cacheWriteTokens: 17 };
      endpoint.behave({ kind: 'healthy', usage });
      const anthropic = JSON.parse((await send(endpoint, messagesJson)).body.toString());
      assert.deepEqual(anthropic.usage, {
        input_tokens: 7,
        cache_creation_input_tokens: 17,
        cache_read_input_tokens: 13,
        output_tokens: 11,
      });
      const [start] = eventData((await send(endpoint)).body) as { message: { usage: object } }[];
      assert.deepEqual(start?.message.usage, { ...anthropic.usage, output_tokens: 1 });
      const openai = JSON.parse((await send(endpoint, chatJson)).body.toString());
      assert.equal(openai.usage.prompt_tokens, 37);
      assert.equal(openai.usage.completion_tokens, 11);
      assert.equal(openai.usage.prompt_tokens_details.cached_tokens, 13);
    }),
  );

  it(
    'streams Chat chunks that end with [DONE], with the usage when asked for',
    withEndpoint(async (endpoint) => {
      const data = eventData((await send(endpoint, chat)).body);
      assert.equal(data.at(-1), '[DONE]');
      assert.doesNotMatch(JSON.stringify(data), /"usage"/);
      const body = { ...chat.body, stream_options: { include_usage: true } };
      const withUsage = eventData((await send(endpoint, { ...chat, body })).body);
      assert.match(JSON.stringify(withUsage.at(-2)), /"choices":\[\],"usage":\{"prompt_tokens":25/);
      assert.deepEqual(eventNames((await send(endpoint, chat)).body), []);
    }),
  );

  it(
    'streams Responses events under their real names, numbered',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', textEvents: 2 });
      const { body } = await send(endpoint, responses);
      assert.deepEqual(eventNames(body), [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
        'response.output_text.delta',
        'response.output_text.delta',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.completed',
      ]);
      const numbers = (eventData(body) as { sequence_number: number }[]).map((event) => event.sequence_number);
      assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }),
  );

  it(
    'answers embeddings, one for each input, and count_tokens',
    withEndpoint(async (endpoint) => {
      const path = '/v1/embeddings';
      const two = JSON.parse((await send(endpoint, { path, body: { model: 'e', input: ['a', 'b'] } })).body.toString());
      assert.equal(two.data.length, 2);
      assert.deepEqual(two.data[1].embedding, [0.25, -0.5, 0.125, 0.0625]);
      const counted = await send(endpoint, { path: '/v1/messages/count_tokens?beta=true', body: { model: 'm' } });
      assert.equal(counted.body.toString(), '{"input_tokens":4}');
    }),
  );

  it(
    'writes the text in as many events as asked, losing nothing',
    withEndpoint(async (endpoint) => {
      const text = 'Grüße aus dem Stellwerk 🚂 — alles frei.';
      for (const textEvents of [1, 3, 1000]) {
        endpoint.behave({ kind: 'healthy', text, textEvents });
        const deltas = (eventData((await send(endpoint)).body) as { delta?: { text?: string } }[])
          .map((event) => event.delta?.text)
          .filter((piece) => piece !== undefined);
        assert.equal(deltas.length, Math.min(textEvents, [...text].length));
        assert.equal(deltas.join(''), text);
      }
    }),
  );

  it(
    'sends pings: events in Messages, comments in Chat',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', pings: 2, textEvents: 2 });
      const names = eventNames((await send(endpoint)).body);
      assert.deepEqual(names.slice(0, 5), [
        'message_start',
        'ping',
        'content_block_start',
        'ping',
        'content_block_delta',
      ]);
      assert.equal((await send(endpoint, chat)).body.toString().split(': keep-alive\n\n').length, 3);
    }),
  );

  it(
    'adds rate-limit and other headers, repeated ones too',
    withEndpoint(async (endpoint) => {
      const headers = { 'X-Extra': 'one', 'set-cookie': ['a=1', 'b=2'] };
      endpoint.behave({ kind: 'healthy', rateLimitHeaders: true, headers });
      const anthropic = await send(endpoint);
      assert.equal(anthropic.headers['anthropic-ratelimit-requests-remaining'], '3999');
      assert.match(String(anthropic.headers['anthropic-ratelimit-requests-reset']), /^\d{4}-\d\d-\d\dT[\d:]+Z$/);
      assert.equal(anthropic.headers['x-extra'], 'one');
      assert.deepEqual(anthropic.headers['set-cookie'], ['a=1', 'b=2']);
      assert.equal((await send(endpoint, chat)).headers['x-ratelimit-reset-tokens'], '15ms');
    }),
  );
});

/** The sizes of the chunks of a chunked body, the last (empty) one included. */
function sizesOfChunks(wire: string): number[] {
  const sizes: number[] = [];
  for (let at = 0; at < wire.length; ) {
    const size = Number.parseInt(wire.slice(at), 16);
    sizes.push(size);
    at = wire.indexOf('\r\n', at) + 2 + size + 2;
  }
  return sizes;
}

describe('the bytes of a healthy answer', () => {
  const script = scriptAnswer({ textEvents: 2 }, { name: 'n', model: 'm', id: 'I' });

  it('are LF or CRLF throughout', () => {
    const lf = renderFrames(anthropicStreamEvents(script));
    const crlf = renderFrames(anthropicStreamEvents(script), '\r\n');
    assert.equal(crlf.replaceAll('\r\n', '\n'), lf);
    assert.doesNotMatch(crlf, /[^\r]\n/);
  });

  it(
    'come on the wire with the line ending and the trailing extra asked for',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', lineEnding: '\r\n', trailing: ': bye\r\n\r\n' });
      const text = (await send(endpoint)).body.toString();
      assert.doesNotMatch(text, /[^\r]\n/);
      assert.match(text, /"message_stop"\}\r\n\r\n: bye\r\n\r\n$/);
    }),
  );

  it(
    'come in pieces of one byte, or of the sizes in a list: each is an HTTP chunk of its own',
    withEndpoint(async (endpoint) => {
      const post = rawPost('/v1/messages', messages.body).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
      const chunkSizes = async (chunkBytes: number | number[]) => {
        endpoint.behave({ kind: 'healthy', textEvents: 1, chunkBytes });
        const { bytes } = await sendRaw(endpoint.port, post);
        return sizesOfChunks(bytes.slice(bytes.indexOf('\r\n\r\n') + 4));
      };
      const ones = await chunkSizes(1);
      const total = endpoint.seen[0]?.bytesSent ?? 0;
      assert.deepEqual(ones, [...Array.from({ length: total }, () => 1), 0]);
      const listed = await chunkSizes([1, 2, 100]);
      assert.deepEqual(listed.slice(0, 6), [1, 2, 100, 1, 2, 100]);
      assert.equal(
        listed.reduce((sum, size) => sum + size),
        total,
      );
    }),
  );

  it(
    'come in pieces when they are JSON too, and fit together',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', chunkBytes: 7, eventDelayMs: 1 });
      const { chunks, body } = await send(endpoint, messagesJson);
      assert.equal(JSON.parse(body.toString()).type, 'message');
      assert.ok(chunks.length > 1);
    }),
  );

  for (const encoding of encodings) {
    it(
      `are compressed as ${encoding}, and each event can be decoded as it comes`,
      withEndpoint(async (endpoint) => {
        endpoint.behave({ kind: 'healthy', compress: encoding });
        const whole = await send(endpoint, messagesJson);
        assert.equal(whole.headers['content-encoding'], encoding);
        assert.equal(JSON.parse(decodeWhole[encoding](whole.body).toString()).type, 'message');
        const stream = await send(endpoint);
        assert.match(decodeWhole[encoding](stream.body).toString(), /message_start[\s\S]*message_stop/);

        endpoint.behave({ kind: 'hang', at: { afterEvents: 2 }, answer: { compress: encoding } });
        const half = open(endpoint);
        let decoded = '';
        const decode = decoder[encoding]().on('data', (text: Buffer) => {
          decoded += text;
        });
        await half.until(({ chunks }) => {
          for (const chunk of chunks.splice(0)) decode.write(chunk);
          return (
            chunks.length === 0 &&
            endpoint.seen.at(-1)?.bytesSent === half.received.body.length &&
            half.received.body.length > 0
          );
        });
        await new Promise<void>((resolve) => decode.flush(resolve));
        assert.equal(eventNames(Buffer.from(decoded)).filter((name) => name === 'content_block_delta').length, 2);
        assert.ok(decoded.endsWith('\n\n'));
        half.request.destroy();
        decode.destroy();
      }),
    );
  }

  it(
    'wait where they are told to wait: before the head, before the first event, between events',
    withEndpoint(async (endpoint) => {
      endpoint.behaveNext(
        { kind: 'healthy', firstByteDelayMs: 60_000 },
        { kind: 'healthy', firstByteDelayMs: 1, firstEventDelayMs: 60_000 },
        { kind: 'healthy', firstEventDelayMs: 1, eventDelayMs: 60_000 },
        { kind: 'healthy', firstByteDelayMs: 1, firstEventDelayMs: 1, eventDelayMs: 1 },
      );
      const beforeHead = open(endpoint);
      await endpoint.seenCount(1);
      const beforeFirst = open(endpoint);
      await beforeFirst.until(({ status }) => status === 200);
      const between = open(endpoint);
      await between.until(({ body }) => body.length > 0);
      assert.equal(eventNames((await send(endpoint)).body).at(-1), 'message_stop');
      assert.equal(beforeHead.received.status, 0);
      assert.equal(beforeFirst.received.body.length, 0);
      assert.deepEqual(eventNames(between.received.body), ['message_start']);
    }),
  );

  it(
    'do not end before what they are told to wait for, and JSON does not wait',
    withEndpoint(async (endpoint) => {
      const heard = Promise.withResolvers<void>();
      endpoint.behave({ kind: 'healthy', lastEventAfter: () => heard.promise });
      const stream = open(endpoint);
      await stream.until(({ body }) => eventNames(body).at(-1) === 'message_delta');
      assert.equal((await send(endpoint, messagesJson)).status, 200);
      assert.equal(eventNames(stream.received.body).at(-1), 'message_delta');
      heard.resolve();
      await stream.until(({ body }) => eventNames(body).at(-1) === 'message_stop');
    }),
  );
});
