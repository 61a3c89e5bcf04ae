import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SuiteCounts } from '../../support/countingReporter.ts';
import { floorNode } from '../../support/provision/provision.ts';
import type { CpuMeter } from '../cpu/cpuMeter.ts';
import { add, judgeCommand, judgeSuite, nothing, type Outcome } from '../outcome.ts';
import type { Job } from '../plan.ts';
import { type Ending, runChild } from './runChild.ts';

/** The options shared by all jobs of a run. */
export interface JobSetting {
  /** The repository's folder. */
  readonly root: string;
  readonly meter: CpuMeter;
  /** Environment variables of every job, in addition to this process's. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A job that has ended. */
export interface JobResult {
  readonly job: Job;
  readonly outcome: Outcome;
  readonly output: string;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined where the system does not tell. */
  readonly cpuSeconds: number | undefined;
  /** How long each file took, by its path in the repository. */
  readonly fileMs: Readonly<Record<string, number>>;
}

/** Runs a program of the repository; adds to the job's output and CPU time. */
type RunProgram = (args: readonly string[], options?: ProgramOptions) => Promise<Ending>;

interface ProgramOptions {
  readonly node?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly isDone?: () => boolean;
}

/** Runs a job to its end. Rejects only when this machine has no room for its files. */
export async function runJob(job: Job, { root, meter, environment: shared }: JobSetting): Promise<JobResult> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'));
  const outputFile = path.join(scratch, 'output.txt');
  const startedAt = performance.now();
  let cpuSeconds: number | undefined;
  const run: RunProgram = async (args, { node = process.execPath, environment, isDone = () => false } = {}) => {
    let stop: ReturnType<CpuMeter['follow']> = () => undefined;
    const ending = await runChild({
      node,
      args,
      folder: root,
      environment: { ...process.env, ...shared, ...environment },
      outputFile,
      isDone,
      onStart: (pid) => {
        stop = meter.follow(pid);
      },
    });
    const seconds = stop();
    if (seconds !== undefined) cpuSeconds = (cpuSeconds ?? 0) + seconds;
    return ending;
  };
  try {
    const result =
      job.kind === 'command'
        ? { outcome: await runCommands(job, run), fileMs: {} }
        : await runSuite(job, run, { root, countsFile: path.join(scratch, 'counts.json') });
    const output = readFileSync(outputFile, 'utf8');
    return { job, ...result, output, startedAt, endedAt: performance.now(), cpuSeconds };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function runCommands({ label, step }: Job & { kind: 'command' }, run: RunProgram): Promise<Outcome> {
  let outcome = nothing;
  for (const command of step.commands) {
    outcome = add(outcome, judgeCommand(label, await run(command)));
  }
  return outcome;
}

async function runSuite(
  { label, step, files }: Job & { kind: 'suite' },
  run: RunProgram,
  { root, countsFile }: { root: string; countsFile: string },
): Promise<Pick<JobResult, 'outcome' | 'fileMs'>> {
  const reporter = path.join(root, 'test/support/countingReporter.ts');
  const mocha = ['node_modules/mocha/bin/mocha.js', '--forbid-only', '--reporter', reporter];
  const program = step.program === undefined ? mocha : [step.program];
  const ending = await run([...program, ...files], {
    ...(step.runtime === 'floor' ? { node: await floorNode() } : {}),
    environment: { ...step.environment, SIGNALBOX_TEST_COUNTS: countsFile },
    isDone: () => readCounts(countsFile) !== undefined,
  });
  const counts = readCounts(countsFile);
  const fileMs = Object.fromEntries(
    Object.entries(counts?.fileMs ?? {}).map(([file, ms]) => [path.relative(root, file).replaceAll('\\', '/'), ms]),
  );
  const outcome = judgeSuite({ label, counts: counts && { ...counts, fileMs }, ending, files });
  return { outcome, fileMs };
}

/** The counts that a reporter has written; undefined before they are complete. */
function readCounts(countsFile: string): SuiteCounts | undefined {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8')) as SuiteCounts;
  } catch {
    return undefined;
  }
}
