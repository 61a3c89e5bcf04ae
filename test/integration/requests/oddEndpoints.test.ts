import assert from 'node:assert/strict';
import { cloudflarePage } from '../../../src/simulated/behaviour.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';

describe('an endpoint with odd ways', () => {
  let odd: ExactEndpoint;
  let good: SimulatedEndpoint;
  let gateway: TestGateway;

  before(async () => {
    odd = await startExactEndpoint();
    good = await startSimulatedEndpoint({ name: 'good', models: ['claude-good'] });
    gateway = await startInProcess({
      config: {
        clientToken: null,
        warmup: { onStart: false },
        endpoints: [
          { id: 'odd', baseUrl: odd.url, auth: 'none', priority: 1 },
          { id: 'good', baseUrl: good.url, auth: 'none', priority: 2 },
        ],
      },
    });
  });

  after(async () => {
    assert.equal(await gateway.stop(), 0);
    await Promise.all([odd.close(), good.close()]);
  });

  it('does not spoil the model list by a date that is none, nor by its size', async () => {
    const many = Array.from({ length: 6000 }, (_, n) => ({ id: `odd-model-with-a-long-name-${n}`, created: 1.7e18 }));
    odd.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: many }));
    };
    const reply = await send(`${gateway.url}/v1/models`, { method: 'GET' });
    assert.equal(reply.status, 200, reply.text);
    const ids = reply.json.data.map(({ id }: { id: string }) => id);
    assert.equal(ids.length, 6001);
    assert.ok(ids.includes('claude-good'));
  });

  it('that has no count_tokens but a web page is passed over for one that has', async () => {
    const page = cloudflarePage(404);
    odd.answer = (response) => {
      response.writeHead(404, { 'content-type': 'text/html' });
      response.end(page.kind === 'status' ? String(page.body) : '');
    };
    const json = { model: 'claude-good', messages: [{ role: 'user', content: 'hi' }] };
    const reply = await send(`${gateway.url}/v1/messages/count_tokens`, { json });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.headers['x-signalbox-endpoint'], 'good');
    const { endpoints } = await gateway.status();
    assert.deepEqual(
      endpoints.map(({ lastError }) => lastError),
      [null, null],
    );
  });
});
