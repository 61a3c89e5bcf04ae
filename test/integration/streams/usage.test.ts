import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { requestCost } from '../../../src/core/record/prices.ts';
import type { Compression, Answer as SimulatedAnswer } from '../../../src/simulated/behaviour.ts';
import {
  anyAnswer,
  type ExactEndpoint,
  piecesOf,
  startExactEndpoint,
  writePieces,
} from '../../support/endpoints/exactEndpoint.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { message, type Scene, startScene } from '../../support/scenes/scene.ts';

interface Way {
  readonly name: string;
  readonly path: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** The usage that a record reports. */
  readonly usage: object;
}

const counts = { inputTokens: 31, outputTokens: 17, cacheReadTokens: 1900, cacheWriteTokens: 400 };
const ofOpenai = { ...counts, inputTokens: 31 + 1900 + 400 };
const messages = [{ role: 'user', content: 'Hello' }];
const ways: readonly Way[] = [
  { name: 'Messages', path: '/v1/messages', json: { model: 'claude-opus-5', max_tokens: 9, messages }, usage: counts },
  {
    name: 'Chat',
    path: '/v1/chat/completions',
    json: { model: 'gpt-5', messages, stream_options: { include_usage: true } },
    usage: ofOpenai,
  },
  { name: 'Responses', path: '/v1/responses', json: { model: 'gpt-5', input: 'Hello' }, usage: ofOpenai },
];
const codings: readonly (Compression | undefined)[] = [undefined, 'gzip', 'br', 'zstd', 'deflate'];

/** Text that no coding makes much smaller: over 64 KiB in each of them. */
const longText = randomBytes(150_000).toString('base64').replaceAll(/.{40}/g, '$& ');

