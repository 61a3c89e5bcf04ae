import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { floorSlice } from '../../run/floorSlice.ts';
import { chooseSteps, isLongFile, type Job, planJobs, type TestFiles } from '../../run/plan.ts';
import { type Step, steps } from '../../run/steps.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** The repository's own test files, of which nothing is known. */
const ownFiles: TestFiles = {
  find: (patterns) => globSync([...patterns], { cwd: root }),
  durations: new Map(),
  sizeBytes: (file) => file.length,
};

function filesByStep(jobs: readonly Job[]): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const job of jobs) {
    if (job.kind === 'suite') files.set(job.step.name, [...(files.get(job.step.name) ?? []), ...job.files]);
  }
  return files;
}

describe('the plan of a run', () => {
  const all = globSync('test/**/*.test.ts', { cwd: root }).sort();
  const short = all.filter((file) => !isLongFile(file));

  for (const [name, isLong, expected] of [
    ['npm test', false, short],
    ['the long run', true, all],
  ] as const) {
    it(`of ${name} has each of its test files exactly once on the current Node`, () => {
      const files = filesByStep(planJobs(steps, isLong, ownFiles));
      files.delete('floor');
      assert.deepEqual([...files.values()].flat().sort(), expected);
    });
  }

  it('of npm test has the chosen slice on the floor, that of the long run all of integration', () => {
    const chosen = filesByStep(planJobs(steps, false, ownFiles))
      .get('floor')
      ?.sort();
    assert.deepEqual(chosen, floorSlice.map(({ file }) => file).sort());
    for (const { file } of floorSlice) assert.ok(existsSync(path.join(root, file)), file);

    const long = filesByStep(planJobs(steps, true, ownFiles));
    assert.deepEqual(long.get('floor')?.sort(), long.get('integration')?.sort());
  });

  it('splits a step into as many jobs as it has shards, and no more than it has files', () => {
    const step: Step = { kind: 'suite', name: 'some', lane: 'process', files: ['*'], shards: 3 };
    const labels = (files: string[]) =>
      planJobs([step], false, { ...ownFiles, find: () => files }).map(({ label }) => label);
    assert.deepEqual(labels(['a', 'b', 'c', 'd']), ['some 1/3', 'some 2/3', 'some 3/3']);
    assert.deepEqual(labels(['a']), ['some']);
    assert.deepEqual(labels([]), []);
  });

  it('of named steps has what these need before them', () => {
    const names = (...chosen: string[]) => chooseSteps(steps, chosen).map(({ name }) => name);
    assert.deepEqual(names('unit', 'lint'), ['lint', 'unit']);
    assert.deepEqual(names('kills'), ['build', 'kills']);
    assert.deepEqual(names('e2e', 'soak'), ['package', 'build', 'e2e', 'soak']);
  });

  it('needs only steps that come earlier', () => {
    for (const [index, step] of steps.entries()) {
      const earlier = steps.slice(0, index).map(({ name }) => name);
      for (const name of step.kind === 'suite' ? (step.after ?? []) : []) assert.ok(earlier.includes(name), name);
    }
  });
});
