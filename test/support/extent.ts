/**
 * Whether this is the long run, `npm run test:all`, which says so in the environment. A test may take larger numbers
 * then: more kills, more random steps.
 */
export const isLongRun = process.env['SIGNALBOX_TEST_EXTENT'] === 'all';

/**
 * `it`, `describe` and rows of a table for what only the long run tests, beside tests that `npm test` runs. Elsewhere these tests do not
 * exist, so they do not count as skipped. A file with nothing else is named `*.long.test.ts` and uses the plain ones:
 * `npm test` leaves out the file, and mocha runs it whole where it is named.
 */
export const longRun = {
  it(title: string, body: Mocha.Func | Mocha.AsyncFunc): void {
    if (isLongRun) it(title, body);
  },
  describe(title: string, body: (this: Mocha.Suite) => void): void {
    if (isLongRun) describe(title, body);
  },
  /** Rows of a table of tests. */
  rows<T>(rows: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
    return isLongRun ? rows : {};
  },
};