describe('what a request used', () => {
  let scene: Scene;
  let exact: ExactEndpoint;

  before(async () => {
    exact = await startExactEndpoint();
    scene = await startScene({
      parts: [
        { id: 'first', config: { models: ['claude-*'] } },
        { id: 'exact', config: { models: ['exact'], dialect: 'openai', baseUrl: exact.url } },
        { id: 'second', config: { models: ['gpt-*', 'embed-*'], dialect: 'openai' }, simulated: { auth: 'bearer' } },
      ],
    });
  });

  beforeEach(() => {
    exact.letGo();
    return scene.renew();
  });

  after(async () => {
    await scene.close();
    await exact.close();
  });

  function behave(answer: SimulatedAnswer): void {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave({ kind: 'healthy', usage: counts, ...answer });
  }

  async function usageOf(answer: Answer): Promise<object | undefined> {
    assert.equal(answer.status, 200, answer.text.slice(0, 200));
    return (await scene.recordOf(answer)).usage;
  }

  for (const { name, path, json, usage } of ways) {
    for (const compress of codings) {
      for (const stream of [false, true]) {
        for (const size of ['small', 'large'] as const) {
          const what = [name, stream ? 'streamed' : 'in one body', compress ?? 'not compressed', size].join(', ');
          it(`is known (${what})`, async () => {
            behave({
              ...(compress === undefined ? {} : { compress }),
              ...(size === 'large' ? { text: longText, textEvents: 40 } : {}),
            });
            const answer = await scene.ask(path, {
              json: { ...json, stream },
              headers: { 'accept-encoding': 'gzip, br, zstd, deflate' },
            });
            assert.equal(answer.headers['content-encoding'], compress);
            if (size === 'large') assert.ok(answer.bytes.length > 70_000, `${answer.bytes.length} bytes`);
            assert.deepEqual(await usageOf(answer), usage);
          });
        }
      }
    }
  }

  it('is known where a small body is compressed text of more than a megabyte', async () => {
    behave({ text: 'All is well. '.repeat(110_000), textEvents: 1, compress: 'gzip' });
    const answer = await scene.ask('/v1/chat/completions', { json: { model: 'gpt-5', messages } });
    assert.ok(answer.bytes.length < 60_000, `${answer.bytes.length} bytes`);
    assert.deepEqual(await usageOf(answer), ofOpenai);
  });

  it('is known of embeddings, few and many', async () => {
    for (const count of [2, 3000]) {
      const input = Array.from({ length: count }, (_, index) => `text ${index}`);
      const answer = await scene.ask('/v1/embeddings', { json: { model: 'embed-1', input } });
      assert.equal(answer.bytes.length > 70_000, count > 2);
      assert.deepEqual(await usageOf(answer), { inputTokens: count * 8 });
    }
  });

  it('is unknown, not nothing, where a Chat stream was not asked to tell it', async () => {
    behave({});
    const answer = await scene.ask('/v1/chat/completions', { json: { model: 'gpt-5', messages, stream: true } });
    const record = await scene.recordOf(answer);
    assert.equal(record.terminal, 'ok');
    assert.equal(record.usage, undefined);
    assert.equal(requestCost(record, {}), null);
  });

  it('is unknown where an endpoint counts nothing, and for a count of tokens that costs nothing', async () => {
    exact.answer = (response) => void response.end(anyAnswer);
    const json = { model: 'exact', messages };
    assert.equal(await usageOf(await scene.ask('/v1/chat/completions', { json })), undefined);
    const counted = await scene.ask('/v1/messages/count_tokens', { json: { model: 'claude-opus-5', messages } });
    assert.equal(await usageOf(counted), undefined);
  });

  it('tells tokens that are kept for an hour apart, since they cost more', async () => {
    for (const stream of [false, true]) {
      behave({ usage: { ...counts, cacheWrite1hTokens: 300 } });
      const answer = await scene.ask('/v1/messages', { json: message({ model: 'claude-opus-5', stream }) });
      const record = await scene.recordOf(answer);
      assert.deepEqual(record.usage, { ...counts, cacheWrite1hTokens: 300 });
      const millionths = 31 * 5 + 17 * 25 + 1900 * 0.5 + 100 * 6.25 + 300 * 10;
      assert.ok(Math.abs((requestCost(record, {}) ?? 0) - millionths / 1e6) < 1e-12);
    }
  });

  it('is what was told before a stream broke', async () => {
    scene.first.behave({ kind: 'cut', at: { afterEvents: 2 }, how: 'rst', answer: { usage: counts } });
    const answer = await scene.ask('/v1/messages', { json: message() });
    const record = await scene.recordOf(answer);
    assert.equal(record.terminal, 'truncated');
    assert.deepEqual(record.usage, { ...counts, outputTokens: 1 });
  });

  it('is what was told before the client left, be it before the first content', async () => {
    for (const [at, has] of [[{ afterEvents: 2 }, 'text_delta'] as const, ['afterStart', undefined] as const]) {
      await scene.renew();
      scene.first.behave({ kind: 'hang', at, answer: { usage: counts } });
      const { requests: before } = (await scene.gateway.status()).totals;
      const conversation = scene.converse('/v1/messages', { json: message() });
      await scene.gateway.until('the endpoint has begun', () => {
        return (scene.first.seen[0]?.bytesSent ?? 0) > 0 && (has === undefined || conversation.text().includes(has));
      });
      // Bytes waiting on the endpoint's socket were read before this could be answered.
      await scene.gateway.status();
      conversation.abort();
      const { requests } = await scene.gateway.until('it is over', ({ totals }) => totals.requests === before + 1);
      assert.equal(requests[0]?.terminal, 'clientAbort');
      assert.deepEqual(requests[0]?.usage, { ...counts, outputTokens: 1 }, String(has));
    }
  });

  describe('of a body of another make', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 4 } };
    const expected = { inputTokens: 5, outputTokens: 6, cacheReadTokens: 4 };
    const choices = [{ message: { content: `a "usage": {"prompt_tokens": 99}, ${longText}` } }];
    const ask = () => scene.ask('/v1/chat/completions', { json: { model: 'exact', messages } });
    const bodies: Readonly<Record<string, object>> = {
      'with the counts before the answer': { id: 'a', usage, choices },
      'with 9 KB of metadata behind the counts': {
        choices,
        usage,
        metadata: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key${index}`, 'v'.repeat(512)])),
      },
    };

    for (const [what, body] of Object.entries(bodies)) {
      it(`is known ${what}`, async () => {
        exact.answer = (response) => void response.end(JSON.stringify(body, null, 2));
        assert.deepEqual(await usageOf(await ask()), expected);
      });
    }

    it('is known when the body comes in small pieces', async () => {
      exact.answer = async (response) => {
        await writePieces(response, piecesOf(Buffer.from(JSON.stringify({ choices, usage })), 1500));
        response.end();
      };
      assert.deepEqual(await usageOf(await ask()), expected);
    });

    it('is unknown when the coding breaks half-way, and the client has every byte all the same', async () => {
      const bytes = gzipSync(JSON.stringify({ choices, usage }));
      bytes.fill(0xff, 100_000, 100_050);
      exact.answer = (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes);
      const answer = await ask();
      assert.ok(answer.bytes.equals(bytes));
      assert.equal(await usageOf(answer), undefined);
    });

    it('is counted once where a stored answer is fetched again', async () => {
      exact.answer = (response) => void response.end(JSON.stringify({ id: 'resp_1', usage }));
      const answer = await scene.ask('/v1/responses/resp_1', { method: 'GET', headers: { authorization: 'Bearer x' } });
      const { usage: told, route } = await scene.recordOf(answer);
      assert.equal(route, '/v1/responses/resp_1');
      assert.equal(told, undefined);
    });
  });
});
