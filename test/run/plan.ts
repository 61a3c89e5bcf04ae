import { type FileWeights, shardFiles } from './shards.ts';
import type { CommandStep, Step, SuiteStep } from './steps.ts';

/** A part of a step that runs by itself: all of a command step, one shard of a suite. */
export type Job =
  | { readonly kind: 'command'; readonly label: string; readonly step: CommandStep }
  | { readonly kind: 'suite'; readonly label: string; readonly step: SuiteStep; readonly files: readonly string[] };

/** Which test files there are, and what is known of them. */
export interface TestFiles extends FileWeights {
  /** The files that match the patterns, by their path in the repository. */
  readonly find: (patterns: readonly string[]) => readonly string[];
}

/** Whether a file belongs to the long run only. */
export function isLongFile(file: string): boolean {
  return file.endsWith('.long.test.ts');
}

/** The files of a suite that belong to the run, in alphabetical order. */
export function filesOf(step: SuiteStep, isLong: boolean, { find }: TestFiles): readonly string[] {
  const files = find(isLong ? step.files : (step.slice ?? step.files));
  return files.filter((file) => isLong || !isLongFile(file)).sort();
}

/** The steps of a run: all, or the named ones after those that they need. */
export function chooseSteps(all: readonly Step[], names: readonly string[]): readonly Step[] {
  if (names.length === 0) return all;
  const named = all.filter(({ name }) => names.includes(name));
  const needed = new Set(named.flatMap((step) => (step.kind === 'suite' ? (step.after ?? []) : [])));
  return all.filter((step) => named.includes(step) || needed.has(step.name));
}

/** Command steps that look at the sources as a whole; the others make what tests use. */
const checks = ['types', 'lint', 'unused'];

/** Of the named steps, or of all, those that a change needs where only touched files are to be found. */
export function stepsOfChange(
  all: readonly Step[],
  names: readonly string[],
  isLong: boolean,
  touched: TestFiles,
): readonly string[] {
  return all
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter((step) =>
      step.kind === 'command' ? checks.includes(step.name) : filesOf(step, isLong, touched).length > 0,
    )
    .map(({ name }) => name);
}

/** The jobs of a run, in the order of the steps. A suite without a file has none. */
export function planJobs(chosen: readonly Step[], isLong: boolean, tests: TestFiles): readonly Job[] {
  return chosen.flatMap((step): Job[] => {
    if (step.kind === 'command') return [{ kind: 'command', label: step.name, step }];
    const shards = shardFiles(filesOf(step, isLong, tests), step.shards ?? 1, tests);
    return shards.map((files, index) => {
      const label = shards.length === 1 ? step.name : `${step.name} ${index + 1}/${shards.length}`;
      return { kind: 'suite', label, step, files };
    });
  });
}
