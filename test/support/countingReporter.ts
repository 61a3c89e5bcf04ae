import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** The counts of one mocha process, as the runner reads them. */
export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full titles of what failed, hooks included, in the order of failure. */
  readonly failedTitles: readonly string[];
}

/** Mocha's `spec` output; at the end of the run the counts go as JSON to the file that SIGNALBOX_TEST_COUNTS names. */
class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const countsFile = process.env['SIGNALBOX_TEST_COUNTS'];
    const failedTitles: string[] = [];
    runner.on('fail', (test) => failedTitles.push(test.fullTitle()));
    runner.once('end', () => {
      if (countsFile === undefined) return;
      const { passes, failures, pending } = this.stats;
      const counts: SuiteCounts = { passed: passes, failed: failures, skipped: pending, failedTitles };
      writeFileSync(countsFile, JSON.stringify(counts));
    });
  }
}

// Mocha loads a reporter with require() and takes what that gives; this name makes it the class instead of a namespace.
export { CountingReporter as 'module.exports' };
