import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { type Behaviour, openaiErrorBody } from '../../src/simulated/behaviour.ts';
import { assertAborted, brief, failureOf, type RigOptions, seenOn, withRig } from '../support/clients/clientRig.ts';
import {
  chatQuestion,
  chatText,
  collect,
  openaiOf,
  responsesQuestion,
  responsesText,
} from '../support/clients/openaiClient.ts';
import { until } from '../support/processes/startGateway.ts';

const openai = { dialect: 'openai' } satisfies RigOptions;
/** Breaks are told by an event; sdkStreamEndings.test.ts has them as closed connections. */
const withEvents = {
  ...openai,
  config: { timeouts: { idleMs: 250 }, stream: { breakStyle: 'event' } },
} satisfies RigOptions;
const streamedChat = { ...chatQuestion, stream: true } as const;
const streamedResponses = { ...responsesQuestion, stream: true } as const;

const brokeOff = /Signalbox: the answer of first broke off after it had begun/;

/** How an answer breaks after its first words, and what the client is told. */
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
  'that the endpoint went silent': {
    fault: { kind: 'hang', at: { afterEvents: 2 }, answer: brief },
    type: 'api_error',
    message: /Signalbox: the answer of first went silent after it had begun/,
  },
  "the endpoint's own error in the stream": {
    fault: {
      kind: 'streamError',
      at: { afterEvents: 2 },
      errorType: 'server_error',
      message: 'Out of steam',
      answer: brief,
    },
    type: 'api_error',
    message: brokeOff,
  },
};

describe('The OpenAI SDK', () => {
  describe('is told', () => {
    for (const [what, { fault, type, message }] of Object.entries(breaks)) {
      it(`by Chat Completions ${what}`, () =>
        withRig(withEvents, async (rig) => {
          rig.first.behave(fault);
          const chunks: OpenAI.ChatCompletionChunk[] = [];
          const client = openaiOf(rig, { maxRetries: 2 });
          const error = await failureOf(collect(client.chat.completions.create(streamedChat), chunks));
          assert.ok(error instanceof OpenAI.APIError);
          assert.equal(error.type, type);
          assert.match(error.message, message);
          assert.equal(chatText(chunks), 'Grüße aus ');
          assert.equal((await rig.records(1)).length, 1);
        }));

      it(`by Responses ${what}`, () =>
        withRig(withEvents, async (rig) => {
          rig.first.behave(fault);
          const events = await collect(openaiOf(rig, { maxRetries: 2 }).responses.create(streamedResponses));
          const last = events.at(-1);
          assert.ok(last?.type === 'error', `it ended with ${last?.type}`);
          assert.equal(last.code, type);
          assert.match(last.message, message);
          assert.equal(responsesText(events), 'Grüße aus ');
          assert.equal((await rig.records(1)).length, 1);
        }));
    }

    it('by Responses that a stream without its last event is not complete', () =>
      withRig(openai, async (rig) => {
        rig.first.behave({ kind: 'cut', at: 'beforeTerminal', how: 'rst', answer: brief });
        await assert.rejects(openaiOf(rig).responses.stream(responsesQuestion).finalResponse());
        assert.equal((await rig.records(1))[0]?.terminal, 'truncated');
      }));

    it('F21: by Responses of a break where the endpoint reports that the response failed', () =>
      withRig(openai, async (rig) => {
        const fault = { kind: 'streamError', at: { afterEvents: 2 }, errorType: 'server_error' } as const;
        rig.first.behave({ ...fault, form: 'failed', message: 'Out of steam', answer: brief });
        await assert.rejects(collect(openaiOf(rig).responses.create(streamedResponses)));
        assert.equal((await rig.records(1))[0]?.terminal, 'truncated');
      }));

    it("the endpoint's own words of a 400", () =>
      withRig(openai, async (rig) => {
        const body = openaiErrorBody('this one is wrong', 'invalid_request_error', 'unsupported_value');
        rig.first.behave({ kind: 'status', status: 400, body });
        const client = openaiOf(rig, { maxRetries: 2 });
        const failures = [
          await failureOf(client.chat.completions.create(chatQuestion)),
          await failureOf(client.responses.create(streamedResponses)),
          await failureOf(client.embeddings.create({ model: 'claude-of-both', input: 'one' })),
        ];
        for (const error of failures) {
          assert.ok(error instanceof OpenAI.BadRequestError);
          assert.deepEqual({ error: error.error }, body);
        }
        assert.equal(rig.second.seen.filter(({ method }) => method === 'POST').length, 0);
        assert.equal((await rig.records(3)).length, 3);
      }));

    it('once that all keys are refused', () =>
      withRig({ ...openai, hasWrongKeys: true }, async (rig) => {
        const error = await failureOf(openaiOf(rig, { maxRetries: 2 }).chat.completions.create(chatQuestion));
        assert.ok(error instanceof OpenAI.PermissionDeniedError);
        assert.match(error.message, /Signalbox: the API key was refused by every endpoint \(first/);
        assert.equal((await rig.records(1)).length, 1);
      }));

    it('that its token is wrong', () =>
      withRig(openai, async (rig) => {
        const asked = openaiOf(rig, { apiKey: 'token-of-somebody-else' }).chat.completions.create(chatQuestion);
        await assert.rejects(asked, OpenAI.AuthenticationError);
        assert.equal(seenOn(rig.first, '/v1/chat/completions').length, 0);
      }));

    it('which endpoints are down', () =>
      withRig(openai, async (rig) => {
        await Promise.all([rig.first.refuse(), rig.second.refuse()]);
        const error = await failureOf(openaiOf(rig).responses.create(responsesQuestion));
        assert.ok(error instanceof OpenAI.InternalServerError);
        assert.equal(error.status, 503);
        assert.match(error.message, /first: connection refused .*second: connection refused /);
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
        withRig(openai, async (rig) => {
          rig.first.behave(behaviour);
          const controller = new AbortController();
          const stream = openaiOf(rig).chat.completions.stream(streamedChat, { signal: controller.signal });
          const path = '/v1/chat/completions';
          if (when === 'in mid-stream') await new Promise((resolve) => stream.once('content', resolve));
          else
            await until(
              'the request',
              () => seenOn(rig.first, path).length,
              (count) => count === 1,
            );
          controller.abort();
          await assert.rejects(stream.finalContent(), OpenAI.APIUserAbortError);
          await assertAborted(rig, path);
        }));
    }
  });
});
