import type { ChildProcesses } from './childProcesses.ts';
import type { Figure } from './figure.ts';
import type { Pinning } from './machine.ts';
import type { Options } from './options.ts';
import type { SimulatorClient } from './simulatorClient.ts';

/** The services that every suite uses. */
export interface Bench {
  readonly options: Options;
  readonly children: ChildProcesses;
  readonly simulator: SimulatorClient;
  readonly pinning: Pinning | undefined;
}

/** The result of a suite. */
export interface SuiteResult {
  readonly title: string;
  /** `matrix`: a row for each group and target, a column for each label. */
  readonly layout: 'figures' | 'matrix';
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}
