import type { Figure } from './measuring/figure.ts';
import type { Pinning } from './measuring/machine.ts';
import type { Options } from './options.ts';
import type { ChildProcesses } from './targets/childProcesses.ts';
import type { SimulatorClient } from './targets/simulatorClient.ts';

/** The services that every suite uses. */
export interface Bench {
  readonly options: Options;
  readonly children: ChildProcesses;
  readonly simulator: SimulatorClient;
  readonly pinning: Pinning | undefined;
  /** The folder of undici 7, which the floor uses. */
  readonly floorUndici: string;
  /** Whether targets carry the probe of their event loop; it costs them a little in each turn. */
  readonly hasLoopProbe: boolean;
}

/** The result of a suite. */
export interface SuiteResult {
  readonly title: string;
  /** `matrix`: a row for each group and target, a column for each label. */
  readonly layout: 'figures' | 'matrix';
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  /** Figures that are in no table but the summary. */
  readonly forSummary?: readonly Figure[];
}
