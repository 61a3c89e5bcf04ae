import assert from 'node:assert/strict';
import type OpenAI from 'openai';
import type { Answer } from '../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { brief, keyOf, type RigOptions, scrubbed, seenOn, spoken, withRig } from '../support/clients/clientRig.ts';
import {
  chatQuestion,
  chatText,
  collect,
  openaiOf,
  openaiTo,
  responsesQuestion,
  responsesText,
} from '../support/clients/openaiClient.ts';
import { itConcurrently } from '../support/itConcurrently.ts';

const openai = { dialect: 'openai' } satisfies RigOptions;

/** How an endpoint fails before a word of its answer is out. */
const faults: Readonly<Record<string, (first: SimulatedEndpoint) => Promise<void> | void>> = {
  'refuses connections': (first) => first.refuse(),
  'answers 529': (first) => first.behave({ kind: 'status', status: 529 }),
  'answers 500': (first) => first.behave({ kind: 'status', status: 500 }),
  'drops the socket before headers': (first) => first.behave({ kind: 'cut', at: 'beforeHeaders', how: 'rst' }),
  'cuts its answer before content': (first) => first.behave({ kind: 'cut', at: 'afterStart', how: 'rst' }),
};

/** Every way to ask, with what must come back. */
const ways: Readonly<Record<string, (client: OpenAI) => Promise<void>>> = {
  'Chat Completions in a stream': async ({ chat }) => {
    assert.equal(chatText(await collect(chat.completions.create({ ...chatQuestion, stream: true }))), brief.text);
  },
  'Chat Completions in one piece': async ({ chat }) => {
    const { choices } = await chat.completions.create(chatQuestion);
    assert.equal(choices[0]?.message.content, brief.text);
  },
  'Responses in a stream': async ({ responses }) => {
    const events = await collect(responses.create({ ...responsesQuestion, stream: true }));
    assert.equal(responsesText(events), brief.text);
    assert.equal(events.at(-1)?.type, 'response.completed');
  },
  'Responses in one piece': async ({ responses }) => {
    assert.equal((await responses.create(responsesQuestion)).output_text, brief.text);
  },
  Embeddings: async ({ embeddings }) => {
    assert.equal((await embeddings.create({ model: 'claude-of-both', input: ['one', 'two'] })).data.length, 2);
  },
};

