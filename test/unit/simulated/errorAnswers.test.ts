import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import {
  anthropicEnforcedSpendLimit,
  anthropicError,
  anthropicErrorTypes,
  anthropicSpendLimit,
  cloudflarePage,
  openaiError,
  openaiInsufficientQuota,
  type StatusAnswer,
} from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { chat, messages, type Sent, send, withEndpoint } from './client.ts';

async function answered(endpoint: SimulatedEndpoint, answer: StatusAnswer, sent: Sent = messages) {
  endpoint.behaveNext(answer);
  const { status, headers, body } = await send(endpoint, sent);
  return { status, headers, body: JSON.parse(body.toString()) };
}

describe('error answers', () => {
  it(
    'are the real ones of the Messages API, for every type',
    withEndpoint(async (endpoint) => {
      const statuses: number[] = [];
      for (const type of anthropicErrorTypes) {
        const { status, headers, body } = await answered(endpoint, anthropicError(type));
        statuses.push(status);
        assert.equal(body.type, 'error');
        assert.equal(body.error.type, type);
        assert.equal(body.request_id, headers['request-id']);
      }
      assert.deepEqual(statuses, [400, 401, 402, 403, 404, 409, 413, 429, 500, 504, 529]);
    }),
  );

  it(
    'are those of the request dialect when only a status is given',
    withEndpoint(async (endpoint) => {
      const anthropic = await answered(endpoint, { kind: 'status', status: 529 });
      assert.deepEqual(anthropic.body.error, { type: 'overloaded_error', message: 'Overloaded' });
      assert.equal(anthropic.body.request_id, anthropic.headers['request-id']);
      const openai = await answered(endpoint, { kind: 'status', status: 429 }, chat);
      assert.equal(openai.body.error.code, 'rate_limit_exceeded');
      assert.equal((await answered(endpoint, { kind: 'status', status: 503 }, chat)).body.error.type, 'server_error');
    }),
  );

  it(
    'say when to come back only if told to',
    withEndpoint(async (endpoint) => {
      const limited = await answered(endpoint, anthropicError('rate_limit_error', { retryAfterSeconds: 7 }));
      assert.equal(limited.headers['retry-after'], '7');
      assert.equal((await answered(endpoint, anthropicError('rate_limit_error'))).headers['retry-after'], undefined);
    }),
  );

  it(
    'cover the cases where the money is used up',
    withEndpoint(async (endpoint) => {
      const limit = await answered(endpoint, anthropicSpendLimit());
      assert.equal(limit.status, 400);
      assert.match(limit.body.error.message, /^You have reached your specified API usage limits\. .*UTC\.$/);
      const enforced = await answered(endpoint, anthropicEnforcedSpendLimit());
      assert.equal(enforced.status, 429);
      assert.equal(enforced.body.error.details.error_code, 'enforced_spend_limit_reached');
      assert.equal((await answered(endpoint, anthropicError('billing_error'))).status, 402);
      const quota = await answered(endpoint, openaiInsufficientQuota('credit_balance_exhausted'), chat);
      assert.deepEqual(
        [quota.status, quota.body.error.type, quota.body.error.code],
        [429, 'insufficient_quota', 'credit_balance_exhausted'],
      );
      const busy = await answered(endpoint, openaiError(503, { code: 'server_is_overloaded' }), chat);
      assert.deepEqual([busy.status, busy.body.error.code], [503, 'server_is_overloaded']);
    }),
  );

  it(
    'may be anything at all: a page, a raw text, a compressed body, a late one',
    withEndpoint(async (endpoint) => {
      endpoint.behaveNext(
        cloudflarePage(),
        { kind: 'status', status: 200, body: '', delayMs: 5 },
        { kind: 'status', status: 500, body: 'oops', contentType: 'text/plain', compress: 'gzip' },
      );
      const page = await send(endpoint);
      assert.equal(page.status, 502);
      assert.equal(page.headers['content-type'], 'text/html; charset=UTF-8');
      assert.match(page.body.toString(), /^<!DOCTYPE html>/);
      const empty = await send(endpoint);
      assert.deepEqual([empty.status, empty.body.length, empty.headers['content-type']], [200, 0, undefined]);
      const oops = await send(endpoint);
      assert.equal(oops.headers['content-type'], 'text/plain');
      assert.equal(gunzipSync(oops.body).toString(), 'oops');
    }),
  );
});
