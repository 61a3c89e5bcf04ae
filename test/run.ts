// The whole test run: `node test/run.ts [--all] [step ...]`. Ends with one line `N passed, N failed[, N skipped]` on stdout.
// With --all it is the long run: files named `*.long.test.ts` belong to it only.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { SuiteCounts } from './support/countingReporter.ts';
import { floorNode } from './support/provision.ts';
import { chromium } from './support/provisionChromium.ts';
import { vscodeServerFolder } from './support/provisionVscode.ts';

const root = path.resolve(import.meta.dirname, '..');

const { values: flags, positionals: stepNames } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false } },
});

/** After its counts a mocha process has this long to end by itself; a test that leaves something open exceeds it. */
const exitGraceMs = 30_000;

/** A command that passes or fails as a whole. */
interface CommandStep {
  readonly kind: 'command';
  readonly name: string;
  /** A program of node_modules or of ours, run by this Node. */
  readonly program: string;
  readonly args: readonly string[];
}

/** Mocha suites; the step does not exist while no file matches. */
interface SuiteStep {
  readonly kind: 'suite';
  readonly name: string;
  readonly files: readonly string[];
  /** Whether the tests start programs of dist/. */
  readonly usesBuild: boolean;
  /** Further environment of the tests; may have to fetch something first. */
  readonly environment?: () => Promise<Record<string, string>>;
  /** A program of ours that runs the files and counts, where that is not mocha in a process of its own. */
  readonly program?: string;
}

type Step = CommandStep | SuiteStep;

const steps: readonly Step[] = [
  { kind: 'command', name: 'build', program: 'esbuild.js', args: [] },
  { kind: 'command', name: 'types', program: 'node_modules/typescript/bin/tsc', args: ['--noEmit'] },
  // The page runs in a browser: with the types of the DOM, and without those of Node.
  {
    kind: 'command',
    name: 'types',
    program: 'node_modules/typescript/bin/tsc',
    args: ['--noEmit', '-p', 'src/webview'],
  },
  {
    kind: 'command',
    name: 'lint',
    program: 'node_modules/@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings'],
  },
  {
    kind: 'command',
    name: 'unused',
    program: 'node_modules/knip/bin/knip.js',
    args: ['--no-config-hints'],
  },
  {
    kind: 'suite',
    name: 'unit',
    files: ['test/unit/**/*.test.ts', 'test/architecture/**/*.test.ts'],
    usesBuild: false,
  },
  { kind: 'suite', name: 'integration', files: ['test/integration/**/*.test.ts'], usesBuild: true },
  {
    kind: 'suite',
    name: 'integration-floor',
    // Without `window`: what it tests runs in the Node of VS Code, which starts its gateways with itself.
    files: ['test/integration/*.test.ts', 'test/integration/{control,faults,headless,security}/**/*.test.ts'],
    usesBuild: true,
    environment: async () => ({ SIGNALBOX_TEST_NODE: await floorNode() }),
  },
  {
    kind: 'suite',
    name: 'browser',
    files: ['test/browser/**/*.test.ts'],
    usesBuild: true,
    environment: async () => {
      await chromium();
      return {};
    },
  },
  { kind: 'suite', name: 'kills', files: ['test/kills/**/*.test.ts'], usesBuild: true },
  { kind: 'suite', name: 'soak', files: ['test/soak/**/*.test.ts'], usesBuild: true },
  { kind: 'suite', name: 'clients', files: ['test/clients/**/*.test.ts'], usesBuild: true },
  {
    kind: 'suite',
    name: 'host',
    files: ['test/host/**/*.test.ts'],
    usesBuild: true,
    environment: withVscode,
    program: 'test/runHost.ts',
  },
  { kind: 'suite', name: 'e2e', files: ['test/e2e/**/*.test.ts'], usesBuild: false, environment: withVscode },
];

/** Provisions the programs of these suites before the time of a test starts. */
async function withVscode(): Promise<Record<string, string>> {
  await Promise.all([vscodeServerFolder(), chromium()]);
  return {};
}

/** How a child process ended: its exit code, or what kept it from ending well (to be read after its name). */
type Ending = { readonly code: number } | { readonly trouble: string };

const onePassed: SuiteCounts = { passed: 1, failed: 0, skipped: 0, failedTitles: [] };

function oneFailed(title: string): SuiteCounts {
  return { passed: 0, failed: 1, skipped: 0, failedTitles: [title] };
}

function add(a: SuiteCounts, b: SuiteCounts): SuiteCounts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failedTitles: [...a.failedTitles, ...b.failedTitles],
  };
}

