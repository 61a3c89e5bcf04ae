import { parseArgs } from 'node:util';
import { soak } from './soak.ts';
import { soakTable } from './soakTable.ts';

/** `npm run soak [-- --seconds N --streams N --seed N]`; ends with 1 where something happened that must not. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '600' },
      streams: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const [seconds, streams, seed] = [values.seconds, values.streams, values.seed].map(Number);
  if (!isCount(seconds) || !isCount(streams) || seed === undefined || !Number.isInteger(seed)) {
    throw new Error('--seconds, --streams and --seed are whole numbers');
  }
  console.log(`${streams} streams for ${seconds} s, seed ${seed}`);
  const report = await soak({ seconds, streams, seed, tell: console.log });
  console.log(soakTable(report));
  const isBad = report.wrong.length > 0 || report.unhandled.length > 0 || report.exitCode !== 0;
  process.exitCode = isBad || report.files.after > report.files.before + 2 ? 1 : 0;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
