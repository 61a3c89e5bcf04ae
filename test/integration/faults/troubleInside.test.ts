// The fault matrix, row 55: what goes wrong inside the gateway costs one request at most.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type GatewayProcess, send, until } from '../../support/processes/startGateway.ts';
import { TestBed } from '../../support/processes/testBed.ts';
import { assertWholeAnswer, message, type Scene, sceneOf } from '../../support/scenes/scene.ts';

describe('row 55: trouble inside the gateway', () => {
  const bed = new TestBed();

  afterEach(() => bed.close());

  async function startOn(
    stateDir?: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Scene<GatewayProcess>> {
    const endpoints = [await bed.endpoint('first'), await bed.endpoint('second')];
    const options = stateDir === undefined ? { env } : { stateDir, env };
    const gateway = await bed.gatewayProcess(endpoints, { recovery: { enabled: false } }, options);
    return sceneOf(gateway, new Map(endpoints.map((one) => [one.name, one])));
  }

  /** Requests that fail over, each with its log lines and its record. */
  async function askMany(scene: Scene<GatewayProcess>, rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      scene.endpoint('first').behave({ kind: 'streamError', at: 'afterStart', errorType: 'overloaded_error' });
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => scene.ask('/v1/messages', { json: message() })),
      );
      for (const answer of answers) assert.match(answer.text, /Hello from second[\s\S]*message_stop/);
      await scene.gateway.control('POST', '/signalbox/reset');
    }
  }

  async function assertAlive(scene: Scene<GatewayProcess>, requests: number): Promise<void> {
    const { totals, gateway } = await scene.gateway.until('all are recorded', (now) => now.totals.inFlight === 0);
    assert.equal(totals.requests, requests);
    assert.equal(gateway.pid, scene.gateway.pid);
    assert.doesNotMatch(scene.gateway.stderr(), /unhandled|uncaught|request failed inside/i);
  }

  it('row 55: a log that cannot be written costs lines, not requests', async () => {
    const stateDir = join(bed.folder(), 'state');
    mkdirSync(join(stateDir, 'gateway.log'), { recursive: true, mode: 0o700 });
    const scene = await startOn(stateDir);
    await askMany(scene, 20);
    await assertAlive(scene, 200);
  });

  it('row 55: windows that break off, or read nothing, cost no request', async () => {
    const scene = await startOn();
    const { url, controlToken } = scene.gateway;
    const watch = () => scene.converse('/signalbox/events', { method: 'GET', headers: { authorization } });
    const authorization = `Bearer ${controlToken}`;
    const silent = Array.from({ length: 5 }, watch);
    for (const one of silent) (await one.head).pause();
    for (let round = 0; round < 10; round += 1) {
      const leaving = Array.from({ length: 10 }, watch);
      await Promise.all(leaving.map((one) => one.head));
      const asked = askMany(scene, 1);
      for (const one of leaving) one.abort();
      await asked;
    }
    for (const one of silent) one.abort();
    await assertAlive(scene, 100);
    assert.equal((await send(`${url}/healthz`, { method: 'GET' })).status, 200);
  });

  // A status of 000 passes the parser of the HTTP client and breaks an assertion of its.
  it('row 55: an exception in the HTTP client costs one attempt', async () => {
    const scene = await startOn();
    const bytes = 'HTTP/1.1 000 Odd\r\ncontent-length: 2\r\n\r\n{}';
    scene.endpoint('first').behaveNext({ kind: 'rawResponse', bytes });
    scene.endpoint('second').behave({ kind: 'healthy', textEvents: 20, eventDelayMs: 20 });
    const other = scene.converse('/v1/messages', { json: message() });
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.match(reply.text, /message_stop/);
    assert.match((await other.end).text, /message_stop/);
    await assertAlive(scene, 2);
  });

  for (const thrown of ['null', 'undefined', "'text'", 'new/**/Error()']) {
    it(`row 55: an exception that nothing catches is logged, and ends nothing: ${thrown}`, async () => {
      const onSignal = `--import=data:text/javascript,process.on('SIGUSR2',()=>{throw(${thrown})})`;
      const scene = await startOn(undefined, { NODE_OPTIONS: onSignal });
      const { pid } = (await scene.gateway.status()).gateway;
      process.kill(pid, 'SIGUSR2');
      await until('it is logged', scene.gateway.log, (text) => text.includes('unhandled error'));
      assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.endpoint('first'));
      assert.equal((await scene.gateway.status()).gateway.pid, pid);
    });
  }

  it('row 55: control requests of any shape are answered, and cost nobody else anything', async () => {
    const scene = await startOn();
    const shapes = [null, [], 'text', 1, { keys: [] }, { keys: { __proto__: null, constructor: 'x' } }, { nonce: {} }];
    const paths = ['PUT /signalbox/keys', 'POST /signalbox/check', 'PUT /signalbox/override', 'POST /signalbox/hello'];
    for (const path of [...paths, 'PUT /signalbox/sessions/%00', 'POST /signalbox/endpoints/__proto__/enable']) {
      const [method = '', target = ''] = path.split(' ');
      for (const shape of shapes) {
        const { status } = await scene.gateway.control(method, target, shape);
        assert.ok(status >= 200 && status < 500, `${path} ${JSON.stringify(shape)}: ${status}`);
      }
    }
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.endpoint('first'));
    await assertAlive(scene, 1);
  });
});
