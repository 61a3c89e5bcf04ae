import assert from 'node:assert/strict';
import { budgets } from '../../run/budgets.ts';
import type { JobResult } from '../../run/jobs/runJob.ts';
import { nothing } from '../../run/outcome.ts';
import { overBudget, slowestFiles, stepResults, stepTable } from '../../run/report.ts';
import { type SuiteStep, steps } from '../../run/steps.ts';

const step: SuiteStep = { kind: 'suite', name: 'kills', lane: 'process', files: [] };

function result(startedAt: number, endedAt: number, cpuSeconds: number | undefined): JobResult {
  const job = { kind: 'suite', label: 'kills', step, files: [] } as const;
  const fileMs = { [`test/at${startedAt}.test.ts`]: endedAt - startedAt };
  return { job, outcome: { ...nothing, passed: 2 }, output: '', startedAt, endedAt, cpuSeconds, fileMs };
}

describe('the report of a run', () => {
  it('has one line a step: the sum of its jobs, and the time from the first beginning to the last end', () => {
    const [kills] = stepResults([result(1000, 5000, 3), result(2000, 9000, 4)]);
    assert.deepEqual(kills, { name: 'kills', outcome: { ...nothing, passed: 4 }, wallSeconds: 8, cpuSeconds: 7 });
    const lines = stepTable(stepResults([result(1000, 5000, undefined)]), false);
    assert.match(lines[1] ?? '', /^kills {2}2 passed, 0 failed +4\.0 +-/);
  });

  it('has the slowest files first, and no more than asked for', () => {
    const lines = slowestFiles([result(1000, 5000, 3), result(2000, 9000, 4), result(3000, 3500, 1)], 2);
    assert.deepEqual(lines.slice(1), ['kills  test/at2000.test.ts     7.0', 'kills  test/at1000.test.ts     4.0']);
  });

  it('names steps that took more CPU time than they may', () => {
    const perStep = stepResults([result(0, 1000, 12)]);
    const table = { kills: { short: 10, long: 20 } };
    assert.deepEqual(overBudget(perStep, false, table), ['kills took 12 CPU seconds, its budget is 10']);
    assert.deepEqual(overBudget(perStep, true, table), []);
    assert.deepEqual(overBudget(stepResults([result(0, 1000, undefined)]), false, table), []);
  });

  it('has a budget for every step', () => {
    assert.deepEqual(Object.keys(budgets).sort(), steps.map(({ name }) => name).sort());
  });
});
