import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { anthropicErrorBody, type Behaviour } from '../../src/simulated/behaviour.ts';
import { anthropicOf, question } from '../support/clients/anthropicClient.ts';
import { assertAborted, brief, failureOf, seenOn, withRig } from '../support/clients/clientRig.ts';
import { until } from '../support/processes/startGateway.ts';

/** Breaks are told by an event; sdkStreamEndings.test.ts has them as closed connections. */
const withEvents = { config: { timeouts: { idleMs: 500 }, stream: { breakStyle: 'event' } } };

const brokeOff = /Signalbox: the answer of first broke off after it had begun/;

/** How an answer breaks after its first two words, and what the client is told. */
const breaks: Readonly<Record<string, { fault: Behaviour; type: string; message: RegExp }>> = {
  'that the answer broke off': {
    fault: { kind: 'cut', at: { afterEvents: 2 }, how: 'rst', answer: brief },
    type: 'api_error',
    message: brokeOff,
  },
  'that the answer broke off in the middle of an event': {
    fault: { kind: 'cut', at: { midEvent: 2 }, how: 'rst', answer: brief },
    type: 'api_error',
    message: brokeOff,
  },
  'that the answer ended too early': {
    fault: { kind: 'cut', at: { afterEvents: 2 }, how: 'eof', answer: brief },
    type: 'api_error',
    message: brokeOff,
  },
  "the endpoint's own error in the stream": {
    fault: { kind: 'streamError', at: { afterEvents: 2 }, errorType: 'overloaded_error', message: 'No', answer: brief },
    type: 'api_error',
    message: brokeOff,
  },
  "the endpoint's own error that has no event line": {
    fault: {
      kind: 'streamError',
      at: { afterEvents: 2 },
      errorType: 'api_error',
      form: 'dataOnly',
      message: 'No',
      answer: brief,
    },
    type: 'api_error',
    message: brokeOff,
  },
  'that the endpoint went silent': {
    fault: { kind: 'hang', at: { afterEvents: 2 }, answer: brief },
    type: 'api_error',
    message: /Signalbox: the answer of first went silent after it had begun/,
  },
};

/** The two ways to read a stream; neither may take a break for the end. */
const readers: Readonly<Record<string, (client: Anthropic, heard: string[]) => Promise<unknown>>> = {
  'by its stream() method': (client, heard) =>
    client.messages
      .stream(question)
      .on('text', (text) => heard.push(text))
      .finalMessage(),
  'event by event': async (client, heard) => {
    for await (const event of await client.messages.create({ ...question, stream: true })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') heard.push(event.delta.text);
    }
  },
};

describe('The Anthropic SDK', () => {
  describe('is told', () => {
    for (const [what, { fault, type, message }] of Object.entries(breaks)) {
      for (const [how, read] of Object.entries(readers)) {
        it(`${what}, ${how}`, () =>
          withRig(withEvents, async (rig) => {
            rig.first.behave(fault);
            const heard: string[] = [];
            const error = await failureOf(read(anthropicOf(rig, { maxRetries: 2 }), heard));
            assert.ok(error instanceof Anthropic.APIError);
            assert.equal(error.type, type);
            assert.match(error.message, message);
            assert.equal(heard.join(''), 'Grüße aus ');
            assert.equal((await rig.records(1)).length, 1);
          }));
      }
    }

    it('of a break, and gets the answer elsewhere when it asks again', () =>
      withRig({}, async (rig) => {
        rig.first.behave({ kind: 'cut', at: { afterEvents: 2 }, how: 'rst', answer: brief });
        rig.second.behave({ kind: 'healthy', ...brief });
        const client = anthropicOf(rig);
        await assert.rejects(client.messages.stream(question).finalMessage());
        assert.equal(await client.messages.stream(question).finalText(), brief.text);
        assert.equal(seenOn(rig.second, '/v1/messages').length, 1);
      }));

    it('that an answer in one piece broke off', () =>
      withRig({}, async (rig) => {
        const answer = { text: 'long '.repeat(100_000) };
        rig.first.behave({ kind: 'cut', at: { afterEvents: 2 }, how: 'rst', answer });
        await assert.rejects(anthropicOf(rig).messages.create(question));
      }));

    it("the endpoint's own words of a 400", () =>
      withRig({}, async (rig) => {
        const body = anthropicErrorBody('invalid_request_error', 'messages: this one is wrong', 'req_of_the_endpoint');
        rig.first.behave({ kind: 'status', status: 400, body, headers: { 'request-id': 'req_of_the_endpoint' } });
        const error = await failureOf(anthropicOf(rig, { maxRetries: 2 }).messages.create(question));
        assert.ok(error instanceof Anthropic.BadRequestError);
        assert.deepEqual(error.error, body);
        assert.equal(error.requestID, 'req_of_the_endpoint');
        assert.equal(seenOn(rig.first, '/v1/messages').length, 1);
        assert.equal(seenOn(rig.second, '/v1/messages').length, 0);
      }));

    it('once that all keys are refused', () =>
      withRig({ hasWrongKeys: true }, async (rig) => {
        const error = await failureOf(anthropicOf(rig, { maxRetries: 2 }).messages.create(question));
        assert.ok(error instanceof Anthropic.PermissionDeniedError);
        assert.equal(error.type, 'permission_error');
        assert.match(error.message, /Signalbox: the API key was refused by every endpoint \(first/);
        assert.equal((await rig.records(1)).length, 1);
      }));

    it('which endpoints are down', () =>
      withRig({}, async (rig) => {
        await Promise.all([rig.first.refuse(), rig.second.refuse()]);
        const error = await failureOf(anthropicOf(rig).messages.create(question));
        assert.ok(error instanceof Anthropic.ServiceUnavailableError);
        assert.equal(error.type, 'api_error');
        assert.match(error.message, /first: connection refused .*second: connection refused /);
        const retryAfter = Number(error.headers.get('retry-after'));
        assert.ok(retryAfter >= 1 && retryAfter <= 60, `retry-after: ${retryAfter}`);
      }));

    it('to wait a minute at most when every endpoint is rate limited', () =>
      withRig({}, async (rig) => {
        for (const endpoint of [rig.first, rig.second]) {
          endpoint.behave({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
        }
        const error = await failureOf(anthropicOf(rig).messages.create(question));
        assert.ok(error instanceof Anthropic.RateLimitError);
        assert.equal(error.headers.get('retry-after'), '60');
      }));
  });

  describe('when it gives up', () => {
    const moments: Readonly<Record<string, Behaviour>> = {
      'before the first byte': { kind: 'hang', at: 'beforeHeaders' },
      'before content': { kind: 'hang', at: 'afterStart' },
      'in mid-stream': { kind: 'hang', at: { afterEvents: 2 } },
    };
    for (const [when, behaviour] of Object.entries(moments)) {
      it(`${when}, takes the endpoint's request with it`, () =>
        withRig({}, async (rig) => {
          rig.first.behave(behaviour);
          const controller = new AbortController();
          const stream = anthropicOf(rig).messages.stream(question, { signal: controller.signal });
          if (when === 'in mid-stream') await new Promise((resolve) => stream.once('text', resolve));
          else
            await until(
              'the request',
              () => seenOn(rig.first, '/v1/messages').length,
              (count) => count === 1,
            );
          controller.abort();
          await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
          await assertAborted(rig, '/v1/messages');
        }));
    }
  });
});
