// Lets our client and undici read generated answers: `npm run fuzz -- --answers N --seed S`. Ends with 1 at a difference.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type FuzzResult, fuzzUpstream } from './fuzzUpstream.ts';

const batch = 10_000;
const maxFailures = 20;
const options = { answers: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } as const;

/** Each thread takes every n-th batch. */
interface Share {
  readonly firstSeed: number;
  readonly count: number;
  readonly every: number;
}

async function runShare({ firstSeed, count, every }: Share): Promise<void> {
  Error.stackTraceLimit = 0;
  for (let at = 0; at < count; at += batch * every) {
    parentPort?.postMessage(
      await fuzzUpstream({ firstSeed: firstSeed + at, count: Math.min(batch, count - at), lanes: 32 }),
    );
  }
}

async function runAll(count: number, firstSeed: number): Promise<void> {
  const allowed = new Map<string, number>();
  const startedMs = performance.now();
  let answers = 0;
  let complete = 0;
  let failures = 0;
  const add = (result: FuzzResult): void => {
    for (const failure of result.failures) console.error(failure);
    failures += result.failures.length;
    if (failures >= maxFailures) process.exit(1);
    answers += result.answers;
    complete += result.complete;
    for (const [kind, times] of result.allowed) allowed.set(kind, (allowed.get(kind) ?? 0) + times);
    const perSecond = Math.round((answers * 1000) / (performance.now() - startedMs));
    console.log(`${answers} answers, ${complete} complete, ${perSecond}/s`);
  };
  const every = Math.min(availableParallelism(), Math.ceil(count / batch));
  const shares = Array.from({ length: every }, (_, index) => {
    const share: Share = { firstSeed: firstSeed + index * batch, count: count - index * batch, every };
    return new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      worker
        .on('message', add)
        .once('error', reject)
        .once('exit', () => resolve());
    });
  });
  await Promise.all(shares);
  for (const [kind, times] of [...allowed].sort(([, a], [, b]) => b - a)) console.log(`${times}  ${kind}`);
  if (failures > 0) process.exitCode = 1;
}

if (isMainThread) {
  const { values } = parseArgs({ options });
  await runAll(Number(values.answers), Number(values.seed));
} else {
  await runShare(workerData as Share);
}
