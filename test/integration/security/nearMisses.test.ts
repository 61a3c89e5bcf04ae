// Forged requests are in the attack table. These requests come close to them and must pass.
import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, rawExchange } from '../../support/scenes/rawHttp.ts';

const json = JSON.stringify(messages());
const jsonLines = ['content-type: application/json', `content-length: ${json.length}`];

describe('a request that comes close to a forged one', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;
  let host: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    const config = { allowedHosts: ['forwarded.example:9000'], recovery: { enabled: false } };
    gateway = await bed.gateway([endpoint], config);
    host = `host: 127.0.0.1:${gateway.port}`;
  });

  afterEach(() => endpoint.forgetSeen());
  after(() => bed.close());

  async function assertPasses(line: string, ...lines: string[]): Promise<void> {
    const reply = await rawExchange(gateway.port, head(line, ...lines) + json);
    assert.equal(reply.status, 200, `${line} ${lines}: ${reply.text}`);
  }

  it('passes by its Host as 127.0.0.1, as localhost and as a name in allowedHosts', async () => {
    for (const name of [`127.0.0.1:${gateway.port}`, `localhost:${gateway.port}`, 'forwarded.example:9000']) {
      await assertPasses('POST /v1/messages', `host: ${name}`, ...jsonLines);
    }
  });

  it('passes in absolute form when its authority is ours, and goes to the endpoint as a path', async () => {
    await assertPasses(`POST http://127.0.0.1:${gateway.port}/v1/messages`, host, ...jsonLines);
    await assertPasses(`POST http://localhost:${gateway.port}/v1/messages?beta=true`, host, ...jsonLines);
    assert.deepEqual(
      endpoint.seen.map(({ path }) => path),
      ['/v1/messages', '/v1/messages?beta=true'],
    );
  });

  it('passes with Sec-Fetch-Site: none (typed by a person)', async () => {
    const reply = await rawExchange(gateway.port, head('GET /healthz', host, 'sec-fetch-site: none'));
    assert.equal(reply.status, 200);
  });

  it('passes as JSON with a charset, and of a suffixed type', async () => {
    const [, length = ''] = jsonLines;
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json']) {
      await assertPasses('POST /v1/messages', host, `content-type: ${type}`, length);
    }
  });

  it('passes with 100 header fields, and with 20 KB of them', async () => {
    const many = Array.from({ length: 97 }, (_, n) => `x-many-${n}: 1`);
    await assertPasses('POST /v1/messages', host, ...jsonLines, ...many);
    await assertPasses('POST /v1/messages', host, ...jsonLines, `x-large: ${'h'.repeat(20 * 1024)}`);
  });

  it('is told in the dialect of its path why it is refused', async () => {
    for (const [path, dialect] of [
      ['/v1/messages', 'anthropic'],
      ['/v1/chat/completions', 'openai'],
    ] as const) {
      const reply = await rawExchange(gateway.port, head(`POST ${path}`, host, 'origin: null', ...jsonLines));
      assert.equal(reply.status, 403);
      errorMessage(dialect, reply.body);
      const noHost = await rawExchange(gateway.port, head(`POST ${path}`, 'host: evil.example', ...jsonLines));
      errorMessage(dialect, noHost.body);
      const plain = await rawExchange(gateway.port, head(`POST ${path}`, host, 'content-length: 9'));
      assert.equal(plain.status, 415);
      errorMessage(dialect, plain.body);
    }
    assert.equal(endpoint.seen.length, 0);
  });
});
