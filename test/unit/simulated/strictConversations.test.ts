import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { answers, calls, says, thinks } from '../../../src/simulated/answers.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { withEndpoint } from './client.ts';

/** An agent's turn of five calls, two of them at once, with thinking before each. */
const conversation = [
  answers(thinks('Two files.'), says('I read them.'), calls('Read', { path: 'a' }), calls('Read', { path: 'b' })),
  answers(thinks('And a third.'), calls('Read', { path: 'c' })),
  answers(calls('Read', { path: 'd' })),
  answers(thinks('The last one.'), calls('Read', { path: 'e' })),
  answers(thinks('Enough.'), says('Five files.')),
];

const schema = { type: 'object' as const, properties: { path: { type: 'string' } } };
const anthropic = ({ url }: SimulatedEndpoint) =>
  new Anthropic({ baseURL: url, apiKey: 'fake-key', authToken: null, maxRetries: 0 });
const openai = ({ url }: SimulatedEndpoint) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'fake-key', maxRetries: 0 });

async function playMessages(endpoint: SimulatedEndpoint, model: string): Promise<Anthropic.MessageParam[]> {
  endpoint.behaveNext(...conversation);
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Read five files.' }];
  const tools = [{ name: 'Read', input_schema: schema }];
  for (const _ of conversation) {
    const asked = { model, max_tokens: 999, messages, tools };
    const { content } = await anthropic(endpoint).messages.stream(asked).finalMessage();
    messages.push({ role: 'assistant', content });
    const results = content.flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'text' }] : [],
    );
    if (results.length > 0) messages.push({ role: 'user', content: results });
  }
  return messages;
}

const responsesTools = [{ type: 'function' as const, name: 'Read', parameters: schema, strict: false }];

async function playResponses(
  endpoint: SimulatedEndpoint,
  model: string,
): Promise<OpenAI.Responses.ResponseInputItem[]> {
  endpoint.behaveNext(...conversation);
  const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'Read five files.' }];
  for (const _ of conversation) {
    const include = ['reasoning.encrypted_content' as const];
    const asked = { model, input, tools: responsesTools, include, store: false };
    const { output } = await openai(endpoint).responses.stream(asked).finalResponse();
    for (const item of output) {
      // The SDK adds what it has parsed, which no endpoint takes back.
      const { parsed_arguments, ...rest } = item as typeof item & { parsed_arguments?: unknown };
      const content = 'content' in rest && rest.type === 'message' ? rest.content : undefined;
      for (const part of content ?? []) delete (part as { parsed?: unknown }).parsed;
      input.push(rest as OpenAI.Responses.ResponseInputItem);
    }
    for (const item of output) {
      if (item.type !== 'function_call') continue;
      input.push({ type: 'function_call_output', call_id: item.call_id, output: 'text' });
    }
  }
  return input;
}

interface ChatTurn {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly reasoning_content?: string;
}

async function playChat(endpoint: SimulatedEndpoint, model: string, keepsReasoning: boolean): Promise<void> {
  endpoint.behaveNext(...conversation);
  const messages: unknown[] = [{ role: 'user', content: 'Read five files.' }];
  const tools = [{ type: 'function' as const, function: { name: 'Read', parameters: schema } }];
  for (const _ of conversation) {
    const asked = { model, messages: messages as OpenAI.ChatCompletionMessageParam[], tools };
    const completion = await openai(endpoint).chat.completions.create(asked);
    const { content, tool_calls, reasoning_content } = (completion.choices[0]?.message ?? {}) as ChatTurn;
    const reasoning = keepsReasoning ? { reasoning_content: reasoning_content ?? '' } : {};
    messages.push({ role: 'assistant', content, ...(tool_calls === undefined ? {} : { tool_calls }), ...reasoning });
    for (const { id } of tool_calls ?? []) messages.push({ role: 'tool', tool_call_id: id, content: 'text' });
  }
}

describe('a conversation of five calls with a strict endpoint', () => {
  it(
    'goes well in Messages with the real SDK, where reasoning is bound to its conversation',
    withEndpoint(
      async (endpoint) => {
        const messages = await playMessages(endpoint, 'claude-fable-5-1');
        assert.equal(messages.length, 10);
        assert.match(JSON.stringify(messages.at(-1)), /Five files\./);
        assert.deepEqual(endpoint.findings, []);

        const changed = messages.map((message, index) => (index === 0 ? { ...message, content: 'Others.' } : message));
        const asked = { model: 'claude-fable-5-1', max_tokens: 9, messages: [...changed, ...changed.slice(0, 1)] };
        await assert.rejects(anthropic(endpoint).messages.create(asked), /bound to a different conversation/);
      },
      { strict: { vendor: 'anthropic' } },
    ),
  );

  it(
    'lists the thinking that it has dropped where it was asked to',
    withEndpoint(
      async (endpoint) => {
        const messages = await playMessages(endpoint, 'claude-fable-5-1');
        const answer = await anthropic(endpoint).beta.messages.create({
          model: 'claude-fable-5-1',
          max_tokens: 999,
          messages: [
            { role: 'user', content: 'Others.' },
            ...messages.slice(1, 3),
            { role: 'user', content: 'Go on.' },
          ],
          thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } },
          betas: ['thinking-binding-controls-2026-08-01'],
        });
        const dropped = { type: 'thinking_dropped', path: 'messages.1.content.0', reason: 'prefix_binding_mismatch' };
        assert.deepEqual(answer.input_transformations, [dropped]);
        assert.deepEqual(
          endpoint.findings.map(({ kind }) => kind),
          ['dropped'],
        );
      },
      { strict: { vendor: 'anthropic' } },
    ),
  );

  it(
    'goes well in Responses with the real SDK, whatever the model',
    withEndpoint(
      async (endpoint) => {
        const input = await playResponses(endpoint, 'gpt-5.6');
        assert.equal(input.filter((item) => item.type === 'reasoning').length, 4);
        assert.deepEqual(endpoint.findings, []);
        const counted = await openai(endpoint).responses.inputTokens.count({
          model: 'gpt-5.6',
          input,
          tools: responsesTools,
        });
        assert.ok(counted.input_tokens > 0);

        const bare = { model: 'gpt-5.6', input: input.filter((item) => item.type !== 'reasoning') };
        await assert.rejects(openai(endpoint).responses.create(bare), /without its required 'reasoning' item: 'rs_/);

        const sealed = input.flatMap((item) => (item.type === 'reasoning' ? [item.encrypted_content] : []));
        const stolen = input.map((item) =>
          item.type === 'reasoning' ? { ...item, encrypted_content: sealed.pop() ?? '' } : item,
        );
        const asked = { model: 'gpt-5.6', input: stolen };
        await assert.rejects(openai(endpoint).responses.create(asked), /item_id did not match the target item id/);
      },
      { strict: { vendor: 'openai', bindsPrefix: true, refusesPrefixChange: true } },
    ),
  );

  it(
    'goes well in Chat with the real SDK, and not without the reasoning that DeepSeek wants back',
    withEndpoint(
      async (endpoint) => {
        await playChat(endpoint, 'deepseek-v4', true);
        assert.deepEqual(endpoint.findings, []);
        await assert.rejects(playChat(endpoint, 'deepseek-v4', false), /must be passed back to the API/);
      },
      { strict: { vendor: 'deepseek' } },
    ),
  );
});
