import { packageFile } from '../support/provision/packagedExtension.ts';
import { floorSlice } from './floorSlice.ts';
import type { ProvisionName } from './provisions.ts';

/** `pure` is what computes in one process; `process` what starts gateways, browsers and VS Code, and waits a lot. */
export type Lane = 'pure' | 'process';

/** Programs that pass or fail as a whole, one after the other; each counts as one test. */
export interface CommandStep {
  readonly kind: 'command';
  readonly name: string;
  readonly lane: Lane;
  /** Program and arguments, run by this Node in the repository's folder. */
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
}

/** Test files; the step does not exist while none belongs to the run. */
export interface SuiteStep {
  readonly kind: 'suite';
  readonly name: string;
  readonly lane: Lane;
  /** Glob patterns of the files. */
  readonly files: readonly string[];
  /** The files of `npm test`, where that is a choice of `files`. */
  readonly slice?: readonly string[];
  /** In how many processes the files run side by side; 1 unless it says otherwise. */
  readonly shards?: number;
  /** Steps that have to pass first. */
  readonly after?: readonly string[];
  /** Provisions that must be present before the time of a test starts. */
  readonly needs?: readonly ProvisionName[];
  /** The Node that runs the tests and what they start; this one unless it says otherwise. */
  readonly runtime?: 'floor';
  /** Environment variables of the tests, in addition to the run's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A program of ours that takes the files and counts, where that is not mocha. */
  readonly program?: string;
}

export type Step = CommandStep | SuiteStep;

/** Every step. A lane begins its steps in this order. */
export const steps: readonly Step[] = [
  // The package is made with a small dist/, which the next step replaces by the one that tests run.
  { kind: 'command', name: 'package', lane: 'pure', commands: [['test/run/makePackage.ts']] },
  { kind: 'command', name: 'build', lane: 'pure', commands: [['esbuild.js']] },
  {
    kind: 'command',
    name: 'types',
    lane: 'pure',
    // The page runs in a browser: with the types of the DOM, and without those of Node.
    commands: [
      ['node_modules/typescript/bin/tsc', '--noEmit'],
      ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'src/webview'],
    ],
  },
  {
    kind: 'command',
    name: 'lint',
    lane: 'pure',
    commands: [['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
  },
  { kind: 'command', name: 'unused', lane: 'pure', commands: [['node_modules/knip/bin/knip.js', '--no-config-hints']] },
  { kind: 'suite', name: 'unit', lane: 'pure', files: ['test/{unit,architecture}/**/*.test.ts'] },
  {
    kind: 'suite',
    name: 'e2e',
    lane: 'process',
    files: ['test/e2e/**/*.test.ts'],
    shards: 2,
    after: ['package'],
    environment: { SIGNALBOX_TEST_PACKAGE: packageFile },
    needs: ['vscodeServer', 'chromium'],
  },
  {
    kind: 'suite',
    name: 'integration',
    lane: 'process',
    files: ['test/integration/**/*.test.ts'],
    shards: 3,
    after: ['build'],
  },
  {
    kind: 'suite',
    name: 'clients',
    lane: 'process',
    files: ['test/clients/**/*.test.ts'],
    after: ['build'],
    needs: ['claudeCode', 'codex'],
  },
  {
    kind: 'suite',
    name: 'floor',
    lane: 'process',
    files: ['test/integration/**/*.test.ts'],
    slice: floorSlice.map(({ file }) => file),
    shards: 2,
    after: ['build'],
    needs: ['floorNode'],
    runtime: 'floor',
  },
  {
    kind: 'suite',
    name: 'host',
    lane: 'process',
    files: ['test/host/**/*.test.ts'],
    after: ['build'],
    needs: ['vscodeServer', 'chromium'],
    program: 'test/runHost.ts',
  },
  {
    kind: 'suite',
    name: 'browser',
    lane: 'process',
    files: ['test/browser/**/*.test.ts'],
    after: ['build'],
    needs: ['chromium'],
  },
  { kind: 'suite', name: 'kills', lane: 'process', files: ['test/kills/**/*.test.ts'], after: ['build'] },
  { kind: 'suite', name: 'soak', lane: 'process', files: ['test/soak/**/*.test.ts'], after: ['build'] },
];
