// Kills a process that writes into a store at random moments: `npm run kills:store -- --kills 300`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { migrations } from '../../../src/store/file/schema.ts';
import { StoreFile } from '../../../src/store/file/storeFile.ts';
import { AgedStore, stageOf } from './agedStore.ts';
import { integrity, rollUpDifferences, StoreBed } from './storeBed.ts';

/** The result of the kills. */
export interface KillResult {
  readonly kills: number;
  /** One line for everything that was wrong. */
  readonly wrong: readonly string[];
  readonly requests: number;
  /** How many kills met a file that was not of today's schema yet, and how many one of which old requests were being removed. */
  readonly beforeMigration: number;
  readonly duringRetention: number;
  /** The longest time between a request and the kill, of those that were lost. */
  readonly longestLossMs: number;
}

/** A timing, and so only for whoever runs this by hand: the tests ask for the rest. */
const maxLossMs = 1000;
const agedEach = 5;

/**
 * Starts the writer again and again over one file, and kills it with SIGKILL after a random time up to `maxLifeMs`. Each
 * fifth time it is over the file of an older release with old requests in it, and dies early: migration, retention and
 * roll-ups are on the way. Looks after each kill.
 */
export async function killWriters(kills: number, maxLifeMs: number, random: () => number): Promise<KillResult> {
  const wrong: string[] = [];
  let requests = 0;
  let longestLossMs = 0;
  let beforeMigration = 0;
  let duringRetention = 0;
  const aged = new AgedStore(Date.now());
  let all = 0;
  let bed = new StoreBed();
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const isAged = kill % agedEach === 0;
      if (isAged) {
        bed.close();
        bed = new StoreBed();
        aged.copyTo(bed.path);
        all = stageOf(bed.path).requests;
      }
      const killed = await killOne(bed.path, kill, random(), maxLifeMs);
      const stage = stageOf(bed.path);
      beforeMigration += stage.version < migrations.length ? 1 : 0;
      duringRetention += stage.requests < all && stage.requests > 0.41 * all ? 1 : 0;
      const found = [integrity(bed.path), ...aged.differences(bed.path, killed.atMs)].filter((one) => one !== 'ok');
      wrong.push(...[...found, ...rollUpDifferences(bed.path, aged.sinceMs)].map((one) => `kill ${kill}: ${one}`));
      const { kept, last } = keptOf(bed.path, kill);
      if (kept !== last + 1) wrong.push(`kill ${kill}: ${kept} requests kept, the last of them is number ${last}`);
      requests += kept;
      // The next one after those that are kept is the oldest of the lost.
      const oldestLostMs = killed.sentAtMs[kept];
      longestLossMs = Math.max(longestLossMs, oldestLostMs === undefined ? 0 : killed.atMs - oldestLostMs);
    }
  } finally {
    bed.close();
    aged.close();
  }
  return { kills, wrong, requests, beforeMigration, duringRetention, longestLossMs };
}

interface Killed {
  /** When each request was handed over, and when the kill was sent; by the clock of the machine. */
  readonly sentAtMs: readonly number[];
  readonly atMs: number;
}

/** When a run of the writer may die at the earliest, and how much later at the latest. */
function lifeOf(run: number, maxLifeMs: number): readonly [string, number] {
  // Over an old file: while it is opened, or while old requests are removed.
  if (run % agedEach === 0) return run % 2 === 0 ? ['begun', maxLifeMs / 2] : ['open', maxLifeMs / 5];
  // However slow the machine is, it has begun to write.
  return ['sent', maxLifeMs];
}

async function killOne(path: string, run: number, chance: number, maxLifeMs: number): Promise<Killed> {
  const program = `${import.meta.dirname}/storeWriterProgram.ts`;
  const child = spawn(process.execPath, [program, path, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const [first, atMostMs] = lifeOf(run, maxLifeMs);
  while (!told.includes(first)) await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, chance * atMostMs));
  const atMs = Date.now();
  child.kill('SIGKILL');
  await once(child, 'close');
  const whole = told.slice(0, told.lastIndexOf('\n'));
  const sentAtMs = whole.split('\n').flatMap((line) => (line.startsWith('sent ') ? [Number(line.slice(5))] : []));
  return { sentAtMs, atMs };
}

/** How many requests of a run are in the file, and the number of the last of them; -1 for none. */
function keptOf(path: string, run: number): { readonly kept: number; readonly last: number } {
  const file = StoreFile.open({ path });
  try {
    const sql = `SELECT count(*) AS kept, max(CAST(replace(id, :prefix, '') AS INTEGER)) AS last
      FROM requests WHERE id LIKE :prefix || '%'`;
    const row = file.prepare(sql).get({ prefix: `run-${run}-` });
    return { kept: Number(row?.['kept']), last: Number(row?.['last'] ?? -1) };
  } finally {
    file.close();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { kills: { type: 'string', default: '300' } } });
  const result = await killWriters(Number(values.kills), 1500, Math.random);
  for (const one of result.wrong.slice(0, 20)) console.log(one);
  const loss = Math.round(result.longestLossMs);
  console.log(
    `${result.kills} kills (${result.beforeMigration} before the migration was done, ${result.duringRetention} while old`,
    `requests were being removed), ${result.requests} requests kept, ${result.wrong.length} wrong, at most ${loss} ms lost`,
  );
  process.exitCode = result.wrong.length === 0 && loss <= maxLossMs ? 0 : 1;
}
