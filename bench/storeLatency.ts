// The cost of the store per request: two gateways before one endpoint, one with it and one without, asked in
// turns on one connection each:  npm run bench:storeLatency -- [--rounds 30] [--requests 100]
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { messages, TestBed } from '../test/support/processes/testBed.ts';
import { median, quantile } from './measuring/quantile.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, requests: { type: 'string', default: '100' } },
});
const perRound = Number(values.requests);
const bed = new TestBed();
const agent = new Agent({ keepAlive: true });

try {
  const endpoint = await bed.endpoint('only');
  const on = await bed.gatewayProcess([endpoint], { metrics: { enabled: true } });
  const off = await bed.gatewayProcess([endpoint], { metrics: { enabled: false } });
  const differences: number[] = [];
  const times: { on: number[]; off: number[] } = { on: [], off: [] };
  await round(on.url);
  await round(off.url);
  for (let nth = 0; nth < Number(values.rounds); nth += 1) {
    // The order alternates, so that neither gateway profits from it.
    const isOnFirst = nth % 2 === 0;
    const first = await round(isOnFirst ? on.url : off.url);
    const second = await round(isOnFirst ? off.url : on.url);
    const [withStore, without] = isOnFirst ? [first, second] : [second, first];
    times.on.push(...withStore);
    times.off.push(...without);
    differences.push(median(withStore) - median(without));
  }
  console.log(`${values.rounds} rounds of ${perRound} requests each, ms`);
  for (const name of ['on', 'off'] as const) {
    const [p50, p95] = [quantile(times[name], 0.5), quantile(times[name], 0.95)];
    console.log(`  store ${name.padEnd(4)} p50 ${p50.toFixed(3)}  p95 ${p95.toFixed(3)}`);
  }
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(differences, share).toFixed(3));
  console.log(`  on - off, medians of a round: ${middle} (half of the rounds between ${low} and ${high})`);
} finally {
  agent.destroy();
  await bed.close();
}

async function round(url: string): Promise<number[]> {
  const found: number[] = [];
  for (let nth = 0; nth < perRound; nth += 1) found.push(await one(`${url}/v1/messages`));
  return found;
}

function one(url: string): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered with ${response.statusCode}`));
      response.on('error', reject).on('end', () => resolve(performance.now() - startedAt));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(messages()));
  });
}
