import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import Mocha from 'mocha';
import { 'module.exports' as CountingReporter } from '../countingReporter.ts';

/** Stands before each line of the tests' report, which shares the console with VS Code and the extensions. */
export const reportMark = '[tests] ';

const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, color: false, reporter: CountingReporter });

/** Defines `describe`, `it` and the others as globals of this extension host; what they define belongs to `file`. */
export function defineTestGlobals(file: string): void {
  mocha.suite.emit('pre-require', globalThis, file, mocha);
}

/** Runs what has been described since. Rejects when a test has failed. */
export async function runTests(): Promise<void> {
  Mocha.reporters.Base.consoleLog = reportLines;
  const failed = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failed > 0) throw new Error(`${failed} failed`);
}

function reportLines(...words: unknown[]): void {
  for (const line of format(...words).split('\n')) console.log(reportMark + inTestFiles(line));
}

/** A line of a stack with the place in the test's own file; VS Code makes stacks itself and leaves this out. */
function inTestFiles(line: string): string {
  return line.replace(/([^\s(]+\.cjs):(\d+):(\d+)/, (place, file, row, column) => {
    const origin = findSourceMap(file)?.findOrigin(Number(row), Number(column));
    if (origin === undefined || !('fileName' in origin)) return place;
    return `${fileURLToPath(origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}
