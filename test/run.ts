// The whole test run: `node test/run.ts [--all] [step ...]`. Ends with one line `N passed, N failed[, N skipped]`.
import { runTests } from './run/runTests.ts';

await runTests(process.argv.slice(2)).then(
  (outcome) => {
    process.exitCode = outcome.failed > 0 ? 1 : 0;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
