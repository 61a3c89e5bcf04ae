import assert from 'node:assert/strict';
import { answers, calls, refuses, says, thinks } from '../../../src/simulated/answers.ts';
import type { Behaviour } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { chat, eventData, eventNames, messages, responses, send, withEndpoint } from './client.ts';

type Json = Record<string, unknown>;

const two = [calls('Read', { path: 'a' }), calls('Bash', { command: 'ls' })] as const;
const usage = { inputTokens: 10, cacheReadTokens: 90, outputTokens: 50, reasoningTokens: 20 };

const asking = { ...chat, body: { ...chat.body, stream_options: { include_usage: true } } };

async function chunksOf(endpoint: SimulatedEndpoint, behaviour: Behaviour): Promise<Json[]> {
  endpoint.behave(behaviour);
  const data = eventData((await send(endpoint, asking)).body);
  assert.equal(data.at(-1), '[DONE]');
  return data.slice(0, -1) as Json[];
}

const choicesOf = (chunks: Json[]) => chunks.flatMap(({ choices }) => choices as Json[]);
const deltasOf = (chunks: Json[]) => choicesOf(chunks).map(({ delta }) => delta as Json);
const callsOf = (chunks: Json[]) => deltasOf(chunks).flatMap((delta) => (delta['tool_calls'] ?? []) as Json[]);

async function wholeOf(endpoint: SimulatedEndpoint, path: string, behaviour: Behaviour): Promise<Json> {
  endpoint.behave(behaviour);
  return JSON.parse((await send(endpoint, { path, body: { model: 'm' } })).body.toString());
}

describe('an answer that is told in parts', () => {
  it(
    'is the same in each format: reasoning, text and calls with ids of their own, in their order',
    withEndpoint(async (endpoint) => {
      const said = answers(thinks('Hm.'), says('So.'), ...two, calls('Read', {}, 'functions.Read:0'));
      const message = await wholeOf(endpoint, '/v1/messages', said);
      const blocks = message['content'] as Json[];
      assert.deepEqual(
        blocks.map(({ type }) => type),
        ['thinking', 'text', 'tool_use', 'tool_use', 'tool_use'],
      );
      assert.equal(new Set(blocks.map(({ id }) => id)).size, 4);
      assert.deepEqual(blocks[3]?.['input'], { command: 'ls' });
      assert.equal(blocks[4]?.['id'], 'functions.Read:0');
      assert.equal(message['stop_reason'], 'tool_use');

      const completion = await wholeOf(endpoint, '/v1/chat/completions', said);
      const [choice] = completion['choices'] as Json[];
      const { content, reasoning_content, tool_calls } = (choice?.['message'] ?? {}) as Json;
      assert.deepEqual([content, reasoning_content, (tool_calls as unknown[]).length], ['So.', 'Hm.', 3]);
      assert.equal(choice?.['finish_reason'], 'tool_calls');

      const output = (await wholeOf(endpoint, '/v1/responses', said))['output'] as Json[];
      assert.deepEqual(
        output.map(({ type }) => type),
        ['reasoning', 'message', 'function_call', 'function_call', 'function_call'],
      );
      assert.equal(new Set(output.map(({ id }) => id)).size, 5);
    }),
  );

  it(
    'stops for the reason that it is told to, in the words of each format',
    withEndpoint(async (endpoint) => {
      const rows = [
        ['endTurn', 'end_turn', 'stop', 'completed'],
        ['maxTokens', 'max_tokens', 'length', 'max_output_tokens'],
        ['refusal', 'refusal', 'content_filter', 'content_filter'],
        [{ sequence: '###' }, 'stop_sequence', 'stop', 'completed'],
        [{ word: 'odd' }, 'odd', 'odd', 'odd'],
      ] as const;
      for (const [stop, inMessages, inChat, inResponses] of rows) {
        const said = answers(says('So.'), { stop });
        const message = await wholeOf(endpoint, '/v1/messages', said);
        assert.equal(message['stop_reason'], inMessages);
        if (typeof stop === 'object' && 'sequence' in stop) assert.equal(message['stop_sequence'], '###');
        assert.equal(choicesOf([await wholeOf(endpoint, '/v1/chat/completions', said)])[0]?.['finish_reason'], inChat);
        const response = await wholeOf(endpoint, '/v1/responses', said);
        const details = response['incomplete_details'] as Json | null;
        assert.equal(details?.['reason'] ?? response['status'], inResponses);
        const last = eventNames((await send(endpoint, responses)).body).at(-1);
        assert.equal(last, inResponses === 'completed' ? 'response.completed' : 'response.incomplete');
      }
    }),
  );

  it(
    'can end without a reason',
    withEndpoint(async (endpoint) => {
      const said = answers(says('So.'), { stop: 'none' });
      assert.ok(choicesOf(await chunksOf(endpoint, said)).every(({ finish_reason }) => finish_reason === null));
      assert.equal(eventNames((await send(endpoint, responses)).body).at(-1), 'response.output_item.done');
      assert.match(
        (await send(endpoint, messages)).body.toString(),
        /"stop_reason":null,"stop_sequence":null\},"usage"/,
      );
    }),
  );

  it(
    "refuses in OpenAI's own field",
    withEndpoint(async (endpoint) => {
      const said = answers(refuses('I cannot.'));
      const chunks = await chunksOf(endpoint, said);
      assert.equal(
        deltasOf(chunks)
          .map(({ refusal }) => refusal ?? '')
          .join(''),
        'I cannot.',
      );
      assert.match((await send(endpoint, responses)).body.toString(), /event: response\.refusal\.delta/);
    }),
  );

  it(
    'tells cached and reasoning tokens',
    withEndpoint(async (endpoint) => {
      const said = (cached: 'details' | 'hit' | 'top') => answers(says('So.'), { usage, form: { cached } });
      const told = async (cached: 'details' | 'hit' | 'top') =>
        (await wholeOf(endpoint, '/v1/chat/completions', said(cached)))['usage'] as Json;
      assert.deepEqual((await told('details'))['prompt_tokens_details'], { cached_tokens: 90, audio_tokens: 0 });
      assert.deepEqual((await told('details'))['completion_tokens_details'], { reasoning_tokens: 20 });
      assert.equal((await told('hit'))['prompt_cache_hit_tokens'], 90);
      assert.equal((await told('hit'))['prompt_cache_miss_tokens'], 10);
      assert.equal((await told('top'))['cached_tokens'], 90);
      const message = (await wholeOf(endpoint, '/v1/messages', said('details')))['usage'] as Json;
      assert.deepEqual(message['output_tokens_details'], { thinking_tokens: 20 });
    }),
  );
});

