import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { exitOf, messages, TestBed } from '../../support/processes/testBed.ts';

/** Of characters that a vendor's error types have: such a word is kept as it is. */
const key = 'sk-ant-echo-0123456789abcdef';
const clientToken = 'client-token-echo-0123456789abcdef';

describe('a secret that comes back where a name is expected', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;

  const config = { clientToken, recovery: { enabled: false }, retry: { maxAttempts: 1 } };

  beforeEach(async () => {
    endpoint = await bed.endpoint('first', { apiKey: key });
    gateway = await bed.gateway([endpoint], config, { env: { KEY_FIRST: key } });
  });
  afterEach(() => bed.close());

  const echo = (status: number) => ({
    kind: 'status' as const,
    status,
    body: { type: 'error', error: { type: key, message: 'no' } },
  });

  const ask = (headers: Record<string, string> = {}, model = 'claude-simulated-1') => {
    const json = { ...messages('hi', true), model, metadata: { user_id: '{"session_id":"echo"}' } };
    return send(`${gateway.url}/v1/messages`, { json, headers: { 'x-api-key': clientToken, ...headers } });
  };

  /** All that can be seen of the gateway, from outside and in its folder, but for the token's own file. */
  async function shown(hasEnded = () => gateway.stop()): Promise<string> {
    const window = await bed.window(gateway);
    await window.until('a snapshot', ({ event }) => event === 'snapshot');
    const status = (await gateway.control('GET', '/signalbox/status')).text;
    await gateway.control('POST', '/signalbox/shutdown');
    await window.ended;
    assert.equal(await hasEnded(), 0);
    const files = readdirSync(gateway.stateDir)
      .filter((name) => name !== 'client-token' && name !== 'control-token')
      .map((name) => readFileSync(join(gateway.stateDir, name), 'utf8'));
    return [status, window.text(), ...files].join('\n');
  }

  for (const status of [400, 401, 402, 429, 500, 529]) {
    it(`as the type of an error ${status} is in no snapshot, record, log or state`, async () => {
      endpoint.behaveNext(echo(status), echo(status), echo(status));
      for (let times = 0; times < 3; times += 1) await ask();
      const text = await shown();
      assert.ok(!text.includes(key), text);
      assert.ok(text.includes(`${status} [redacted]`), text);
    });
  }

  it('as the type of an error in a stream is in none of them either', async () => {
    // A process of its own has a console, too.
    const own = await bed.gatewayProcess([endpoint], config, { env: { KEY_FIRST: key } });
    gateway = own;
    endpoint.behaveNext({ kind: 'streamError', at: { afterEvents: 1 }, errorType: key });
    await assert.rejects(ask(), 'a stream that breaks after content is cut');
    const text = (await shown(() => exitOf(own))) + own.stderr();
    assert.ok(!text.includes(key), text);
    assert.match(text, /\[redacted\] in the stream/);
  });

  it('as what a probe, a warm-up or a check is told is not passed on to windows', async () => {
    endpoint.behave({ ...echo(401), alsoModels: true });
    const answers = [
      await gateway.control('POST', '/signalbox/endpoints/first/warmup'),
      await gateway.control('POST', '/signalbox/endpoints/first/probe'),
      await gateway.control('POST', '/signalbox/check', { endpoint: { id: 'x', baseUrl: endpoint.url }, key }),
    ];
    for (const { status, text } of answers) {
      assert.equal(status, 200, text);
      assert.match(text, /401 \[redacted\]/);
      assert.ok(!text.includes(key), text);
    }
    const text = await shown();
    assert.ok(!text.includes(key), text);
  });

  it('as the name of a client or of a model is in none of them', async () => {
    endpoint.behaveNext({ kind: 'healthy' }, { kind: 'status', status: 429, headers: { 'retry-after': '60' } });
    assert.equal((await ask({ 'user-agent': `${clientToken}/1.0 (x)` })).status, 200);
    // Half a token at the end of what is kept of a name would be no less.
    assert.equal((await ask({ 'user-agent': `${'x'.repeat(40)}-${clientToken}` })).status, 429);
    endpoint.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '60' } });
    await ask({}, clientToken);
    const { endpoints } = await gateway.status();
    assert.ok(endpoints[0]?.cooldowns.some(({ scope }) => scope.includes('[redacted]')));
    const text = await shown();
    assert.ok(!text.includes(clientToken.slice(0, 20)), text);
    assert.match(text, /\[redacted\]\/1\.0/);
  });
});
