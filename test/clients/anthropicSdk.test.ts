import assert from 'node:assert/strict';
import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import type { Answer } from '../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { anthropicOf, anthropicTo, question } from '../support/clients/anthropicClient.ts';
import { brief, keyOf, scrubbed, seenOn, spoken, withRig } from '../support/clients/clientRig.ts';
import { itConcurrently } from '../support/itConcurrently.ts';

/** How an endpoint fails before a word of its answer is out. */
const faults: Readonly<Record<string, (first: SimulatedEndpoint) => Promise<void> | void>> = {
  'refuses connections': (first) => first.refuse(),
  'answers 529': (first) => first.behave({ kind: 'status', status: 529 }),
  'answers 500': (first) => first.behave({ kind: 'status', status: 500 }),
  'drops the socket before headers': (first) => first.behave({ kind: 'cut', at: 'beforeHeaders', how: 'rst' }),
  'cuts its answer before content': (first) => first.behave({ kind: 'cut', at: 'afterStart', how: 'rst' }),
};

describe('The Anthropic SDK', () => {
  describe('is let in', () => {
    const ways: Readonly<Record<string, ClientOptions>> = {
      'with the token as its API key': { apiKey: 'TOKEN' },
      'with the token as its auth token': { authToken: 'TOKEN' },
      'with the token as x-api-key': { defaultHeaders: { 'x-api-key': 'TOKEN', authorization: null } },
    };
    for (const [how, options] of Object.entries(ways)) {
      it(how, () =>
        withRig({}, async (rig) => {
          const credentials = JSON.parse(JSON.stringify(options).replace('TOKEN', rig.token)) as ClientOptions;
          rig.first.behave({ kind: 'healthy', ...brief });
          await anthropicOf(rig, { apiKey: null, ...credentials }).messages.create(question);
          const headers = seenOn(rig.first, '/v1/messages')[0]?.headers ?? {};
          assert.equal(headers['x-api-key'], keyOf(rig.first));
          assert.equal(headers['authorization'], undefined);
        }),
      );
    }

    it('but not with another token', () =>
      withRig({}, async (rig) => {
        const asked = anthropicOf(rig, { apiKey: 'token-of-somebody-else' }).messages.create(question);
        await assert.rejects(asked, Anthropic.AuthenticationError);
        assert.equal(seenOn(rig.first, '/v1/messages').length, 0);
      }));
  });

  describe('gets from the gateway what the endpoint sends', () => {
    const answers: Readonly<Record<string, Answer>> = {
      'as text': brief,
      'with thinking': { ...brief, first: 'thinking' },
      'with a tool call': { ...brief, first: 'toolUse' },
      'in odd pieces, with pings and CRLF': { ...brief, chunkBytes: [1, 7, 2], pings: 2, lineEnding: '\r\n' },
      compressed: { ...brief, compress: 'gzip' },
    };
    for (const [what, answer] of Object.entries(answers)) {
      it(`${what}, in a stream and in one piece`, () =>
        withRig({}, async (rig) => {
          for (const endpoint of [rig.first, rig.second]) endpoint.behave({ kind: 'healthy', ...answer });
          const [client, direct] = [anthropicOf(rig), anthropicTo(rig.first)];
          const events = await eventsOf(client);
          assert.equal(events.at(-1)?.type, 'message_stop');
          assert.deepEqual(scrubbed(events), scrubbed(await eventsOf(direct)));
          const message = await client.messages.create(question);
          assert.deepEqual(message.content.at(-1), { type: 'text', text: brief.text });
          assert.deepEqual(scrubbed(message), scrubbed(await direct.messages.create(question)));
        }));
    }

    it('while it is being sent', () =>
      withRig({}, async (rig) => {
        const hear = rig.ear.listen();
        const stream = anthropicOf(rig).messages.stream(question);
        await new Promise((resolve) => stream.once('text', resolve));
        assert.equal(seenOn(rig.first, '/v1/messages')[0]?.outcome, 'pending');
        hear('first ');
        assert.equal(await stream.finalText(), spoken('first').text);
      }));

    it('when all but the end of the stream came', () =>
      withRig({}, async (rig) => {
        rig.first.behave({ kind: 'cut', at: 'beforeTerminal', how: 'rst', answer: brief });
        const message = await anthropicOf(rig).messages.stream(question).finalMessage();
        assert.deepEqual(message.content, [{ type: 'text', text: brief.text }]);
        assert.equal(message.stop_reason, 'end_turn');
      }));

    it('although the endpoint keeps the connection open after it', () =>
      withRig({}, async (rig) => {
        rig.first.behave({ kind: 'keepOpen', answer: brief });
        assert.equal(await anthropicOf(rig).messages.stream(question).finalText(), brief.text);
      }));

    it('when it lists models', () =>
      withRig({}, async (rig) => {
        const ids: string[] = [];
        for await (const { id, type } of anthropicOf(rig).models.list()) {
          assert.equal(type, 'model');
          ids.push(id);
        }
        assert.deepEqual(ids.toSorted(), ['claude-first', 'claude-of-both', 'claude-second']);
      }));

    it('when it counts tokens', () =>
      withRig({}, async (rig) => {
        rig.first.behave({ kind: 'healthy', usage: { inputTokens: 1234 } });
        const { model, messages } = question;
        assert.equal((await anthropicOf(rig).messages.countTokens({ model, messages })).input_tokens, 1234);
      }));
  });

  describe('does not notice', () => {
    itConcurrently(
      Object.fromEntries(
        Object.entries(faults).flatMap(([what, fail]) => [
          [`that the first endpoint ${what}, in a stream`, () => failsOver(fail, streamedText)],
          [`that the first endpoint ${what}, in one piece`, () => failsOver(fail, wholeText)],
        ]),
      ),
    );
  });
});

async function failsOver(
  fail: (first: SimulatedEndpoint) => Promise<void> | void,
  ask: (client: Anthropic) => Promise<string>,
): Promise<void> {
  await withRig({}, async (rig) => {
    await fail(rig.first);
    rig.second.behave({ kind: 'healthy', ...brief });
    assert.equal(await ask(anthropicOf(rig)), brief.text);
    assert.equal(seenOn(rig.second, '/v1/messages').length, 1);
  });
}

function streamedText(client: Anthropic): Promise<string> {
  return client.messages.stream(question).finalText();
}

async function wholeText(client: Anthropic): Promise<string> {
  const { content } = await client.messages.create(question);
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

async function eventsOf(client: Anthropic): Promise<Anthropic.RawMessageStreamEvent[]> {
  const events: Anthropic.RawMessageStreamEvent[] = [];
  for await (const event of await client.messages.create({ ...question, stream: true })) events.push(event);
  return events;
}
