// The host tests in the extension host of a real VS Code: `node test/runHost.ts [file ...]`. The counts go to the file
// that SIGNALBOX_TEST_COUNTS names, as those of any other suite; the exit code is 1 when a test has failed.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bundleHostTests } from './support/host/bundleHostTests.ts';
import { reportMark } from './support/host/hostMocha.ts';
import { runInExtensionHost } from './support/host/hostRun.ts';
import { portForLater } from './support/portForLater.ts';
import type { VscodeServerFolders } from './support/workbench/vscodeFolders.ts';

const root = path.resolve(import.meta.dirname, '..');
const files =
  process.argv.length > 2 ? process.argv.slice(2) : globSync('test/host/**/*.test.ts', { cwd: root }).sort();

/** Output besides the report; shown only if the run fails. */
const otherLines: string[] = [];

function onLine(line: string): void {
  if (line.startsWith(reportMark)) console.log(line.slice(reportMark.length));
  else otherLines.push(line);
}

/** The console without the stacks of VS Code's own trouble, which it always has where there is no internet. */
function showOtherLines(): void {
  const lines = otherLines.flatMap((line) => line.split('\n')).filter((line) => !line.includes('/workbench.js:'));
  console.error(`the console of that VS Code:\n  ${lines.join('\n  ')}`);
}

/** The environment variables that the tests inherit. */
function testVariables(): Record<string, string> {
  const ours = Object.entries(process.env).filter(([name]) => /^(SIGNALBOX_TEST_|NODE_V8_COVERAGE$)/.test(name));
  return Object.fromEntries(ours.map(([name, value]) => [name, value ?? '']));
}

/** The gateways of that VS Code, which outlive their windows. */
function gatewaysOf({ state }: VscodeServerFolders): number[] {
  const files = globSync('signalbox/*/gateway.json', { cwd: state });
  return files.map((file) => JSON.parse(readFileSync(path.join(state, file), 'utf8')).pid);
}

try {
  const testsPath = await bundleHostTests(files);
  const server = { environment: testVariables(), machineSettings: { 'signalbox.port': await portForLater() } };
  const options = { extensionPath: root, testsPath, server, onLine, leftBehind: gatewaysOf };
  process.exitCode = await runInExtensionHost(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
if (process.exitCode !== 0) showOtherLines();
