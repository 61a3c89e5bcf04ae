// Every ending of an answer, met by every way in which the SDKs read one: nothing hangs, and nothing is cut off in silence.
import assert from 'node:assert/strict';
import { anthropicOf, question } from '../support/clients/anthropicClient.ts';
import { type ClientRig, type RigOptions, withRig } from '../support/clients/clientRig.ts';
import { chatQuestion, openaiOf, responsesQuestion } from '../support/clients/openaiClient.ts';
import { answerOf, type EndingKind, type StreamEnding, streamEndings } from '../support/endpoints/streamEndings.ts';

/** One way to ask, in which the text that has come is told piece by piece. Resolves when the client takes it for whole. */
interface Reader {
  readonly name: string;
  readonly dialect: 'anthropic' | 'openai';
  readonly kindOf: (ending: StreamEnding) => EndingKind;
  readonly read: (rig: ClientRig, prompt: string, heard: (text: string) => void, signal: AbortSignal) => Promise<void>;
}

const kindOf = ({ kind }: StreamEnding): EndingKind => kind;
/** In one piece everything is held until it is whole: a broken answer is never begun. */
const kindInOnePiece = ({ kind }: StreamEnding): EndingKind => (kind === 'nothing' ? 'nothing' : 'hidden');
const said = (content: string) => [{ role: 'user' as const, content }];

const readers: readonly Reader[] = [
  {
    name: "Anthropic's messages.stream()",
    dialect: 'anthropic',
    kindOf,
    read: async (rig, prompt, heard, signal) => {
      const stream = anthropicOf(rig).messages.stream({ ...question, messages: said(prompt) }, { signal });
      await stream.on('text', heard).finalMessage();
    },
  },
  {
    name: "Anthropic's events one by one",
    dialect: 'anthropic',
    kindOf,
    read: async (rig, prompt, heard, signal) => {
      const body = { ...question, messages: said(prompt), stream: true } as const;
      for await (const event of await anthropicOf(rig).messages.create(body, { signal })) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') heard(event.delta.text);
      }
    },
  },
  {
    name: "Anthropic's messages in one piece",
    dialect: 'anthropic',
    kindOf: kindInOnePiece,
    read: async (rig, prompt, heard, signal) => {
      const { content } = await anthropicOf(rig).messages.create({ ...question, messages: said(prompt) }, { signal });
      for (const block of content) if (block.type === 'text') heard(block.text);
    },
  },
  {
    name: "OpenAI's chat chunks one by one",
    dialect: 'openai',
    kindOf,
    read: async (rig, prompt, heard, signal) => {
      const body = { ...chatQuestion, messages: said(prompt), stream: true } as const;
      for await (const { choices } of await openaiOf(rig).chat.completions.create(body, { signal })) {
        heard(choices[0]?.delta.content ?? '');
      }
    },
  },
  {
    name: "OpenAI's chat.completions.stream()",
    dialect: 'openai',
    kindOf,
    read: async (rig, prompt, heard, signal) => {
      const body = { ...chatQuestion, messages: said(prompt), stream: true } as const;
      const stream = openaiOf(rig).chat.completions.stream(body, { signal });
      await stream.on('content', heard).finalChatCompletion();
    },
  },
  {
    name: "OpenAI's chat in one piece",
    dialect: 'openai',
    kindOf: kindInOnePiece,
    read: async (rig, prompt, heard, signal) => {
      const body = { ...chatQuestion, messages: said(prompt) };
      const { choices } = await openaiOf(rig).chat.completions.create(body, { signal });
      heard(choices[0]?.message.content ?? '');
    },
  },
  {
    name: "OpenAI's responses.stream()",
    dialect: 'openai',
    kindOf: ({ kindOfResponses }) => kindOfResponses,
    read: async (rig, prompt, heard, signal) => {
      const stream = openaiOf(rig).responses.stream({ ...responsesQuestion, input: prompt }, { signal });
      await stream.on('response.output_text.delta', ({ delta }) => heard(delta)).finalResponse();
    },
  },
  {
    name: "OpenAI's response events one by one",
    dialect: 'openai',
    kindOf: ({ kindOfResponses }) => kindOfResponses,
    read: async (rig, prompt, heard, signal) => {
      const body = { ...responsesQuestion, input: prompt, stream: true } as const;
      let isTold = false;
      for await (const event of await openaiOf(rig).responses.create(body, { signal })) {
        if (event.type === 'response.output_text.delta') heard(event.delta);
        if (event.type === 'response.completed') isTold = true;
        // This reader is told by an event, where the others are by an exception.
        if (event.type === 'error') throw new Error(event.message);
      }
      assert.ok(isTold, 'the events end without a last one');
    },
  },
  {
    name: "OpenAI's response in one piece",
    dialect: 'openai',
    kindOf: kindInOnePiece,
    read: async (rig, prompt, heard, signal) => {
      heard((await openaiOf(rig).responses.create({ ...responsesQuestion, input: prompt }, { signal })).output_text);
    },
  },
];

