import type { Bench } from '../bench.ts';
import type { AnswerPlan } from './simulatorMessages.ts';
import { checkTarget, type RunningTarget, settle, startTarget } from './startTarget.ts';

/** Fresh targets that are up at the same time, each in front of fake endpoints of its own. */
export class Fleet {
  readonly targets: readonly RunningTarget[];
  readonly #bench: Bench;

  /** Starts the named targets, waits until they are idle, and checks that each of them answers and replaces the key. */
  static async start(bench: Bench, plan: AnswerPlan, names = bench.options.targets): Promise<Fleet> {
    return Fleet.#startWith(bench, plan, names, 1);
  }

  /** The same with two endpoints behind every target; nothing has been sent through them yet. */
  static async startWithSpare(bench: Bench, plan: AnswerPlan, names: readonly string[]): Promise<Fleet> {
    return Fleet.#startWith(bench, plan, names, 2);
  }

  static async #startWith(bench: Bench, plan: AnswerPlan, names: readonly string[], endpoints: 1 | 2): Promise<Fleet> {
    const starting = names.map(async (name) => {
      const ports = [await bench.simulator.open(plan)];
      if (endpoints === 2) ports.push(await bench.simulator.open(plan));
      return startTarget(bench, name, ports);
    });
    const fleet = new Fleet(bench, await Promise.all(starting));
    for (const target of fleet.targets) {
      await settle(target);
      if (endpoints === 1) await checkTarget(bench, target);
    }
    return fleet;
  }

  private constructor(bench: Bench, targets: readonly RunningTarget[]) {
    this.#bench = bench;
    this.targets = targets;
  }

  /** Those that are processes of their own: all but `direct`. */
  get proxies(): readonly RunningTarget[] {
    return this.targets.filter(({ pid }) => pid !== undefined);
  }

  get direct(): RunningTarget {
    return this.named('direct');
  }

  named(name: string): RunningTarget {
    const found = this.targets.find((target) => target.name === name);
    if (found === undefined) throw new RangeError(`no target "${name}" is up`);
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all(this.targets.map((target) => target.stop()));
    const ports = this.targets.flatMap(({ upstreamPorts }) => upstreamPorts);
    for (const port of ports) await this.#bench.simulator.close(port);
  }
}

/** `targets` beginning with the one whose turn it is to be first in this round. */
export function inTurn<T>(targets: readonly T[], round: number): readonly T[] {
  const first = round % Math.max(1, targets.length);
  return [...targets.slice(first), ...targets.slice(0, first)];
}
