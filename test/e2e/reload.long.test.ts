import assert from 'node:assert/strict';
import { type ExactEndpoint, startExactEndpoint } from '../support/endpoints/exactEndpoint.ts';
import { formats, streamFrames } from '../support/endpoints/wholeStreams.ts';
import { until } from '../support/processes/startGateway.ts';
import type { Conversation } from '../support/scenes/converse.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { openWorkbench, type Workbench } from '../support/workbench/workbench.ts';

const [format] = formats;
const frames = format === undefined ? [] : streamFrames(format);

describe('a window that is loaded again', () => {
  let scene: WindowScene;
  let endpoint: ExactEndpoint;
  /** Told when the streams under way may come to their end. */
  let end = Promise.withResolvers<void>();

  before(async () => {
    endpoint = await startExactEndpoint();
    options.settings['signalbox.endpoints'] = [{ id: 'primary', name: 'Primary', baseUrl: endpoint.url, auth: 'none' }];
    endpoint.answer = async (response, body) => {
      if (!body.includes('"stream":true')) {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(Buffer.concat(frames.slice(0, -2)));
      const pings = setInterval(() => response.write('event: ping\ndata: {"type":"ping"}\n\n'), 100);
      await end.promise;
      clearInterval(pings);
      response.end(Buffer.concat(frames.slice(-2)));
    };
  });

  after(() => endpoint.close());

  const options = { settings: {} as Record<string, unknown> };
  inWindowScene(options, (opened) => {
    scene = opened;
  });

  /** A stream that has begun, and goes on until all are told to end. */
  async function longStream(session: string): Promise<Conversation> {
    const stream = scene.converse(session);
    await until(
      'the stream to have begun',
      async () => stream.byteCount(),
      (count) => count > 0,
    );
    return stream;
  }

  /** Lets the streams end; each is one answer in one piece. */
  async function assertWhole(...streams: readonly Conversation[]): Promise<void> {
    const counts = streams.map((stream) => stream.byteCount());
    end.resolve();
    for (const [index, stream] of streams.entries()) {
      const answer = await stream.end;
      assert.ok(answer.bytes.length > (counts[index] ?? 0), 'it was over before anything had happened');
      assert.ok(answer.isComplete);
      assert.match(answer.text, /event: message_stop\n/);
    }
    end = Promise.withResolvers<void>();
  }

  const isBack = (window: Workbench): Promise<unknown> =>
    window.statusBar.until(statusId, 'the window to be back', ({ text }) => text === '1/1 · Primary', 30_000);

  it('leaves the stream of another client alone', async () => {
    const pid = scene.gatewayPid;
    const stream = await longStream('long');
    await scene.window.reload();
    await isBack(scene.window);
    await assertWhole(stream);
    assert.equal(scene.gatewayPid, pid, 'another gateway is running');
  });

  it('and one that is closed leave the streams of all others alone, whoever has started the gateway', async () => {
    const pid = scene.gatewayPid;
    const other = await openWorkbench(scene.server, scene.window.context);
    await isBack(other);
    const streams = [await longStream('one'), await longStream('two')];
    await scene.window.reload();
    await isBack(scene.window);
    await other.close();
    await assertWhole(...streams);
    assert.equal(scene.gatewayPid, pid, 'another gateway is running');
  });

  it('of two may have restarted the gateway: the other one follows, and no stream is cut', async () => {
    const other = await openWorkbench(scene.server, scene.window.context);
    await isBack(other);
    const stream = await longStream('through a restart');
    await scene.restartProxy(other);
    for (const window of [scene.window, other]) await isBack(window);
    await assertWhole(stream, await longStream('through the next one'));
    await other.close();
  });
});