const inWords = {
  hidden: 'another endpoint answers',
  whole: 'all of it is there',
  broken: 'it is told',
  nothing: 'it is told that there is no answer',
} as const satisfies Record<EndingKind, string>;

/** Far more than any ending takes, far less than the SDKs' own patience. */
const deadlineMs = 15_000;
const terminals = { hidden: ['ok'], whole: ['ok'], broken: ['truncated'], nothing: ['gatewayError', 'endpointError'] };

for (const dialect of ['anthropic', 'openai'] as const) {
  describe(`An answer that ends in any way (${dialect})`, () => {
    let rig: ClientRig;
    let prompts = 0;
    const done = Promise.withResolvers<void>();
    let closed: Promise<void>;

    before(async () => {
      const options: RigOptions = { dialect, config: { timeouts: { idleMs: 250 }, recovery: { enabled: false } } };
      const ready = Promise.withResolvers<ClientRig>();
      closed = withRig(options, (made) => {
        ready.resolve(made);
        return done.promise;
      });
      closed.catch(ready.reject);
      rig = await ready.promise;
    });

    beforeEach(async () => {
      for (const endpoint of [rig.first, rig.second]) {
        await endpoint.listenAgain();
        endpoint.behave({ kind: 'healthy', ...answerOf(endpoint.name) });
      }
      assert.equal((await rig.gateway.control('POST', '/signalbox/reset')).status, 200);
    });

    after(async () => {
      done.resolve();
      await closed;
    });

    for (const reader of readers.filter((one) => one.dialect === dialect)) {
      for (const ending of streamEndings) {
        const kind = reader.kindOf(ending);
        it(`${ending.name}: ${reader.name}: ${inWords[kind]}`, () => meet(reader, ending, kind));
      }
    }

    async function meet(reader: Reader, ending: StreamEnding, kind: EndingKind): Promise<void> {
      await ending.prepare(rig);
      const before = (await rig.gateway.status()).totals.requests;
      prompts += 1;
      let heard = '';
      const signal = AbortSignal.timeout(deadlineMs);
      const result = await reader
        .read(rig, `Prompt ${prompts}`, (text) => (heard += text), signal)
        .then(
          () => 'whole' as const,
          (error: unknown) => error,
        );
      assert.equal(signal.aborted, false, 'it hangs');
      if (kind === 'hidden') assert.deepEqual([result, heard], ['whole', answerOf('second').text]);
      else if (kind === 'whole') assert.deepEqual([result, heard], ['whole', answerOf('first').text]);
      else assert.notEqual(result, 'whole', `a part was taken for the whole: ${heard}`);
      if (kind === 'broken') assert.ok(answerOf('first').text.startsWith(heard), heard);
      if (kind === 'nothing') assert.equal(heard, '');
      const { requests, totals } = await rig.gateway.until('the record', (now) => now.totals.requests > before);
      assert.equal(totals.requests, before + 1, 'the SDK has asked once');
      assert.ok(terminals[kind].includes(requests[0]?.terminal ?? ''), requests[0]?.terminal);
    }
  });
}
