import { writeFileSync } from 'node:fs';
import type { Bench, SuiteResult } from './bench.ts';
import { isMet } from './measuring/figure.ts';
import { machineLine, pinDriver } from './measuring/machine.ts';
import { suiteTable } from './measuring/suiteTable.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { coldSuite } from './suites/coldSuite.ts';
import { failoverSuite } from './suites/failoverSuite.ts';
import { latencySuite } from './suites/latencySuite.ts';
import { cpuSuite, throughputSuite } from './suites/loadSuite.ts';
import { manyStreamsSuite } from './suites/manyStreamsSuite.ts';
import { reuseSuite } from './suites/reuseSuite.ts';
import { streamSuite } from './suites/streamSuite.ts';
import { ChildProcesses } from './targets/childProcesses.ts';
import { SimulatorClient } from './targets/simulatorClient.ts';
import { copyGateways } from './targets/startTarget.ts';

/** In the order of their numbers, from 1. */
const suites: readonly ((bench: Bench) => Promise<SuiteResult>)[] = [
  (bench) => latencySuite(bench, 'small'),
  (bench) => latencySuite(bench, 'large'),
  throughputSuite,
  cpuSuite,
  streamSuite,
  manyStreamsSuite,
  failoverSuite,
  reuseSuite,
  coldSuite,
];

async function main(options: Options): Promise<void> {
  const children = new ChildProcesses();
  copyGateways({ children, options });
  const pinning = pinDriver();
  const simulator = new SimulatorClient(children, pinning?.driverCore);
  const bench: Bench = { options, children, simulator, pinning };
  const machine = machineLine(pinning);
  console.log(machine);
  console.log(`${options.rounds} rounds; medians of the rounds, ratios taken within a round${rough(options)}`);
  const startedAt = performance.now();
  const results: (SuiteResult & { number: number })[] = [];
  for (const [index, suite] of suites.entries()) {
    const number = index + 1;
    if (!options.suites.includes(number)) continue;
    const suiteStartedAt = performance.now();
    const result = await suite(bench);
    results.push({ number, ...result });
    console.log(suiteTable(number, result, options.targets));
    console.log(`   ${Math.round((performance.now() - suiteStartedAt) / 1000)} s`);
  }
  console.log(`\n${Math.round((performance.now() - startedAt) / 1000)} s`);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, asJson(machine, options, results));
}

function rough({ isQuick }: Options): string {
  return isQuick ? '; a quick run, its figures are rough' : '';
}

function asJson(machine: string, options: Options, results: readonly (SuiteResult & { number: number })[]): string {
  const suitesWithVerdicts = results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({
      ...figure,
      met: Object.fromEntries(options.targets.map((target) => [target, isMet(figure, target)])),
    })),
  }));
  return `${JSON.stringify({ machine, options, suites: suitesWithVerdicts }, undefined, 2)}\n`;
}

async function start(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else await main(options);
  return 0;
}

// The exit ends every process that was started; waiting for open handles would hang on them.
start().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isUsage = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
    console.error(isUsage ? `${error.message}\n${usage}` : error);
    process.exit(1);
  },
);
