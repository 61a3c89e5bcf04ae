import { globSync, statSync } from 'node:fs';
import path from 'node:path';
import { changedFiles, sourceGraph, touchedTests } from './changed/changedTests.ts';
import { CpuMeter } from './cpu/cpuMeter.ts';
import { type JobResult, runJob } from './jobs/runJob.ts';
import { runJobs } from './jobs/runJobs.ts';
import { add, nothing, type Outcome, oneFailed, summary } from './outcome.ts';
import { chooseSteps, type Job, planJobs, stepsOfChange, type TestFiles } from './plan.ts';
import { provide } from './provisions.ts';
import { overBudget, slowestFiles, stepResults, stepTable } from './report.ts';
import { readArguments } from './runArguments.ts';
import { RunDisplay } from './runDisplay.ts';
import { steps } from './steps.ts';
import { keepDurations, readDurations } from './testDurations.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Of what starts processes more than one a core: such tests wait most of the time. Measured with two cores. */
const widths = { pure: 1, process: 3 };

/**
 * Runs what the arguments ask for, shows it on standard output and gives what it has come to. Throws on arguments that make
 * no sense.
 */
export async function runTests(args: readonly string[]): Promise<Outcome> {
  const { isLong, stepNames, changedSince } = readArguments(
    args,
    steps.map(({ name }) => name),
  );
  const tests = changedSince === undefined ? testFiles() : filesTouchedSince(changedSince);
  const names = changedSince === undefined ? stepNames : stepsOfChange(steps, stepNames, isLong, tests);
  const jobs = planJobs(chooseSteps(steps, names), isLong, tests);
  const results = await run(jobs, isLong);
  keepDurations(root, new Map(results.flatMap(({ fileMs }) => Object.entries(fileMs))));
  return report(jobs, results, isLong);
}

function testFiles(): TestFiles {
  return {
    find: (patterns) => globSync([...patterns], { cwd: root }).map((file) => file.replaceAll('\\', '/')),
    durations: readDurations(root),
    sizeBytes: (file) => statSync(path.join(root, file)).size,
  };
}

/** Only the test files that changes since the commit touch; says how many on standard output. */
function filesTouchedSince(base: string): TestFiles {
  const all = testFiles();
  const changed = changedFiles(root, base);
  const touched = touchedTests(changed, sourceGraph(root), all.find);
  console.log(`${changed.length} files have changed since ${base}; they touch ${touched.size} test files`);
  return { ...all, find: (patterns) => all.find(patterns).filter((file) => touched.has(file)) };
}

async function run(jobs: readonly Job[], isLong: boolean): Promise<readonly JobResult[]> {
  const display = new RunDisplay(process.stdout, () => performance.now());
  const timer = setInterval(() => display.refresh(), 1000);
  const setting = { root, meter: new CpuMeter(), environment: sharedEnvironment(isLong) };
  const results = await runJobs<JobResult>(jobs, {
    widths,
    prepare: async ({ needs = [] }) => {
      await Promise.all(needs.map(provide));
    },
    run: async (job) => {
      display.begin(job.label);
      const result = await runJob(job, setting);
      display.end(job.label, result.output, summary(result.outcome));
      return result;
    },
    failed: (job, reason) => {
      const now = performance.now();
      const outcome = oneFailed(`${job.label}: ${reason}`);
      return { job, outcome, output: '', startedAt: now, endedAt: now, cpuSeconds: undefined, fileMs: {} };
    },
    hasPassed: ({ outcome }) => outcome.failed === 0,
  });
  clearInterval(timer);
  return results;
}

function sharedEnvironment(isLong: boolean): Record<string, string> {
  // Node and V8 compile the same files in hundreds of processes; what was compiled is less exact for coverage.
  const hasCoverage = process.env['NODE_V8_COVERAGE'] !== undefined;
  return {
    ...(isLong ? { SIGNALBOX_TEST_EXTENT: 'all' } : {}),
    ...(hasCoverage ? {} : { NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/signalbox-compiled') }),
  };
}

function report(jobs: readonly Job[], results: readonly JobResult[], isLong: boolean): Outcome {
  const perStep = stepResults(results);
  const slow = overBudget(perStep, isLong);
  const tooSlow = isLong ? slow.map(oneFailed) : [];
  const total = [...perStep.map(({ outcome }) => outcome), ...tooSlow].reduce(add, nothing);
  const dropped = jobs.filter((job) => !results.some((result) => result.job === job));

  const lines = ['', ...stepTable(perStep, isLong)];
  if (results.some(({ job }) => job.kind === 'suite')) lines.push('', ...slowestFiles(results));
  if (dropped.length > 0)
    lines.push('', `not run, as a step before failed: ${dropped.map(({ label }) => label).join(', ')}`);
  if (!isLong) lines.push(...slow.map((sentence) => `warning: ${sentence}`));
  if (total.failedTitles.length > 0) lines.push('', 'failed:', ...total.failedTitles.map((title) => `  ${title}`));
  lines.push('', summary(total));
  console.log(lines.join('\n'));
  return total;
}