describe('the odd forms of a Chat stream', () => {
  it(
    'mix the deltas of parallel calls',
    withEndpoint(async (endpoint) => {
      const chunks = await chunksOf(endpoint, answers(...two, { form: { calls: 'interleaved' } }));
      assert.deepEqual(
        callsOf(chunks).map(({ index }) => index),
        [0, 1, 0, 1, 0, 1],
      );
      const inOrder = await chunksOf(endpoint, answers(...two));
      assert.deepEqual(
        callsOf(inOrder).map(({ index }) => index),
        [0, 0, 0, 1, 1, 1],
      );
    }),
  );

  it(
    'name a call late or again and again, and bring its arguments at once',
    withEndpoint(async (endpoint) => {
      const names = async (form: 'late' | 'repeated') => {
        const chunks = await chunksOf(endpoint, answers(calls('Read', { path: 'a' }), { form: { names: form } }));
        return callsOf(chunks).map((call) => (call['function'] as Json)['name']);
      };
      assert.deepEqual(await names('late'), [undefined, 'Read', undefined, undefined]);
      assert.deepEqual(await names('repeated'), ['Read', 'Read', 'Read']);
      const whole = await chunksOf(endpoint, answers(calls('Read', { path: 'a' }), { form: { arguments: 'whole' } }));
      assert.deepEqual(
        callsOf(whole).map((call) => call['function']),
        [{ name: 'Read', arguments: '{"path":"a"}' }],
      );
    }),
  );

  it(
    'bring reasoning in other fields',
    withEndpoint(async (endpoint) => {
      const said = async (reasoning: 'reasoning' | 'details' | 'tags') =>
        JSON.stringify(deltasOf(await chunksOf(endpoint, answers(thinks('A b'), says('c'), { form: { reasoning } }))));
      assert.match(await said('reasoning'), /"reasoning":"A "\},\{"reasoning":"b"/);
      assert.match(await said('details'), /"reasoning_details":\[\{"type":"reasoning\.text","signature":"simulated"/);
      assert.match(await said('tags'), /"content":"<think>A "\},\{"content":"b<\/think>"\}/);
    }),
  );

  it(
    'tell usage with the reason, in each chunk or never, and the reason with the last content',
    withEndpoint(async (endpoint) => {
      const said = async (form: 'withStop' | 'everyChunk' | 'none') =>
        chunksOf(endpoint, answers(says('a b'), { form: { usage: form, finish: 'withContent' } }));
      const [, , last] = await said('withStop');
      assert.deepEqual((choicesOf([last ?? {}])[0] as Json)['delta'], { content: 'b' });
      assert.equal(choicesOf([last ?? {}])[0]?.['finish_reason'], 'stop');
      assert.ok(last?.['usage']);
      assert.ok((await said('everyChunk')).every((chunk) => chunk['usage']));
      assert.ok((await said('none')).every((chunk) => chunk['usage'] === undefined));
    }),
  );
});

describe('the odd forms of other streams', () => {
  it(
    'bring arguments only when an item is done, or in the start of a block',
    withEndpoint(async (endpoint) => {
      endpoint.behave(answers(...two, { form: { arguments: 'noDelta' } }));
      const stream = (await send(endpoint, responses)).body.toString();
      assert.doesNotMatch(stream, /function_call_arguments\.delta/);
      assert.match(stream, /"arguments":"\{\\"command\\":\\"ls\\"\}"/);
      const message = (await send(endpoint, messages)).body.toString();
      assert.doesNotMatch(message, /input_json_delta/);
      assert.match(message, /"name":"Bash","input":\{"command":"ls"\}/);
    }),
  );

  it(
    'mix the deltas of parallel calls in Responses',
    withEndpoint(async (endpoint) => {
      endpoint.behave(answers(says('So.'), ...two, { form: { calls: 'interleaved' } }));
      const events = eventData((await send(endpoint, responses)).body) as Json[];
      const deltas = events.filter(({ type }) => type === 'response.function_call_arguments.delta');
      assert.deepEqual(
        deltas.map(({ output_index }) => output_index),
        [1, 2, 1, 2, 1, 2],
      );
    }),
  );
});
