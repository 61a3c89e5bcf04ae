import type { SuiteCounts } from '../support/countingReporter.ts';
import type { Ending } from './jobs/runChild.ts';

/** The result of a job, a step or the whole run. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The failures, each prefixed with the name of its step. */
  readonly failedTitles: readonly string[];
}

/** Nothing has run. */
export const nothing: Outcome = { passed: 0, failed: 0, skipped: 0, failedTitles: [] };

/** One failure. */
export function oneFailed(title: string): Outcome {
  return { ...nothing, failed: 1, failedTitles: [title] };
}

/** The sum. */
export function add(a: Outcome, b: Outcome): Outcome {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failedTitles: [...a.failedTitles, ...b.failedTitles],
  };
}

/** `3 passed, 0 failed`, and how many were skipped where some were. */
export function summary({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A command that ended well counts as one test that passed. */
export function judgeCommand(label: string, ending: Ending): Outcome {
  if ('trouble' in ending) return oneFailed(`${label}: ${ending.trouble}`);
  return ending.code === 0 ? { ...nothing, passed: 1 } : oneFailed(`${label}: ended with ${ending.code}`);
}

/** How a process with test files came out. */
export interface SuiteRun {
  readonly label: string;
  /** The counts of its reporter; undefined if it wrote none. */
  readonly counts: SuiteCounts | undefined;
  readonly ending: Ending;
  /** The files that it was to run. */
  readonly files: readonly string[];
}

/**
 * The counts of a process with test files. One that crashed, hung or contradicts its counts is one failure more, and so
 * is each file that held no test.
 */
export function judgeSuite({ label, counts, ending, files }: SuiteRun): Outcome {
  const end = 'trouble' in ending ? ending.trouble : `ended with ${ending.code}`;
  if (counts === undefined) return oneFailed(`${label}: mocha gave no counts, it ${end}`);
  const { passed, failed, skipped, failedTitles } = counts;
  const counted: Outcome = { passed, failed, skipped, failedTitles: failedTitles.map((title) => `${label}: ${title}`) };
  const empty = files.filter((file) => counts.fileMs[file] === undefined);
  const outcome = empty.map((file) => oneFailed(`${label}: ${file} holds no test`)).reduce(add, counted);
  if ('trouble' in ending) return add(outcome, oneFailed(`${label}: mocha ${end}`));
  if (ending.code !== 0 && failed === 0) return add(outcome, oneFailed(`${label}: all tests passed, but mocha ${end}`));
  return outcome;
}
