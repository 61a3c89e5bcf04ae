// Requests of Claude Code, translated: the strict endpoints of each vendor take it, and the next turn goes on from it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sealed } from '../../../../../src/dialect/translation/form/carrier.ts';
import { profileOf } from '../../../../../src/dialect/translation/form/profiles.ts';
import type { Target } from '../../../../../src/dialect/translation/form/target.ts';
import { decodeMessages } from '../../../../../src/dialect/translation/request/decodeMessages.ts';
import { encodeChat } from '../../../../../src/dialect/translation/request/encodeChat.ts';
import { encodeResponses } from '../../../../../src/dialect/translation/request/encodeResponses.ts';
import { chatProblems } from '../../../../../src/simulated/strict/chatCheck.ts';
import type { ChatVendor } from '../../../../../src/simulated/strict/chatVendors.ts';
import { messagesProblems } from '../../../../../src/simulated/strict/messagesCheck.ts';
import { chatPrefix, digestsOf, responsesPrefix } from '../../../../../src/simulated/strict/prefix.ts';
import { responsesProblems } from '../../../../../src/simulated/strict/responsesCheck.ts';
import { isLongRun } from '../../../../support/extent.ts';

type Json = Record<string, unknown>;

const origin = '0123456789abcdef';
const models: Readonly<Record<ChatVendor | 'responses', string>> = {
  openai: 'gpt-5.2',
  deepseek: 'deepseek-v4',
  kimi: 'kimi-k3',
  glm: 'glm-5',
  qwen: 'qwen-4',
  openrouter: 'z-ai/glm-5',
  vllm: 'some-model',
  generic: 'some-model',
  responses: 'gpt-5.6',
};

const words = fc.constantFrom('Look.', ' ', 'Größe\n', 'x-anthropic-billing-header', '<think>');
const name = fc.constantFrom('Read', 'Bash', `mcp__${'server_'.repeat(7)}__read`, `mcp__${'server_'.repeat(7)}__write`);
const text = words.map((said) => ({ type: 'text', text: said }));
const image = fc.constant({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } });
const marked = <T extends object>(block: fc.Arbitrary<T>) =>
  fc
    .tuple(block, fc.boolean())
    .map(([one, isMarked]) => (isMarked ? { ...one, cache_control: { type: 'ephemeral' } } : one));

/** Thinking of Anthropic's, or of the endpoint itself, in an envelope. */
const thinking = (vendor: string) =>
  fc.tuple(fc.constantFrom('foreign', 'own'), fc.uuid()).map(([whose, id]) => {
    const payload =
      vendor === 'responses'
        ? { kind: 'item' as const, id: `rs_${id}`, encrypted: 'sealed', summary: [] }
        : vendor === 'openrouter'
          ? { kind: 'details' as const, details: [{ type: 'reasoning.text', text: 'Hm.' }] }
          : { kind: 'text' as const };
    const model = models[vendor as ChatVendor];
    const signature = whose === 'own' ? sealed({ origin, model, payload }) : 'EqQBCkYIAxgCKkBzaW11bGF0ZWQ=';
    return { type: 'thinking', thinking: 'Hm.', signature };
  });

/** The assistant's turn and the user's answer; the ids of calls are put in later. */
const round = (vendor: string) =>
  fc.record({
    thinking: fc.option(thinking(vendor), { nil: undefined }),
    said: fc.option(text, { nil: undefined }),
    calls: fc.array(fc.record({ name, input: fc.constantFrom({}, { path: 'a', n: 1e21 }) }), { maxLength: 3 }),
    isTurned: fc.boolean(),
    results: fc.array(fc.oneof(words, fc.array(marked(fc.oneof(text, image)), { minLength: 1, maxLength: 2 })), {
      minLength: 3,
      maxLength: 3,
    }),
    isError: fc.boolean(),
    next: fc.option(marked(fc.oneof(text, image)), { nil: undefined }),
    instruction: fc.option(words, { nil: undefined }),
  });

type Round = ReturnType<typeof round> extends fc.Arbitrary<infer T> ? T : never;

