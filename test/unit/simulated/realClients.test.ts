import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { Answer } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { withEndpoint } from './client.ts';

const question = [{ role: 'user' as const, content: 'hi' }];
const usage = { inputTokens: 3, outputTokens: 5, cacheReadTokens: 7, cacheWriteTokens: 11 };
const answers: Answer[] = [{ usage }, { usage, first: 'thinking' }, { usage, first: 'toolUse' }, { usage, pings: 3 }];

const anthropic = ({ url }: SimulatedEndpoint) =>
  new Anthropic({ baseURL: url, apiKey: 'fake-key', authToken: null, maxRetries: 0 });
const openai = ({ url }: SimulatedEndpoint) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'fake-key', maxRetries: 0 });

describe('the real SDKs', () => {
  it(
    'read Messages answers alike, streamed and not',
    withEndpoint(async (endpoint) => {
      const client = anthropic(endpoint);
      for (const answer of answers) {
        endpoint.behave({ kind: 'healthy', ...answer });
        const body = { model: 'm', max_tokens: 9, messages: question };
        const streamed = await client.messages.stream(body).finalMessage();
        const whole = await client.messages.create(body);
        assert.deepEqual(
          streamed.content.map((block) => block.type),
          whole.content.map((block) => block.type),
        );
        assert.equal(streamed.stop_reason, whole.stop_reason);
        assert.equal(streamed.usage.output_tokens, 5);
        assert.equal(whole.usage.cache_read_input_tokens, 7);
      }
      assert.equal((await client.models.list()).data[0]?.id, 'claude-simulated-1');
      assert.ok((await client.messages.countTokens({ model: 'm', messages: question })).input_tokens > 0);
    }),
  );

  it(
    'read Chat answers alike, streamed and not',
    withEndpoint(async (endpoint) => {
      const client = openai(endpoint);
      for (const answer of answers) {
        endpoint.behave({ kind: 'healthy', ...answer });
        const body = { model: 'm', messages: question };
        const streamed = await client.chat.completions.stream(body).finalChatCompletion();
        const whole = await client.chat.completions.create(body);
        assert.equal(streamed.choices[0]?.message.content, whole.choices[0]?.message.content);
        assert.equal(streamed.choices[0]?.finish_reason, whole.choices[0]?.finish_reason);
        assert.equal(whole.usage?.prompt_tokens, 21);
      }
    }),
  );

  it(
    'read Responses answers alike, streamed and not, and embeddings',
    withEndpoint(async (endpoint) => {
      const client = openai(endpoint);
      for (const answer of answers) {
        endpoint.behave({ kind: 'healthy', ...answer });
        const streamed = await client.responses.stream({ model: 'm', input: 'hi' }).finalResponse();
        const whole = await client.responses.create({ model: 'm', input: 'hi' });
        assert.equal(streamed.output_text, whole.output_text);
        assert.deepEqual(
          streamed.output.map((item) => item.type),
          whole.output.map((item) => item.type),
        );
      }
      const embedded = await client.embeddings.create({ model: 'e', input: 'hi' });
      assert.deepEqual(embedded.data[0]?.embedding, [0.25, -0.5, 0.125, 0.0625]);
    }),
  );

  it(
    'see typed errors, before and in the stream',
    withEndpoint(async (endpoint) => {
      const body = { model: 'm', max_tokens: 9, messages: question };
      endpoint.behave({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
      await assert.rejects(anthropic(endpoint).messages.create(body), Anthropic.RateLimitError);
      await assert.rejects(
        openai(endpoint).chat.completions.create({ model: 'm', messages: question }),
        OpenAI.RateLimitError,
      );
      endpoint.behave({ kind: 'streamError', at: { afterEvents: 1 }, errorType: 'overloaded_error' });
      await assert.rejects(anthropic(endpoint).messages.stream(body).finalMessage(), /overloaded_error/);
      await assert.rejects(
        openai(endpoint).chat.completions.stream({ model: 'm', messages: question }).finalChatCompletion(),
        /Overloaded/,
      );
    }),
  );
});
