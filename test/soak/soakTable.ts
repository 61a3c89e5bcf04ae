import type { SoakReport } from './soak.ts';

/** A soak's report for people: one figure a line. */
export function soakTable(report: SoakReport): string {
  const { samples, files } = report;
  const memory = samples.memoryBytes();
  return [
    `requests            ${report.requests}`,
    ...counts('ended', report.endings),
    ...counts('failed attempts', report.failures),
    `memory              ${mebibytes(memory.first)} warm, ${mebibytes(memory.last)} at the end, ${mebibytes(memory.most)} at most`,
    `memory, slope       ${mebibytes(samples.memoryBytesPerMinute())} a minute after warm-up`,
    `open files          ${files.before} before, ${samples.mostFiles()} at most, ${files.after} after`,
    `healthz             p50 ${samples.delayMs(0.5).toFixed(1)} ms, p99 ${samples.delayMs(0.99).toFixed(1)} ms (${samples.count} samples)`,
    `unhandled errors    ${report.unhandled.length}`,
    ...report.unhandled.slice(0, 20).map((line) => `  ${line}`),
    `wrong endings       ${report.wrong.length}`,
    ...report.wrong.slice(0, 20).map((line) => `  ${line}`),
    `exit code           ${report.exitCode}`,
  ].join('\n');
}

function counts(what: string, map: ReadonlyMap<string, number>): string[] {
  const sorted = [...map].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${what}, ${name}:`.padEnd(40) + String(count).padStart(8));
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
