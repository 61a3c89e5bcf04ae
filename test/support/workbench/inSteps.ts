/**
 * In a `describe` whose tests each begin where the one before has ended: after a failure the others are not tried. (Mocha's
 * own `bail` would also leave out every later suite that asks for it.)
 */
export function inSteps(): void {
  let failed: string | undefined;

  beforeEach(() => {
    if (failed !== undefined) throw new Error(`not tried, for the step before has failed: ${failed}`);
  });

  afterEach(function () {
    if (this.currentTest?.state === 'failed') failed ??= this.currentTest.title;
  });
}
