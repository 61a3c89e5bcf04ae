import assert from 'node:assert/strict';
import { rawAnswer } from '../../support/endpoints/rawAnswer.ts';
import { bodyBytes, type Format, formats, streamBytes } from '../../support/endpoints/wholeStreams.ts';
import { until } from '../../support/processes/startGateway.ts';
import { type FormatScene, startFormatScene } from '../../support/scenes/formatScene.ts';
import { assertBytes, withoutIds } from '../../support/scenes/rowViews.ts';
import { startScene } from '../../support/scenes/scene.ts';

const [messages] = formats as readonly [Format, ...Format[]];
const answer = { text: 'One two three.' };

for (const format of formats) {
  describe(`an answer in one body (${format.name})`, () => {
    let scene: FormatScene;

    before(async () => {
      scene = await startFormatScene(format);
    });

    beforeEach(async () => {
      await scene.renew();
      scene.second.behave({ kind: 'healthy', ...answer });
    });

    after(() => scene.close());

    const noAnswers = {
      'an error': '{"error":{"type":"overloaded_error","message":"No"}}',
      'an error of another make': '{"code":1002,"msg":"busy"}',
      'choices of null': '{"choices":null,"content":null,"output":null}',
      'no choices': '{"choices":[],"content":[],"output":[],"status":"completed"}',
      'blank lines': '\n\n \r\n',
      'an empty object': '{}',
      'a text': '"ok"',
      'plain text': 'ok',
    };
    for (const [name, body] of Object.entries(noAnswers)) {
      it(`F9: is none when it is ${name}: another endpoint answers`, async () => {
        const bytes = rawAnswer(body, 'whole', 'application/json');
        scene.first.behave({ kind: 'rawResponse', bytes, ending: 'fin' });
        const reply = await scene.whole();
        const record = await scene.recordOf(reply);
        assert.deepEqual([reply.status, record.endpointId, record.attempts.length], [200, 'second', 2]);
        assert.notEqual(record.attempts[0]?.class, 'success');
      });
    }

    for (const asked of ['whole', 'stream'] as const) {
      it(`says of an error in place of the answer that it was in the answer (${asked})`, async () => {
        const bytes = rawAnswer('{"error":{"type":"overloaded_error","message":"No"}}', 'whole', 'application/json');
        scene.first.behave({ kind: 'rawResponse', bytes, ending: 'fin' });
        const [failed] = (await scene.recordOf(await scene[asked]())).attempts;
        assert.equal(failed?.reason, '529 overloaded_error in the answer');
      });
    }

    it('F9: is one after blank lines that kept the connection open', async () => {
      const body = `\n\n\n${bodyBytes(format, answer)}`;
      scene.first.behave({ kind: 'rawResponse', bytes: rawAnswer(body, 'whole', 'application/json'), ending: 'fin' });
      const reply = await scene.whole();
      assert.equal(reply.text, body);
      assert.equal(reply.headers['x-signalbox-attempts'], '1');
    });

    it('F9: is none under a coding either', async () => {
      const behaviour = { kind: 'status', status: 200, body: '{"error":{"message":"No"}}', compress: 'gzip' } as const;
      scene.first.behave(behaviour);
      assert.equal((await scene.recordOf(await scene.whole())).endpointId, 'second');
    });

    it('A4: a stream with a length ends for the client where its events end', async () => {
      const [events, tail] = [streamBytes(format, answer), ': and so on\n\n'];
      const type = 'content-type: text/event-stream';
      const head = `HTTP/1.1 200 OK\r\n${type}\r\ncontent-length: ${events.length + tail.length}\r\n\r\n`;
      scene.first.behave({
        kind: 'rawResponse',
        bytes: Buffer.concat([Buffer.from(head), events]),
        ending: 'keepOpen',
      });
      const reply = await scene.stream();
      assertBytes(reply, events);
      assert.equal(reply.headers['content-length'], undefined);
      assert.equal((await scene.recordOf(reply)).terminal, 'ok');
    });

    it('F28, A12: all of a break that comes in one packet with the content arrives, and is a break', async () => {
      const whole = streamBytes(format, answer).toString();
      const part = whole.slice(0, whole.indexOf('three'));
      const sent = part.slice(0, part.lastIndexOf('\n\n') + 2);
      for (const [name, end] of [
        ['a cut', 'cut'],
        ['a clean end', 'whole'],
      ] as const) {
        scene.first.behave({ kind: 'rawResponse', bytes: rawAnswer(sent, end), ending: 'fin' });
        const reply = await scene.stream();
        assert.equal(reply.text, sent, name);
        assert.equal(reply.isComplete, false, name);
      }
    });
  });
}

describe('a stream that begins with pings only', () => {
  it('is given up while another endpoint can still be asked', async () => {
    const scene = await startFormatScene(messages, { retry: { preCommitSeconds: 1 } });
    scene.first.behave({ kind: 'hang', at: 'afterStart', pingEveryMs: 20 });
    scene.second.behave({ kind: 'healthy', ...answer });
    const reply = await scene.stream();
    assertBytes(reply, streamBytes(messages, answer));
    const { attempts } = await scene.recordOf(reply);
    assert.deepEqual(
      attempts.map((one) => one.class),
      ['transient', 'success'],
    );
    assert.match(attempts[0]?.reason ?? '', /no content after 0\.9 s/);
    await scene.close();
  });

  it('is waited for, with its bytes, where nobody else can answer', async () => {
    const scene = await startScene({ parts: [{ id: 'first' }], config: { retry: { preCommitSeconds: 1 } } });
    scene.first.behave({ kind: 'hang', at: 'afterStart', pingEveryMs: 20 });
    const conversation = scene.converse(messages.path, { json: { ...messages.asking('Say it.'), stream: true } });
    await until('the first pings', conversation.text, (text) => text.includes('ping'));
    conversation.abort();
    await scene.close();
  });
});

describe('embeddings', () => {
  it('A21: asked for as a stream, come as they are', async () => {
    const scene = await startScene({ parts: [{ id: 'first', config: { dialect: 'openai' } }] });
    const json = { model: 'embed', input: 'a', stream: true };
    const streamed = await scene.ask('/v1/embeddings', { json });
    const whole = await scene.ask('/v1/embeddings', { json: { ...json, stream: false } });
    assert.equal(streamed.status, 200);
    assert.deepEqual(withoutIds(streamed.text), withoutIds(whole.text));
    await scene.close();
  });
});
