import type { Job } from '../plan.ts';
import type { Lane, SuiteStep } from '../steps.ts';
import { Slots } from './slots.ts';

/** The dependencies of a run of jobs. */
export interface Schedule<R> {
  /** How many jobs of a lane run at a time. */
  readonly widths: Readonly<Record<Lane, number>>;
  /** Provisions the needs of a suite; starts at once, for all jobs. Rejections go to `failed`. */
  readonly prepare: (step: SuiteStep) => Promise<void>;
  readonly run: (job: Job) => Promise<R>;
  /** The result of a job that cannot run. */
  readonly failed: (job: Job, reason: string) => R;
  readonly hasPassed: (result: R) => boolean;
}

/**
 * Runs jobs side by side, as many as each lane takes, the jobs of a lane in their order as far as what they wait for is
 * there. Gives the results in the order of the jobs; one whose step waits for a step that failed has none.
 */
export async function runJobs<R>(jobs: readonly Job[], schedule: Schedule<R>): Promise<readonly R[]> {
  const slots = { pure: new Slots(schedule.widths.pure), process: new Slots(schedule.widths.process) };
  const endOfSteps = new Map<string, Promise<readonly (R | undefined)[]>>();

  const runOne = async (job: Job): Promise<R | undefined> => {
    const prepared = prepare(job, schedule);
    for (const before of afterOf(job)) {
      const results = await endOfSteps.get(before);
      if (results?.some((result) => result === undefined || !schedule.hasPassed(result))) return undefined;
    }
    const trouble = await prepared;
    if (trouble !== undefined) return schedule.failed(job, trouble);
    return slots[job.step.lane].use(() => schedule.run(job));
  };

  for (const [step, jobsOfStep] of Map.groupBy(jobs, ({ step }) => step)) {
    endOfSteps.set(step.name, Promise.all(jobsOfStep.map(runOne)));
  }
  const results = await Promise.all(endOfSteps.values());
  return results.flat().filter((result) => result !== undefined);
}

function afterOf({ step }: Job): readonly string[] {
  return step.kind === 'suite' ? (step.after ?? []) : [];
}

/** Why the job cannot run, or nothing once it can. */
async function prepare<R>({ step }: Job, schedule: Schedule<R>): Promise<string | undefined> {
  if (step.kind === 'command') return undefined;
  try {
    await schedule.prepare(step);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
