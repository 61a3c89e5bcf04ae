import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { until } from '../../support/processes/startGateway.ts';
import { message, type Scene, startProcessScene } from '../../support/scenes/scene.ts';

/** Whether a test can take descriptors away from a running process: `prlimit` is of Linux. */
const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

describe('a machine that has no descriptor left', () => {
  let scene: Scene;
  /** One kept connection: a new one could not be accepted. */
  let agent: Agent;

  before(async () => {
    scene = await startProcessScene();
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  after(async () => {
    agent.destroy();
    await scene.close();
  });

  function kept(method: string, path: string, body?: object): Promise<{ status: number; body: string }> {
    const { port, controlToken } = scene.gateway;
    const authorization = path.startsWith('/signalbox') ? { authorization: `Bearer ${controlToken}` } : {};
    const headers = { 'content-type': 'application/json', ...authorization };
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
        text(response).then((all) => resolve({ status: response.statusCode ?? 0, body: all }), reject);
      });
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const status = async (): Promise<Snapshot> => JSON.parse((await kept('GET', '/signalbox/status')).body);

  function limitDescriptors(soft: number): void {
    const { status: code, stderr } = spawnSync('prlimit', ['--pid', String(scene.gateway.pid), `--nofile=${soft}:`]);
    assert.equal(code, 0, String(stderr));
  }

  it('A6: blames nobody, says so once, and goes on when there are some again', async () => {
    if (!canLimit) return;
    await status();
    limitDescriptors(3);
    for (let round = 0; round < 4; round += 1) {
      const { status: code, body } = await kept('POST', '/v1/messages', message());
      assert.equal(code, 503);
      assert.match(body, /this machine cannot open a connection now/);
      assert.match(body, /first: .*: EMFILE.*second: .*: EMFILE/);
    }
    const short = await status();
    assert.equal(short.gateway.network?.kind, 'machine');
    for (const one of short.endpoints) assert.deepEqual([one.breaker.consecutiveFailures, one.state], [0, 'unused']);
    limitDescriptors(4096);
    assert.equal((await kept('POST', '/v1/messages', message())).status, 200);
    const again = await until('the flag to be lifted', status, ({ gateway }) => gateway.network === null);
    assert.equal(again.endpoints[0]?.state, 'healthy');
    const told = () => scene.gateway.log().split('nothing left to open a connection with').length - 1;
    await until('it is in the log', told, (times) => times > 0);
    assert.equal(told(), 1);
    assert.equal((await scene.ask('/v1/messages', { json: message() })).status, 200, 'new clients are accepted again');
  });
});
