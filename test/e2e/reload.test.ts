import assert from 'node:assert/strict';
import { until } from '../support/startGateway.ts';
import { statusId, type WindowScene } from '../support/windowScene.ts';
import { inWindowScene } from '../support/windowSuite.ts';

describe('a window that is loaded again', () => {
  let scene: WindowScene;

  inWindowScene({ parts: [{ id: 'primary', setting: { name: 'Primary' } }] }, (opened) => {
    scene = opened;
  });

  it('leaves the stream of another client alone', async function () {
    this.timeout(90_000);
    scene.endpoint('primary').behave({ kind: 'healthy', textEvents: 200, eventDelayMs: 100 });
    const pid = scene.gatewayPid;
    const stream = scene.converse('long');
    await until(
      'the stream to have begun',
      async () => stream.byteCount(),
      (count) => count > 0,
    );
    await scene.window.reload();
    await scene.window.statusBar.until(
      statusId,
      'the window to be back',
      ({ text }) => text === '1/1 · Primary',
      30_000,
    );
    const countAfterReload = stream.byteCount();
    const answer = await stream.end;
    assert.ok(answer.bytes.length > countAfterReload, 'the stream was over before the window was back');
    assert.ok(answer.isComplete);
    assert.match(answer.text, /event: message_stop\n/);
    assert.equal(scene.gatewayPid, pid, 'another gateway is running');
  });
});