describe('The OpenAI SDK', () => {
  describe('is let in', () => {
    const credentials: Readonly<Record<string, (token: string) => object>> = {
      'with the token as its API key': (token) => ({ apiKey: token }),
      'with the token as x-api-key': (token) => ({ defaultHeaders: { 'x-api-key': token, authorization: null } }),
    };
    for (const [how, given] of Object.entries(credentials)) {
      it(how, () =>
        withRig(openai, async (rig) => {
          await openaiOf(rig, given(rig.token)).chat.completions.create(chatQuestion);
          const headers = seenOn(rig.first, '/v1/chat/completions')[0]?.headers ?? {};
          assert.equal(headers['authorization'], `Bearer ${keyOf(rig.first)}`);
          assert.equal(headers['x-api-key'], undefined);
        }),
      );
    }
  });

  describe('gets from the gateway what the endpoint sends', () => {
    const answers: Readonly<Record<string, Answer>> = {
      'as text': brief,
      'with reasoning': { ...brief, first: 'thinking' },
      'with a tool call': { ...brief, first: 'toolUse' },
      'in odd pieces, with comments and CRLF': { ...brief, chunkBytes: [1, 7, 2], pings: 2, lineEnding: '\r\n' },
      compressed: { ...brief, compress: 'gzip' },
    };
    for (const [what, answer] of Object.entries(answers)) {
      it(`${what}, by Chat Completions in a stream and in one piece`, () =>
        withRig(openai, async (rig) => {
          rig.first.behave({ kind: 'healthy', ...answer });
          const [client, direct] = [openaiOf(rig).chat.completions, openaiTo(rig.first).chat.completions];
          const streaming = { ...chatQuestion, stream: true, stream_options: { include_usage: true } } as const;
          const chunks = await collect(client.create(streaming));
          assert.equal(chatText(chunks), brief.text);
          assert.deepEqual(scrubbed(chunks), scrubbed(await collect(direct.create(streaming))));
          const whole = await client.create(chatQuestion);
          assert.equal(whole.choices[0]?.message.content, brief.text);
          assert.deepEqual(scrubbed(whole), scrubbed(await direct.create(chatQuestion)));
        }));

      it(`${what}, by Responses in a stream and in one piece`, () =>
        withRig(openai, async (rig) => {
          rig.first.behave({ kind: 'healthy', ...answer });
          const [client, direct] = [openaiOf(rig).responses, openaiTo(rig.first).responses];
          const streaming = { ...responsesQuestion, stream: true } as const;
          const events = await collect(client.create(streaming));
          assert.equal(responsesText(events), brief.text);
          assert.equal(events.at(-1)?.type, 'response.completed');
          assert.deepEqual(scrubbed(events), scrubbed(await collect(direct.create(streaming))));
          const whole = await client.create(responsesQuestion);
          assert.equal(whole.output_text, brief.text);
          assert.deepEqual(scrubbed(whole), scrubbed(await direct.create(responsesQuestion)));
        }));
    }

    it('while it is being sent', () =>
      withRig(openai, async (rig) => {
        const hear = rig.ear.listen();
        const stream = openaiOf(rig).chat.completions.stream({ ...chatQuestion, stream: true });
        await new Promise((resolve) => stream.once('content', resolve));
        assert.equal(seenOn(rig.first, '/v1/chat/completions')[0]?.outcome, 'pending');
        hear('first ');
        assert.equal(await stream.finalContent(), spoken('first').text);
      }));

    it('when only [DONE] is missing', () =>
      withRig(openai, async (rig) => {
        rig.first.behave({ kind: 'cut', at: 'beforeTerminal', how: 'rst', answer: brief });
        const stream = openaiOf(rig).chat.completions.stream({ ...chatQuestion, stream: true });
        assert.equal(await stream.finalContent(), brief.text);
        assert.equal((await stream.finalChatCompletion()).choices[0]?.finish_reason, 'stop');
      }));

    it('although the endpoint keeps the connection open after it', () =>
      withRig(openai, async (rig) => {
        rig.first.behave({ kind: 'keepOpen', answer: brief });
        const client = openaiOf(rig);
        const chunks = await collect(client.chat.completions.create({ ...chatQuestion, stream: true }));
        assert.equal(chatText(chunks), brief.text);
        const events = await collect(client.responses.create({ ...responsesQuestion, stream: true }));
        assert.equal(responsesText(events), brief.text);
      }));

    it('when it lists models', () =>
      withRig(openai, async (rig) => {
        const models = await collect(Promise.resolve(openaiOf(rig).models.list()));
        const ids = models.map(({ id }) => id);
        assert.deepEqual(ids.toSorted(), ['claude-first', 'claude-of-both', 'claude-second']);
        assert.ok(models.every(({ object }) => object === 'model'));
      }));

    it('when it makes embeddings', () =>
      withRig(openai, async (rig) => {
        const ask = { model: 'claude-of-both', input: ['one', 'two'] };
        const { data } = await openaiOf(rig).embeddings.create(ask);
        assert.equal(data.length, 2);
        assert.deepEqual(data, (await openaiTo(rig.first).embeddings.create(ask)).data);
      }));
  });

  describe('does not notice', () => {
    itConcurrently(
      Object.fromEntries(
        Object.entries(faults).flatMap(([what, fail]) =>
          Object.entries(ways).map(([how, ask]) => [
            `that the first endpoint ${what}, ${how}`,
            () => failsOver(fail, ask),
          ]),
        ),
      ),
    );
  });
});

async function failsOver(
  fail: (first: SimulatedEndpoint) => Promise<void> | void,
  ask: (client: OpenAI) => Promise<void>,
): Promise<void> {
  await withRig(openai, async (rig) => {
    await fail(rig.first);
    rig.second.behave({ kind: 'healthy', ...brief });
    await ask(openaiOf(rig));
    assert.equal(rig.second.seen.filter(({ method }) => method === 'POST').length, 1);
  });
}
