import { parseArgs } from 'node:util';
import { quantile } from '../../bench/measuring/quantile.ts';
import { runKills } from './kills.ts';
import { killsTable } from './killsTable.ts';

/** The promise to users: another gateway answers within a second, 99 times of a hundred. */
const helloP99Ms = 1000;

/** `npm run kills [-- --kills N --windows N --seed N]`; ends with 1 where something happened that must not. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      windows: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const [kills, mostWindows, seed] = [values.kills, values.windows, values.seed].map(Number);
  if (!isCount(kills) || !isCount(mostWindows) || mostWindows < 2 || !isCount(seed)) {
    throw new Error('--kills, --windows and --seed are whole numbers, and there are two windows at least');
  }
  console.log(`${kills} kills under up to ${mostWindows} windows, seed ${seed}`);
  const report = await runKills({ kills, mostWindows, seed, tell: console.log });
  console.log(killsTable(report));
  const p99 = quantile(
    report.kills.map(({ helloMs }) => helloMs),
    0.99,
  );
  process.exitCode = report.wrong.length > 0 || report.listeners > 1 || p99 > helloP99Ms ? 1 : 0;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
