import assert from 'node:assert/strict';
import { judgeCommand, judgeSuite, type SuiteRun, summary } from '../../run/outcome.ts';

const green: SuiteRun = {
  label: 'unit',
  counts: { passed: 3, failed: 0, skipped: 1, failedTitles: [], fileMs: { 'a.test.ts': 5 } },
  ending: { code: 0 },
  files: ['a.test.ts'],
};

describe('the outcome of test files in a process', () => {
  it('is what was counted', () => {
    assert.deepEqual(judgeSuite(green), { passed: 3, failed: 0, skipped: 1, failedTitles: [] });
    const counts = { passed: 2, failed: 1, skipped: 0, failedTitles: ['a b'], fileMs: { 'a.test.ts': 5 } };
    const red = judgeSuite({ ...green, counts, ending: { code: 1 } });
    assert.deepEqual(red, { passed: 2, failed: 1, skipped: 0, failedTitles: ['unit: a b'] });
  });

  for (const [what, change, title] of [
    ['crashed', { counts: undefined, ending: { trouble: 'was ended by SIGSEGV' } }, 'it was ended by SIGSEGV'],
    ['left no counts', { counts: undefined }, 'mocha gave no counts, it ended with 0'],
    ['hung after its tests', { ending: { trouble: 'was still running' } }, 'mocha was still running'],
    ['failed without a failed test', { ending: { code: 7 } }, 'all tests passed, but mocha ended with 7'],
    ['had a file without a test', { files: ['a.test.ts', 'b.test.ts'] }, 'b.test.ts holds no test'],
  ] as const) {
    it(`is one failure more when it ${what}`, () => {
      const { failed, failedTitles } = judgeSuite({ ...green, ...change });
      assert.equal(failed, 1);
      assert.ok(failedTitles[0]?.includes(title), failedTitles[0]);
    });
  }
});

describe('the outcome of a command', () => {
  it('is one test, passed when it ended with 0', () => {
    assert.equal(summary(judgeCommand('lint', { code: 0 })), '1 passed, 0 failed');
    assert.deepEqual(judgeCommand('lint', { code: 2 }).failedTitles, ['lint: ended with 2']);
    assert.deepEqual(judgeCommand('lint', { trouble: 'did not start' }).failedTitles, ['lint: did not start']);
  });
});
