// Runs the simulator for long: `npm run simulate -- --requests N --seed S`. Ends with 1 and the seed when anything breaks.
import { parseArgs } from 'node:util';
import { Figures } from './figures.ts';
import { addFigures, simulateWorld } from './simulator.ts';

const mostRequests = 10_000_000;
const progressMs = 5000;

function wholeNumber(text: string, name: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`--${name} must be a whole number up to ${most}`);
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
}

function summary(figures: Figures, startedAtMs: number): string {
  const { requests, attempts, worlds, steps } = figures;
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  return `${requests} requests, ${attempts} attempts, ${worlds} worlds, ${steps} events in ${seconds} s`;
}

async function main(): Promise<void> {
  const options = { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } } as const;
  const { values } = parseArgs({ options });
  const wanted = wholeNumber(values.requests, 'requests', mostRequests);
  const figures = new Figures();
  const startedAtMs = performance.now();
  let toldAtMs = startedAtMs;
  for (let seed = wholeNumber(values.seed, 'seed', 0xffff_ffff); figures.requests < wanted; seed += 1) {
    const result = await simulateWorld(seed);
    addFigures(figures, result.figures);
    if (result.failure !== undefined) {
      console.error(`seed ${seed} breaks what must hold\n${result.failure}`);
      process.exitCode = 1;
      return;
    }
    if (performance.now() - toldAtMs < progressMs) continue;
    toldAtMs = performance.now();
    console.log(summary(figures, startedAtMs));
  }
  console.log(summary(figures, startedAtMs));
  console.log(`whole answers: ${(figures.success * 100).toFixed(2)} %`);
  console.log(`attempts per request: ${figures.attemptsPerRequest.toFixed(3)}`);
  console.log(`ends: ${told(figures.terminals)}`);
  console.log(`attempts by class: ${told(figures.classes)}`);
  console.log(`faults: ${told(figures.faults)}`);
}

await main();