function messagesOf(rounds: readonly Round[]): Json[] {
  const messages: Json[] = [{ role: 'user', content: [{ type: 'text', text: 'Begin.' }] }];
  for (const [turn, one] of rounds.entries()) {
    const calls = one.calls.map((call, nth) => ({ type: 'tool_use', id: `toolu_${turn}_${nth}`, ...call }));
    const said: unknown[] = [one.thinking, one.said, ...calls].filter((block) => block !== undefined);
    if (one.said === undefined && calls.length === 0) said.push({ type: 'text', text: 'Well.' });
    messages.push({ role: 'assistant', content: said });
    const results = calls.map(({ id }, nth) => {
      return { type: 'tool_result', tool_use_id: id, content: one.results[nth], is_error: one.isError };
    });
    const next = one.next ?? (calls.length === 0 ? { type: 'text', text: 'Go on.' } : undefined);
    const ordered = one.isTurned ? results.toReversed() : results;
    messages.push({ role: 'user', content: [...ordered, ...(next === undefined ? [] : [next])] });
    if (one.instruction !== undefined) messages.push({ role: 'system', content: one.instruction });
  }
  return messages;
}

const tool = (named: string) => ({ name: named, input_schema: { type: 'object' }, description: 'Does it.' });

const head = fc.record({
  system: fc.array(marked(text), { maxLength: 2 }),
  tools: fc.constantFrom(
    [],
    ['Read', 'Bash', `mcp__${'server_'.repeat(7)}__read`, `mcp__${'server_'.repeat(7)}__write`].map(tool),
    [tool('Read'), { type: 'web_search_20250305', name: 'web_search' }],
  ),
  tool_choice: fc.constantFrom(undefined, { type: 'auto', disable_parallel_tool_use: true }),
  thinking: fc.constantFrom(undefined, { type: 'adaptive' }, { type: 'disabled' }),
  output_config: fc.constantFrom(undefined, { effort: 'low' }, { effort: 'max' }),
  stop_sequences: fc.constantFrom(undefined, ['a', 'b', 'c', 'd', 'e'], ['a']),
  max_tokens: fc.constantFrom(1, 32_000),
  stream: fc.boolean(),
});

function target(vendor: ChatVendor | 'responses'): Target {
  const profile = { name: vendor === 'responses' ? 'openai' : vendor };
  const config = { baseUrl: 'https://a.invalid', profile } as unknown as Parameters<typeof profileOf>[0];
  return {
    profile: profileOf(config),
    model: models[vendor],
    origin,
    cacheKey: 'a'.repeat(64),
    carriesReasoning: true,
    refusedFields: new Set(),
  };
}

function translated(body: Json, vendor: ChatVendor | 'responses'): Json | undefined {
  const decoded = decodeMessages(Buffer.from(JSON.stringify(body)));
  assert.equal(decoded.kind, 'decoded', JSON.stringify(decoded));
  if (decoded.kind !== 'decoded') return undefined;
  const encode = vendor === 'responses' ? encodeResponses : encodeChat;
  const encoded = encode(decoded.conversation, target(vendor));
  return encoded.kind === 'encoded' ? JSON.parse(encoded.body.toString()) : undefined;
}

describe('Whatever Claude Code says', () => {
  for (const vendor of Object.keys(models) as (keyof typeof models)[]) {
    it(`is taken by a strict ${vendor === 'responses' ? 'Responses endpoint' : `Chat endpoint (${vendor})`}`, function () {
      this.timeout(120_000);
      let taken = 0;
      const property = fc.property(head, fc.array(round(vendor), { maxLength: 5 }), (above, rounds) => {
        const { tool_choice, ...rest } = above;
        const choice = above.tools.length === 0 ? {} : { tool_choice };
        const body = { model: 'claude-opus-4-8', ...rest, ...choice, messages: messagesOf(rounds) };
        const plain = JSON.parse(JSON.stringify(body)) as Json;
        const own = [...messagesProblems(plain)].filter(({ message }) => !message.includes('cache_control'));
        assert.deepEqual(own, [], 'the test itself');
        const request = translated(plain, vendor);
        if (request === undefined) return;
        taken += 1;
        const problems = vendor === 'responses' ? responsesProblems(request) : chatProblems(request, vendor);
        assert.deepEqual([...problems], [], JSON.stringify(request));
        const before = translated({ ...plain, messages: messagesOf(rounds.slice(0, -1)) }, vendor);
        if (before === undefined) return;
        const prefix = vendor === 'responses' ? responsesPrefix : chatPrefix;
        const digests = digestsOf(prefix(before));
        assert.deepEqual(digestsOf(prefix(request)).slice(0, digests.length), digests);
      });
      fc.assert(property, { numRuns: isLongRun ? 3000 : 100 });
      assert.ok(taken > 10, `${taken} were taken`);
    });
  }
});
