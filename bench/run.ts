import { writeFileSync } from 'node:fs';
import { provision } from '../test/support/provision/provision.ts';
import type { Bench, SuiteResult } from './bench.ts';
import { writeDocumentTable } from './measuring/documentTable.ts';
import { isMet } from './measuring/figure.ts';
import { machineLine, pinDriver } from './measuring/machine.ts';
import { suiteTable } from './measuring/suiteTable.ts';
import { summaryData, summaryMarkdown, summaryOf, summaryText } from './measuring/summary.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { coldSuite } from './suites/coldSuite.ts';
import { eventLoopSuite } from './suites/eventLoopSuite.ts';
import { failoverSuite } from './suites/failoverSuite.ts';
import { idleSuite } from './suites/idleSuite.ts';
import { latencySuite } from './suites/latencySuite.ts';
import { loadSuite } from './suites/loadSuite.ts';
import { manyStreamsSuite } from './suites/manyStreamsSuite.ts';
import { reuseSuite } from './suites/reuseSuite.ts';
import { streamSuite } from './suites/streamSuite.ts';
import { ChildProcesses } from './targets/childProcesses.ts';
import { SimulatorClient } from './targets/simulatorClient.ts';
import { copyGateways } from './targets/startTarget.ts';

/** The HTTP client of the floor; the gateway has a version of its own. */
const floorPackage = 'undici@7.30.2';

/** In the order of their numbers, from 1. */
const suites: readonly ((bench: Bench) => Promise<SuiteResult>)[] = [
  (bench) => latencySuite(bench, 'small'),
  (bench) => latencySuite(bench, 'large'),
  (bench) => latencySuite(bench, 'huge'),
  loadSuite,
  eventLoopSuite,
  streamSuite,
  manyStreamsSuite,
  failoverSuite,
  reuseSuite,
  coldSuite,
  idleSuite,
];

type NumberedResult = SuiteResult & { readonly number: number };

async function main(options: Options): Promise<void> {
  const floorUndici = await provision(floorPackage);
  const children = new ChildProcesses();
  copyGateways({ children, options });
  const pinning = pinDriver();
  const simulator = new SimulatorClient(children, pinning?.driverCore);
  const startedAt = performance.now();
  const conditions = [
    machineLine(pinning),
    `floor: bare pass-through with ${floorPackage}; ${options.rounds} rounds${options.isQuick ? ', a quick run: its figures are rough' : ''}`,
  ];
  console.log(`${conditions.join('\n')}\nmedians of the rounds, ratios taken within a round`);
  const results = await runSuites({ options, children, simulator, pinning, floorUndici, hasLoopProbe: false });
  const summary = summaryOf(results);
  console.log(`\nSummary (x: ratio to the floor)\n${summaryText(summary, options.targets)}`);
  console.log(`\n${conditions.join('\n')}\n${Math.round((performance.now() - startedAt) / 1000)} s`);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, asJson(conditions, options, results));
  for (const document of options.documents) {
    const table = summaryMarkdown(summary, options.targets, document.includes('.zh-CN.') ? 'zh' : 'en');
    writeDocumentTable(document, `${table}\n\n${conditions.map((line) => `\`${line}\``).join('\\\n')}`);
  }
}

async function runSuites(bench: Bench): Promise<NumberedResult[]> {
  const results: NumberedResult[] = [];
  for (const [index, suite] of suites.entries()) {
    const number = index + 1;
    if (!bench.options.suites.includes(number)) continue;
    const startedAt = performance.now();
    const result = await suite(bench);
    results.push({ number, ...result });
    console.log(suiteTable(number, result, bench.options.targets));
    console.log(`   ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  return results;
}

function asJson(conditions: readonly string[], options: Options, results: readonly NumberedResult[]): string {
  const suitesWithVerdicts = results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({
      ...figure,
      met: Object.fromEntries(options.targets.map((target) => [target, isMet(figure, target)])),
    })),
  }));
  const summary = summaryData(summaryOf(results), options.targets);
  return `${JSON.stringify({ conditions, options, summary, suites: suitesWithVerdicts }, undefined, 2)}\n`;
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
