import assert from 'node:assert/strict';
import { runJobs, type Schedule } from '../../run/jobs/runJobs.ts';
import type { Job } from '../../run/plan.ts';
import type { SuiteStep } from '../../run/steps.ts';

interface Result {
  readonly label: string;
  readonly isGreen: boolean;
}

/** Jobs of one step each; `shards` of them where a number is given. */
function jobsOf(name: string, parts: Partial<SuiteStep> = {}): Job[] {
  const step: SuiteStep = { kind: 'suite', name, lane: 'process', files: [], ...parts };
  const labels = step.shards === undefined ? [name] : Array.from({ length: step.shards }, (_, at) => `${name} ${at}`);
  return labels.map((label) => ({ kind: 'suite', label, step, files: [] }));
}

/** Runs jobs, each for one turn of the event loop, and tells what ran beside what. */
async function runAll(jobs: readonly Job[], red: readonly string[] = [], parts: Partial<Schedule<Result>> = {}) {
  const running = new Set<string>();
  const begun: string[] = [];
  let most = 0;
  const results = await runJobs<Result>(jobs, {
    widths: { pure: 1, process: 2 },
    prepare: async () => undefined,
    run: async ({ label }) => {
      running.add(label);
      begun.push(label);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(label);
      return { label, isGreen: !red.includes(label) };
    },
    failed: ({ label }, reason) => ({ label: `${label}: ${reason}`, isGreen: false }),
    hasPassed: ({ isGreen }) => isGreen,
    ...parts,
  });
  return { labels: results.map(({ label }) => label), begun, most };
}

describe('jobs that run side by side', () => {
  it('are no more at a time than their lane takes, and begin in their order', async () => {
    const jobs = jobsOf('a', { shards: 5 });
    const { begun, most } = await runAll(jobs);
    assert.deepEqual(begun, ['a 0', 'a 1', 'a 2', 'a 3', 'a 4']);
    assert.equal(most, 2);
  });

  it('of one lane do not wait for those of the other', async () => {
    const jobs = [...jobsOf('a', { lane: 'pure', shards: 3 }), ...jobsOf('b', { shards: 2 })];
    assert.equal((await runAll(jobs)).most, 3);
  });

  it('wait for all jobs of the steps that come before theirs', async () => {
    const jobs = [...jobsOf('build', { lane: 'pure', shards: 2 }), ...jobsOf('tests', { after: ['build'] })];
    assert.deepEqual((await runAll(jobs)).begun, ['build 0', 'build 1', 'tests']);
  });

  it('do not run after a step that failed, and neither do those that wait for them', async () => {
    const jobs = [
      ...jobsOf('build'),
      ...jobsOf('tests', { after: ['build'] }),
      ...jobsOf('more', { after: ['tests'] }),
      ...jobsOf('other'),
    ];
    assert.deepEqual((await runAll(jobs, ['build'])).labels, ['build', 'other']);
  });

  it('fail, and hold up nobody, when what they need is not to be had', async () => {
    const prepare = async ({ name }: SuiteStep) => {
      if (name === 'e2e') throw new Error('npm is not there');
    };
    const { labels, begun } = await runAll([...jobsOf('e2e'), ...jobsOf('unit')], [], { prepare });
    assert.deepEqual(labels, ['e2e: npm is not there', 'unit']);
    assert.deepEqual(begun, ['unit']);
  });
});
