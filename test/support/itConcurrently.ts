/** A test's body; begun together with others of its suite. */
export type Case = () => Promise<void>;

const leastTimeoutMs = 60_000;

/**
 * One test for each case of the surrounding suite, under its name. The cases run up to `width` at a time, in their order,
 * from the suite's beginning on; a test waits for its case and fails with it. For cases that share nothing and mostly wait.
 */
export function itConcurrently(cases: Readonly<Record<string, Case>>, width = 3): void {
  const entries = Object.entries(cases).map(([title, run]) => ({ title, run, ...Promise.withResolvers<void>() }));
  // A failure belongs to the test that waits for it, which may come later.
  for (const { promise } of entries) promise.catch(() => undefined);

  before(() => {
    const queue = [...entries];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        await next.run().then(next.resolve, next.reject);
      }
    };
    for (let worker = 0; worker < width; worker += 1) void work();
  });

  for (const { title, promise } of entries) {
    it(title, function () {
      // The time for the cases before its own counts, too.
      this.timeout(Math.max(this.timeout(), leastTimeoutMs));
      return promise;
    });
  }
}
