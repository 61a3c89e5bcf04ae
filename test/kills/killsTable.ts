import { quantile } from '../../bench/measuring/quantile.ts';
import type { KillsReport } from './kills.ts';

/** A report for people: one figure a line. */
export function killsTable(report: KillsReport): string {
  const { kills, wrong, aloneMs, listeners, lingerMs, meantLingerMs, lingersAmidMs } = report;
  const moments = [...new Set(kills.map(({ moment }) => moment))].sort();
  return [
    `kills               ${kills.length} whole, ${wrong.length} wrong`,
    figures(
      'hello after',
      kills.map(({ helloMs }) => helloMs),
    ),
    ...moments.map((moment) => {
      const some = kills.filter((kill) => kill.moment === moment);
      return figures(
        `  ${moment}`,
        some.map(({ helloMs }) => helloMs),
      );
    }),
    figures('a start alone', aloneMs),
    figures(
      'all windows after',
      kills.map(({ attachedMs }) => attachedMs),
    ),
    `windows             ${Math.min(...kills.map(({ windows }) => windows))} to ${Math.max(...kills.map(({ windows }) => windows))}`,
    `processes           ${Math.max(...kills.map(({ processes }) => processes))} at most at one moment, those that start included`,
    `listeners           ${listeners} at most`,
    `last one gone after ${lingerMs.toFixed(0)} ms (${meantLingerMs} ms meant)`,
    figures('gone amid a kill', lingersAmidMs),
    ...wrong.map((line) => `  ${line}`),
  ].join('\n');
}

function figures(what: string, values: readonly number[]): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(0));
  return `${what.padEnd(20)}p50 ${p50} ms, p99 ${p99} ms, most ${most} ms (${values.length})`;
}
