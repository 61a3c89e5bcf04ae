import assert from 'node:assert/strict';
import type { Conversation } from '../support/converse.ts';
import { until } from '../support/startGateway.ts';
import { statusId, type WindowScene } from '../support/windowScene.ts';
import { inWindowScene } from '../support/windowSuite.ts';
import { openWorkbench, type Workbench } from '../support/workbench.ts';

describe('a window that is loaded again', () => {
  let scene: WindowScene;

  inWindowScene({ parts: [{ id: 'primary', setting: { name: 'Primary' } }] }, (opened) => {
    scene = opened;
  });

  /** A stream of some twenty seconds that has begun. */
  async function longStream(session: string): Promise<Conversation> {
    scene.endpoint('primary').behave({ kind: 'healthy', textEvents: 200, eventDelayMs: 100 });
    const stream = scene.converse(session);
    await until(
      'the stream to have begun',
      async () => stream.byteCount(),
      (count) => count > 0,
    );
    return stream;
  }

  /** The answer, of which more is to come now, in one piece. */
  async function assertGoesOn(stream: Conversation): Promise<void> {
    const countNow = stream.byteCount();
    const answer = await stream.end;
    assert.ok(answer.bytes.length > countNow, 'the stream was over before anything had happened');
    assert.ok(answer.isComplete);
    assert.match(answer.text, /event: message_stop\n/);
  }

  const isBack = (window: Workbench): Promise<unknown> =>
    window.statusBar.until(statusId, 'the window to be back', ({ text }) => text === '1/1 · Primary', 30_000);

  it('leaves the stream of another client alone', async function () {
    this.timeout(90_000);
    const pid = scene.gatewayPid;
    const stream = await longStream('long');
    await scene.window.reload();
    await isBack(scene.window);
    await assertGoesOn(stream);
    assert.equal(scene.gatewayPid, pid, 'another gateway is running');
  });

  it('and one that is closed leave the streams of all others alone, whoever has started the gateway', async function () {
    this.timeout(120_000);
    const pid = scene.gatewayPid;
    const other = await openWorkbench(scene.server, scene.window.context);
    await isBack(other);
    const streams = [await longStream('one'), await longStream('two')];
    await scene.window.reload();
    await isBack(scene.window);
    await other.page.close();
    for (const stream of streams) await assertGoesOn(stream);
    assert.equal(scene.gatewayPid, pid, 'another gateway is running');
  });

  it('of two may have restarted the proxy: the other one follows, and no stream is cut', async function () {
    this.timeout(120_000);
    const pid = scene.gatewayPid;
    const other = await openWorkbench(scene.server, scene.window.context);
    await isBack(other);
    const stream = await longStream('through a restart');
    await other.runCommand('Signalbox: Restart Proxy');
    await until(
      'another gateway runs',
      () => scene.gatewayPid,
      (now) => now !== undefined && now !== pid,
      20_000,
    );
    assert.equal((await scene.ask('meanwhile')).status, 200);
    for (const window of [scene.window, other]) await isBack(window);
    await assertGoesOn(stream);
    await other.page.close();
  });
});
