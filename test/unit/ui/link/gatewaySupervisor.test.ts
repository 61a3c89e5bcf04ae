import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { ControlClient } from '../../../../src/ui/link/controlClient.ts';
import type { GatewayFinder } from '../../../../src/ui/link/gatewayFinder.ts';
import { GatewaySupervisor } from '../../../../src/ui/link/gatewaySupervisor.ts';
import type { StateFiles } from '../../../../src/ui/link/stateFiles.ts';
import { until } from '../../../support/processes/startGateway.ts';

type Found = Awaited<ReturnType<GatewayFinder['findOrStart']>>;

/** A gateway whose event stream begins when the test says so, whatever the signal says. */
function fakeGateway(port: number) {
  const events = Promise.withResolvers<IncomingMessage>();
  const stream = new PassThrough();
  const seen = { isAsked: false, shutdowns: 0 };
  const client: Pick<ControlClient, 'port' | 'events' | 'shutdown'> = {
    port,
    events: () => {
      seen.isAsked = true;
      return events.promise;
    },
    shutdown: async () => {
      seen.shutdowns += 1;
    },
  };
  const found: Found = { kind: 'found', client: client as ControlClient, owner: 'window' };
  return { found, seen, stream, begin: () => events.resolve(stream as unknown as IncomingMessage) };
}

/** A supervisor that finds these, one after the other. */
function scene(...findings: readonly Found[]) {
  const attached: number[] = [];
  const otherEnded = Promise.withResolvers<void>();
  const counts = { finds: 0 };
  const finder: Pick<GatewayFinder, 'findOrStart' | 'endOther'> = {
    findOrStart: async () => {
      const found = findings[counts.finds];
      counts.finds += 1;
      assert.ok(found !== undefined, 'nothing more is there to be found');
      return found;
    },
    endOther: () => otherEnded.promise,
  };
  const state: Pick<StateFiles, 'onGateway' | 'isStopped'> = {
    onGateway: () => ({ dispose: () => undefined }),
    isStopped: false,
  };
  const options = {
    state: state as StateFiles,
    extensionFolder: '',
    version: '1.0.0',
    port: () => 8417,
    onAttached: async ({ port }: ControlClient) => {
      attached.push(port);
      return true;
    },
    onError: (error: unknown) => {
      throw error;
    },
  };
  return { supervisor: new GatewaySupervisor(options, finder), attached, counts, otherEnded };
}

function untilTrue(what: string, look: () => boolean): Promise<boolean> {
  return until(what, look, (isSo) => isSo);
}

describe('a supervisor', () => {
  it('that is started twice follows the second gateway, though the first one answers late', async () => {
    const [first, second] = [fakeGateway(1), fakeGateway(2)];
    const { supervisor, attached } = scene(first.found, second.found);
    supervisor.start();
    await untilTrue('the first one is asked for its events', () => first.seen.isAsked);
    supervisor.start();
    second.begin();
    await untilTrue('the second one is attached to', () => attached.length > 0);
    first.begin();
    await untilTrue('the first stream is let go', () => first.stream.destroyed);
    assert.equal(supervisor.client?.port, 2);
    assert.deepEqual(attached, [2]);
    supervisor.dispose();
    second.stream.destroy();
  });

  it('whose first start was to be stopped ends no gateway after the second start', async () => {
    const [first, second] = [fakeGateway(1), fakeGateway(2)];
    const { supervisor, attached } = scene(first.found, second.found);
    supervisor.start();
    await untilTrue('the first one is asked for its events', () => first.seen.isAsked);
    supervisor.start();
    await supervisor.stop();
    first.begin();
    await untilTrue('the first stream is let go', () => first.stream.destroyed);
    assert.equal(first.seen.shutdowns, 0);
    second.begin();
    await untilTrue('the second one is stopped', () => supervisor.status.kind === 'stopped');
    assert.equal(second.seen.shutdowns, 1);
    assert.deepEqual(attached, []);
    supervisor.dispose();
  });

  it('that ends while a restart waits for another gateway to go starts none', async () => {
    const { supervisor, otherEnded, counts } = scene();
    const restarted = supervisor.restart();
    supervisor.dispose();
    otherEnded.resolve();
    await restarted;
    assert.equal(supervisor.status.kind, 'stopped');
    assert.equal(counts.finds, 0);
  });

  it('that is stopped while a restart waits for another gateway to go stays stopped', async () => {
    const other: Found = { kind: 'failed', failure: { kind: 'otherProtocol', build: '9.0.0' } };
    const { supervisor, otherEnded, counts } = scene(other);
    supervisor.start();
    await untilTrue('it has found another protocol', () => supervisor.status.kind === 'failed');
    const restarted = supervisor.restart();
    await supervisor.stop();
    otherEnded.resolve();
    await restarted;
    assert.equal(supervisor.status.kind, 'stopped');
    assert.equal(counts.finds, 1);
    supervisor.dispose();
  });
});