/** Runs a program of the repository under this Node, its output streamed; `hasReported` starts the wait for its end. */
function run(
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
  hasReported: () => boolean = () => false,
): Promise<Ending> {
  const child = spawn(process.execPath, [path.join(root, program), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return new Promise((resolve) => {
    let reportedAt: number | undefined;
    const watchdog = setInterval(() => {
      if (!hasReported()) return;
      reportedAt ??= performance.now();
      if (performance.now() - reportedAt < exitGraceMs) return;
      child.kill('SIGKILL');
      settle({ trouble: `was still running ${exitGraceMs / 1000} s after its last test: something was left open` });
    }, 1000);
    const settle = (ending: Ending): void => {
      clearInterval(watchdog);
      resolve(ending);
    };
    child.once('error', (error) => settle({ trouble: `did not start: ${error.message}` }));
    child.once('close', (code, signal) => settle(code === null ? { trouble: `was ended by ${signal}` } : { code }));
  });
}

async function runCommand(step: CommandStep): Promise<SuiteCounts> {
  const ending = await run(step.program, step.args, {});
  if ('trouble' in ending) return oneFailed(`${step.name}: ${path.basename(step.program)} ${ending.trouble}`);
  return ending.code === 0 ? onePassed : oneFailed(step.name);
}

async function runSuite(step: SuiteStep): Promise<SuiteCounts> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'));
  const countsFile = path.join(scratch, 'counts.json');
  try {
    const extent: Record<string, string> = flags.all ? { SIGNALBOX_TEST_EXTENT: 'all' } : {};
    const environment = { ...(await step.environment?.()), ...extent, SIGNALBOX_TEST_COUNTS: countsFile };
    const mochaArgs = ['--reporter', path.join(root, 'test/support/countingReporter.ts'), ...filesOf(step)];
    const hasReported = () => read(countsFile) !== undefined;
    const program = step.program ?? 'node_modules/mocha/bin/mocha.js';
    const args = step.program === undefined ? mochaArgs : filesOf(step);
    const ending = await run(program, args, environment, hasReported);
    return judge(read(countsFile), ending, step.name);
  } catch (error) {
    return oneFailed(`${step.name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The counts of a suite; a process that crashed, hung or contradicts its counts is one failure more. */
function judge(counts: SuiteCounts | undefined, ending: Ending, name: string): SuiteCounts {
  const end = 'trouble' in ending ? ending.trouble : `ended with ${ending.code}`;
  if (counts === undefined) return oneFailed(`${name}: mocha gave no counts, it ${end}`);
  const titled = { ...counts, failedTitles: counts.failedTitles.map((title) => `${name}: ${title}`) };
  if ('trouble' in ending) return add(titled, oneFailed(`${name}: mocha ${end}`));
  if (ending.code !== 0 && counts.failed === 0) {
    return add(titled, oneFailed(`${name}: all tests passed, but mocha ${end}`));
  }
  if (counts.passed + counts.failed + counts.skipped === 0) return oneFailed(`${name}: its files hold no test`);
  return titled;
}

/** The counts that a reporter has left, or nothing while there are none or only half of them. */
function read(countsFile: string): SuiteCounts | undefined {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8')) as SuiteCounts;
  } catch {
    return undefined;
  }
}

/** The files of a suite that belong to this run, in alphabetical order. */
function filesOf({ files }: SuiteStep): readonly string[] {
  const found = globSync([...files], { cwd: root }).sort();
  return flags.all ? found : found.filter((file) => !file.endsWith('.long.test.ts'));
}

/** The steps to run: all that exist, or the named ones, after a build where they need one. Throws on an unknown name. */
function pick(names: readonly string[]): readonly Step[] {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    throw new Error(`unknown step: ${unknown.join(', ')}; there are ${steps.map(({ name }) => name).join(', ')}`);
  }
  const existing = steps.filter((step) => step.kind === 'command' || filesOf(step).length > 0);
  if (names.length === 0) return existing;
  const named = existing.filter(({ name }) => names.includes(name));
  const needsBuild = named.some((step) => step.kind === 'suite' && step.usesBuild);
  return existing.filter((step) => named.includes(step) || (needsBuild && step.name === 'build'));
}

async function runStep(step: Step): Promise<SuiteCounts> {
  console.log(`\n=== ${step.name}`);
  const startedAt = performance.now();
  const counts = step.kind === 'command' ? await runCommand(step) : await runSuite(step);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`=== ${step.name}: ${summary(counts)} in ${seconds} s`);
  return counts;
}

function summary({ passed, failed, skipped }: SuiteCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main(): Promise<void> {
  let total: SuiteCounts = { passed: 0, failed: 0, skipped: 0, failedTitles: [] };
  for (const step of pick(stepNames)) {
    const counts = await runStep(step);
    total = add(total, counts);
    if (step.name === 'build' && counts.failed > 0) break;
  }
  if (total.failedTitles.length > 0) console.log(`\nfailed:\n  ${total.failedTitles.join('\n  ')}`);
  console.log(`\n${summary(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
