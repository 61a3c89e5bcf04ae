import { request } from 'node:http';
import { systemClock } from '../../base/clock.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../simulated/simulatedEndpoint.ts';
import { startPrivateGateway } from '../privateGateway.ts';

const rounds = 6;
const bodyBytes = 200 * 1024;

/**
 * Sends a few requests of each kind, failing ones included, through a private copy of the data path, so that the code is
 * compiled before the first real request (perf.md §7 h). Uses none of the user's endpoints, state and log, and stops as soon
 * as a real request is under way.
 */
export async function warmOurselves(isBusy: () => boolean): Promise<void> {
  const endpoints = await Promise.all([startSimulatedEndpoint(), startSimulatedEndpoint()]);
  try {
    await warmThrough(endpoints, isBusy);
  } finally {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
}

async function warmThrough(endpoints: readonly SimulatedEndpoint[], isBusy: () => boolean): Promise<void> {
  const gateway = await startPrivateGateway({
    name: 'warm',
    document: {
      endpoints: endpoints.map(({ url }, index) => ({
        id: `warm-${index}`,
        baseUrl: url,
        auth: 'none',
        priority: index + 1,
      })),
    },
    clock: systemClock,
    recorder: { record: () => undefined },
    onError: () => undefined,
  });
  try {
    for (let round = 0; round < rounds && !isBusy(); round += 1) {
      await ask(gateway.port, true);
      if (isBusy()) break;
      await ask(gateway.port, false);
      endpoints[0]?.behaveNext({ kind: 'status', status: round % 2 === 0 ? 529 : 500 });
      await ask(gateway.port, true);
      for (const state of gateway.states) state.reset(systemClock.now());
    }
  } finally {
    await gateway.close();
  }
}

function ask(port: number, stream: boolean): Promise<void> {
  const messages = [{ role: 'user', content: 'x'.repeat(stream ? bodyBytes : 100) }];
  const body = JSON.stringify({ model: 'warm', max_tokens: 1, stream, messages });
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/v1/messages', method: 'POST', headers, agent: false },
      (response) => {
        response.resume().once('close', () => resolve());
      },
    );
    sent.once('error', () => resolve());
    sent.end(body);
  });
}
