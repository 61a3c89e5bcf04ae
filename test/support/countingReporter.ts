import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** The counts of one mocha process, as the runner reads them. */
export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full titles of what failed, hooks included, in the order of failure. */
  readonly failedTitles: readonly string[];
  /** How long each file with at least one test took, hooks included, in milliseconds by its absolute path. */
  readonly fileMs: Readonly<Record<string, number>>;
}

/** Mocha's `spec` output; at the end of the run the counts go as JSON to the file that SIGNALBOX_TEST_COUNTS names. */
class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const countsFile = process.env['SIGNALBOX_TEST_COUNTS'];
    const failedTitles: string[] = [];
    const fileMs = timeFiles(runner);
    runner.on('fail', (test) => failedTitles.push(test.fullTitle()));
    runner.once('end', () => {
      if (countsFile === undefined) return;
      const { passes, failures, pending } = this.stats;
      const counts: SuiteCounts = { passed: passes, failed: failures, skipped: pending, failedTitles, fileMs };
      writeFileSync(countsFile, JSON.stringify(counts));
    });
  }
}

/** Files with tests, each with the time that its outermost suites take; filled while the tests run. */
function timeFiles(runner: Mocha.Runner): Readonly<Record<string, number>> {
  const fileMs: Record<string, number> = {};
  runner.suite.eachTest(({ file }: Mocha.Test) => {
    if (file !== undefined) fileMs[file] = 0;
  });
  let startedAt = 0;
  runner.on('suite', ({ parent }) => {
    if (parent?.root === true) startedAt = performance.now();
  });
  runner.on('suite end', ({ parent, file }) => {
    if (parent?.root !== true || file === undefined) return;
    fileMs[file] = Math.round((fileMs[file] ?? 0) + performance.now() - startedAt);
  });
  return fileMs;
}

// Mocha loads a reporter with require() and takes what that gives; this name makes it the class instead of a namespace.
export { CountingReporter as 'module.exports' };
