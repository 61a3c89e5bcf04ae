import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, type RawReply, rawExchange } from '../../support/scenes/rawHttp.ts';

// Paths that lead elsewhere, tunnels and upgrades are in the attack table.
describe('methods and paths', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;
  let host: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    gateway = await bed.gateway([endpoint], { recovery: { enabled: false } });
    host = `host: 127.0.0.1:${gateway.port}`;
  });

  afterEach(() => endpoint.forgetSeen());
  after(() => bed.close());

  function assertRefused(reply: RawReply): void {
    assert.ok(reply.status >= 400 && reply.status <= 499, `${reply.status}: ${reply.text}`);
    assert.doesNotMatch(reply.text, /^access-control-/im);
    assert.equal(endpoint.seen.length, 0, 'the endpoint must not see it');
  }

  it('TRACE gives nothing of the request back', async () => {
    const reply = await rawExchange(gateway.port, head('TRACE /v1/messages', host, 'x-secret: do-not-echo'));
    assertRefused(reply);
    assert.doesNotMatch(reply.text, /do-not-echo/);
  });

  it('a wrong method on a path of the API is an error in its dialect', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const reply = await send(`${gateway.url}/v1/messages`, {
        method,
        headers: { 'anthropic-version': '2023-06-01' },
      });
      assert.ok(reply.status === 404 || reply.status === 405, `${method}: ${reply.status}`);
      errorMessage('anthropic', reply.text);
    }
    assert.equal(endpoint.seen.length, 0);
  });

  it('the doubled /v1/v1/ of a base URL given with /v1 is understood', async () => {
    const reply = await send(`${gateway.url}/v1/v1/messages`, { json: messages() });
    assert.equal(reply.status, 200);
    assert.equal(endpoint.seen[0]?.path, '/v1/messages');
  });

  it('other paths of the API go to the endpoint as they are, once', async () => {
    const headers = { 'anthropic-version': '2023-06-01' };
    const reply = await send(`${gateway.url}/v1/files/file_01-x?limit=5`, { method: 'GET', headers });
    assert.equal(reply.status, 404);
    assert.deepEqual(
      endpoint.seen.map(({ path }) => path),
      ['/v1/files/file_01-x?limit=5'],
    );
  });
});
