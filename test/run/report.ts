import { aligned } from './aligned.ts';
import { type Budget, budgets } from './budgets.ts';
import type { JobResult } from './jobs/runJob.ts';
import { add, nothing, type Outcome, summary } from './outcome.ts';

/** A step with the sums of its jobs. */
export interface StepResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** From the beginning of its first job to the end of its last. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number | undefined;
}

/** The steps of a run, in the order of their jobs. */
export function stepResults(results: readonly JobResult[]): readonly StepResult[] {
  return [...Map.groupBy(results, ({ job }) => job.step.name)].map(([name, jobs]) => ({
    name,
    outcome: jobs.map(({ outcome }) => outcome).reduce(add, nothing),
    wallSeconds:
      (Math.max(...jobs.map(({ endedAt }) => endedAt)) - Math.min(...jobs.map((job) => job.startedAt))) / 1000,
    cpuSeconds: sumOfKnown(jobs.map(({ cpuSeconds }) => cpuSeconds)),
  }));
}

/** One sentence for each step that took more CPU time than it may. */
export function overBudget(
  steps: readonly StepResult[],
  isLong: boolean,
  table: Readonly<Record<string, Budget>> = budgets,
): readonly string[] {
  return steps.flatMap(({ name, cpuSeconds }) => {
    const budget = budgetOf(name, isLong, table);
    if (cpuSeconds === undefined || budget === undefined || cpuSeconds <= budget) return [];
    return [`${name} took ${cpuSeconds.toFixed(0)} CPU seconds, its budget is ${budget}`];
  });
}

/** The table of steps, one line each. */
export function stepTable(steps: readonly StepResult[], isLong: boolean): readonly string[] {
  const rows = steps.map(({ name, outcome, wallSeconds, cpuSeconds }) => [
    name,
    summary(outcome),
    wallSeconds.toFixed(1),
    cpuSeconds?.toFixed(1) ?? '-',
    budgetOf(name, isLong, budgets)?.toString() ?? '-',
  ]);
  return aligned([['step', 'tests', 'wall s', 'CPU s', 'CPU budget'], ...rows]);
}

/** The slowest test files of the run, one line each. */
export function slowestFiles(results: readonly JobResult[], count = 10): readonly string[] {
  const files = results.flatMap(({ job, fileMs }) =>
    Object.entries(fileMs).map(([file, ms]) => ({ name: job.step.name, file, ms })),
  );
  const slowest = files.sort((a, b) => b.ms - a.ms).slice(0, count);
  return aligned([
    ['step', 'slowest files', 'wall s'],
    ...slowest.map(({ name, file, ms }) => [name, file, (ms / 1000).toFixed(1)]),
  ]);
}

function budgetOf(name: string, isLong: boolean, table: Readonly<Record<string, Budget>>): number | undefined {
  return table[name]?.[isLong ? 'long' : 'short'];
}

function sumOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}
