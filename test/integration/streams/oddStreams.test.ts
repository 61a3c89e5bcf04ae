import assert from 'node:assert/strict';
import { oddStreams } from '../../support/endpoints/oddStreams.ts';
import { rawAnswer } from '../../support/endpoints/rawAnswer.ts';
import { formats, streamBytes } from '../../support/endpoints/wholeStreams.ts';
import { type FormatScene, startFormatScene } from '../../support/scenes/formatScene.ts';
import { assertBytes } from '../../support/scenes/rowViews.ts';

const answer = { text: 'One two three.' };

for (const format of formats) {
  describe(`what a stream says (${format.name})`, () => {
    let scene: FormatScene;

    before(async () => {
      scene = await startFormatScene(format);
    });

    beforeEach(async () => {
      await scene.renew();
      scene.second.behave({ kind: 'healthy', ...answer });
    });

    after(() => scene.close());

    for (const { row, name, fate, body, end } of oddStreams.filter((one) => one.format === format.name)) {
      it(`${row}: ${name}: ${fate}`, async () => {
        scene.first.behave({ kind: 'rawResponse', bytes: rawAnswer(body, end), ending: 'fin' });
        const reply = await scene.stream();
        const record = await scene.recordOf(reply);
        if (fate === 'elsewhere') {
          assertBytes(reply, streamBytes(format, answer));
          assert.deepEqual([record.terminal, record.endpointId, record.attempts.length], ['ok', 'second', 2]);
          return;
        }
        assert.equal(reply.isComplete, fate === 'kept');
        assert.deepEqual([record.terminal, record.endpointId], [fate === 'kept' ? 'ok' : 'truncated', 'first']);
        assert.ok(fate === 'kept' ? reply.text.startsWith(body) : body.startsWith(reply.text) && reply.text !== '');
        const { endpoints } = await scene.gateway.status();
        assert.equal(endpoints[0]?.breaker.consecutiveFailures, fate === 'kept' ? 0 : 1, 'what the breaker was told');
      });
    }

    for (const type of ['application/json', 'text/plain; charset=utf-8', 'text/html', '']) {
      it(`under the content type "${type}" is a stream if it was asked for as one`, async () => {
        const bytes = streamBytes(format, answer);
        scene.first.behave({ kind: 'rawResponse', bytes: rawAnswer(bytes, 'whole', type), ending: 'fin' });
        const reply = await scene.stream();
        assertBytes(reply, bytes);
        assert.equal(reply.headers['content-type'], 'text/event-stream');
        assert.equal(reply.headers['x-signalbox-attempts'], '1');
      });
    }

    for (const [name, body, type] of [
      ['an error of the API', '{"error":{"type":"overloaded_error","message":"No"}}', 'application/json'],
      ['an error that calls itself a stream', '{"code":529,"message":"busy"}', 'text/event-stream'],
      ['a web page that calls itself a stream', '<!doctype html><p>No</p>', 'text/event-stream'],
      ['a web page', '\n <html></html>', 'text/html'],
      ['a list', '[1]', 'application/json'],
    ]) {
      it(`is ${name} where no stream came: another endpoint answers`, async () => {
        scene.first.behave({ kind: 'rawResponse', bytes: rawAnswer(body ?? '', 'whole', type), ending: 'fin' });
        assertBytes(await scene.stream(), streamBytes(format, answer));
      });
    }
  });
}
