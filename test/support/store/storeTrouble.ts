import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Metrics, StoreHealth } from '../../../src/contract/metrics.ts';
import { type TestGateway, until } from '../processes/startGateway.ts';

/** The health of the gateway's store. */
async function healthOf(gateway: TestGateway): Promise<StoreHealth> {
  return (await metricsOf(gateway)).store;
}

/** The answer that the dashboard gets. */
export async function metricsOf(gateway: TestGateway, query = ''): Promise<Metrics> {
  const reply = await gateway.control('GET', `/signalbox/metrics${query}`);
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
  return reply.json as Metrics;
}

/** Resolves when the metrics of the last hour count so many requests. */
export async function untilCounted(gateway: TestGateway, count: number): Promise<void> {
  const look = async (): Promise<number> => (await metricsOf(gateway)).totals.requests;
  await until(`${count} requests to be counted`, look, (found) => found === count, 20_000);
}

/** Resolves when so many requests are in the file, whoever has written them. */
export async function untilWritten({ stateDir }: Pick<TestGateway, 'stateDir'>, count: number): Promise<void> {
  const file = new DatabaseSync(join(stateDir, 'metrics.sqlite'), { readOnly: true, timeout: 5000 });
  try {
    const rows = (): unknown => file.prepare('SELECT count(*) AS n FROM requests').get()?.['n'];
    await until(`${count} requests to be written`, rows, (found) => found === count, 20_000);
  } finally {
    file.close();
  }
}

/** Resolves when the store is degraded by this cause, or `ok`. */
export function untilHealth(gateway: TestGateway, expected: string): Promise<StoreHealth> {
  const isSo = (health: StoreHealth): boolean => (health.kind === 'degraded' ? health.cause : health.kind) === expected;
  return until(`the store to be ${expected}`, () => healthOf(gateway), isSo, 20_000);
}
