// The fault matrix, rows 26 to 30: an answer that begins with 200 and then goes wrong.
import assert from 'node:assert/strict';
import { type Format, formats, streamBytes, streamUpTo } from '../../support/endpoints/wholeStreams.ts';
import { until } from '../../support/processes/startGateway.ts';
import { type FormatScene, startFormatScene } from '../../support/scenes/formatScene.ts';
import {
  assertBytes,
  assertSaw,
  assertStanding,
  assertViews,
  calm,
  failedOnce,
} from '../../support/scenes/rowViews.ts';

const answer = { text: 'One two three four five six seven.' };
const midBlock = { afterEvents: 3 } as const;
const cuts = ['eof', 'fin', 'rst'] as const;
const healthy = { kind: 'healthy', ...answer } as const;

for (const format of formats) {
  describe(`a stream that goes wrong (${format.name})`, () => {
    let scene: FormatScene;

    before(async () => {
      scene = await startFormatScene(format, { timeouts: { idleMs: 300 } });
    });

    beforeEach(async () => {
      await scene.renew();
      scene.second.behave(healthy);
    });

    after(() => scene.close());

    const errors = {
      overloaded_error: ['overloaded, 529 overloaded_error in the stream', { ...failedOnce, cooling: ['endpoint'] }],
      api_error: ['unknown, 500 api_error in the stream, maybe billed', failedOnce],
      rate_limit_error: ['rateLimit, 429 rate_limit_error in the stream without a reset', calm],
      authentication_error: ['auth, 401 authentication_error in the stream', calm],
    } as const;
    for (const [errorType, [attempt, standing]] of Object.entries(errors)) {
      for (const at of ['afterHeaders', 'afterStart'] as const) {
        it(`row 26: ${errorType} before content (${at}) is answered by another endpoint, and judged as its status`, async () => {
          scene.first.behave({ kind: 'streamError', at, errorType, ending: 'hang' });
          const reply = await scene.stream();
          assert.equal(reply.status, 200);
          assertBytes(reply, streamBytes(format, answer));
          assert.equal(reply.headers['x-signalbox-attempts'], '2');
          await assertViews(scene, reply, {
            endpoints: { first: ['aborted'], second: ['answered'] },
            state: { first: standing, second: calm },
            boundTo: 'second',
            terminal: 'ok',
            attempts: [`first: ${attempt}`, 'second: success, ok'],
          });
        });
      }
    }

    it('row 27: an error after content ends the stream, unseen, and nothing is tried again', async () => {
      scene.first.behave({
        kind: 'streamError',
        at: midBlock,
        errorType: 'overloaded_error',
        ending: 'hang',
        answer,
      });
      const reply = await scene.stream({}, 'row 27');
      assertBytes(reply, streamUpTo(format, answer, midBlock), false);
      await assertViews(scene, reply, {
        endpoints: { first: ['aborted'], second: [] },
        state: { first: { ...failedOnce, cooling: ['endpoint'] }, second: calm },
        boundTo: 'first',
        terminal: 'truncated',
        attempts: ['first: overloaded, 529 overloaded_error in the stream'],
      });
      if (format.name === 'Messages') assert.equal((await scene.recordOf(reply)).usage?.inputTokens, 25);
      const again = await scene.stream({}, 'row 27');
      assertBytes(again, streamBytes(format, answer));
      const { sessions } = await scene.gateway.status();
      assert.equal(sessions[0]?.endpointId, 'second', 'the session follows its next success');
    });

    for (const how of cuts) {
      it(`row 28: a stream that ends in the middle (${how}) is no end`, async () => {
        scene.first.behave({ kind: 'cut', at: midBlock, how, answer });
        const session = `row 28 ${how}`;
        const reply = await scene.stream({}, session);
        assertBytes(reply, streamUpTo(format, answer, midBlock), false);
        const reason = how === 'eof' ? 'answer ended before it was complete' : 'connection lost';
        await assertViews(scene, reply, {
          endpoints: { first: ['cut'], second: [] },
          state: { first: failedOnce, second: calm },
          boundTo: 'first',
          terminal: 'truncated',
          attempts: [`first: transient, ${reason}, maybe billed`],
        });
        assertBytes(await scene.stream({}, session), streamBytes(format, answer));
        await assertSaw(scene, 'second', ['answered']);
      });

      // With a stop reason sent, the missing terminal event is added, where it holds nothing.
      it(`row 28: a stream that lacks its last event only (${how}) is completed where that can be done`, async () => {
        scene.first.behave({ kind: 'cut', at: 'beforeTerminal', how, answer });
        const reply = await scene.stream();
        const isLost = format.name === 'Responses';
        if (isLost) assertBytes(reply, streamUpTo(format, answer, 'beforeTerminal'), false);
        else assertBytes(reply, streamBytes(format, answer));
        const reason = how === 'eof' ? 'answer ended before it was complete' : 'connection lost';
        await assertViews(scene, reply, {
          endpoints: { first: ['cut'], second: [] },
          state: { first: isLost ? failedOnce : calm, second: calm },
          boundTo: 'first',
          terminal: isLost ? 'truncated' : 'ok',
          attempts: [isLost ? `first: transient, ${reason}, maybe billed` : 'first: success, ok'],
        });
      });
    }

    it('row 29: silence in mid-stream ends it, and the endpoint is let go', async () => {
      scene.first.behave({ kind: 'hang', at: midBlock, answer });
      const reply = await scene.stream();
      assertBytes(reply, streamUpTo(format, answer, midBlock), false);
      await assertViews(scene, reply, {
        endpoints: { first: ['aborted'], second: [] },
        state: { first: failedOnce, second: calm },
        boundTo: 'first',
        terminal: 'truncated',
        attempts: ['first: transient, answer silent after 0.3 s, maybe billed'],
      });
    });

    it('row 29: pings count as life', async () => {
      scene.first.behave({ kind: 'hang', at: midBlock, answer, pingEveryMs: 50 });
      const conversation = scene.converseIn();
      const head = await conversation.head;
      const pings = () => conversation.text().split(/event: ping|: keep-alive/).length - 1;
      // Far beyond the idle limit, as pings are counted.
      await until('two idle limits of pings', pings, (count) => count >= 15);
      conversation.abort();
      await assertViews(scene, head, {
        endpoints: { first: ['aborted'], second: [] },
        state: { first: calm, second: calm },
        boundTo: 'first',
        terminal: 'clientAbort',
        attempts: ['first: clientAbort, client closed the connection'],
      });
    });

    const odd = {
      'one byte at a time': { text: 'Grüße, 世界! \u{1f469}‍\u{1f680} and more.', chunkBytes: 1 },
      'one byte at a time, with CRLF': { text: 'Grüße, 世界!', chunkBytes: 1, lineEnding: '\r\n', pings: 2 },
      'with a line of 1 MB': { text: 'x'.repeat(1_000_000), textEvents: 1, chunkBytes: 4000 },
    } as const;
    for (const [how, said] of Object.entries(odd)) {
      it(`row 30: a stream that comes ${how} passes byte for byte`, async () => {
        scene.first.behave({ kind: 'healthy', ...said });
        const reply = await scene.stream();
        assertBytes(reply, streamBytes(format, said));
        await assertFine(reply);
        const usage = (await scene.recordOf(reply)).usage?.inputTokens;
        assert.equal(usage, format.name === 'Chat' ? undefined : 25, 'and was read all the same');
      });
    }

    for (const [how, bytes] of [
      ['with a BOM, comments and unknown fields', `\ufeff: hello\n\nid: 7\nretry: 1\nfoo: bar\n\n${plain(format)}`],
      ['with CR alone at the ends of its lines', plain(format).replaceAll('\n', '\r')],
    ] as const) {
      it(`row 30: a stream ${how} passes byte for byte`, async () => {
        scene.first.behave({ kind: 'rawResponse', bytes: inChunks(bytes), ending: 'keepOpen' });
        const reply = await scene.stream();
        assertBytes(reply, bytes);
        assert.equal((await scene.recordOf(reply)).terminal, 'ok');
        await assertStanding(scene, { first: calm, second: calm });
        await assertSaw(scene, 'second', []);
      });
    }

    /** An error event of Responses has a code and no type. */
    async function assertFine(reply: Parameters<typeof assertViews>[1]): Promise<void> {
      await assertViews(scene, reply, {
        endpoints: { first: ['answered'], second: [] },
        state: { first: calm, second: calm },
        boundTo: 'first',
        terminal: 'ok',
        attempts: ['first: success, ok'],
      });
    }
  });
}

function plain(format: Format): string {
  return streamBytes(format, answer).toString();
}

/** A stream as raw HTTP, three bytes a chunk. */
function inChunks(body: string): Buffer {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
  const pieces: Buffer[] = [Buffer.from(head)];
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += 3) {
    const piece = bytes.subarray(at, at + 3);
    pieces.push(Buffer.from(`${piece.length}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}
