import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/base/emitter.ts';
import { startEnded } from '../../../../src/ui/link/startEnded.ts';
import type { GatewayStatus } from '../../../../src/ui/model/gatewayStatus.ts';
import { snapshot } from '../model/snapshotParts.ts';

/** A supervisor whose status the test decides. */
class FakeSupervisor {
  readonly onStatus = new Emitter<GatewayStatus>((error) => {
    throw error;
  });
  status: GatewayStatus = { kind: 'starting' };

  become(status: GatewayStatus): void {
    this.status = status;
    this.onStatus.emit(status);
  }
}

/** Longer than any test may take: what waits for it has failed. */
const neverMs = 60_000;

describe('the end of a start', () => {
  const ends: readonly GatewayStatus[] = [
    { kind: 'running', snapshot: snapshot() },
    { kind: 'failed', failure: { kind: 'portTaken', port: 8417 } },
    { kind: 'stopped' },
  ];
  for (const end of ends) {
    it(`is heard of when the gateway is ${end.kind}`, async () => {
      const supervisor = new FakeSupervisor();
      const ended = startEnded(supervisor, neverMs);
      supervisor.become({ kind: 'starting' });
      assert.ok(supervisor.onStatus.hasListeners, 'it waits');
      supervisor.become(end);
      await ended;
      assert.equal(supervisor.onStatus.hasListeners, false);
    });
  }

  it('is there already when nothing starts', async () => {
    const supervisor = new FakeSupervisor();
    supervisor.status = { kind: 'stopped' };
    await startEnded(supervisor, neverMs);
  });

  it('is not waited for longer than the caller has time', async () => {
    const supervisor = new FakeSupervisor();
    await startEnded(supervisor, 1);
    assert.equal(supervisor.onStatus.hasListeners, false);
  });
});
