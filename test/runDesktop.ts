// The host tests in desktop VS Code, the oldest that the manifest allows and the current one:
// `npm run test:desktop [version ...]`. Downloads them; needs a display (on Linux without one: `xvfb-run -a`).
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { bundleHostTests } from './support/host/bundleHostTests.ts';
import { portForLater } from './support/portForLater.ts';
import { isolatedHome } from './support/processes/isolatedHome.ts';
import { quietSettings } from './support/workbench/quietSettings.ts';
import { writeSettings } from './support/workbench/writeSettings.ts';

const root = path.resolve(import.meta.dirname, '..');

/** Runs the tests in that version, with nothing of this user's own VS Code. Rejects when one has failed. */
async function runIn(version: string, testsPath: string): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'signalbox-desktop-'));
  const folder = (name: string): string => path.join(scratch, name);
  for (const name of ['home', 'workspace']) mkdirSync(folder(name));
  // The gateway that the window starts outlives it, but not for long.
  const settings = { ...quietSettings, 'signalbox.port': await portForLater(), 'signalbox.lingerSeconds': 5 };
  writeSettings(folder('data/User/settings.json'), settings);
  try {
    await runTests({
      version,
      cachePath: path.join(root, '.vscode-test'),
      extensionDevelopmentPath: root,
      extensionTestsPath: testsPath,
      extensionTestsEnv: isolatedHome(folder('home')),
      launchArgs: [
        folder('workspace'),
        ...['--user-data-dir', folder('data'), '--extensions-dir', folder('extensions')],
        // Keys go to a file: the key ring of this user stays as it is, and a machine without one will do.
        ...['--disable-extensions', '--password-store=basic', '--use-mock-keychain'],
      ],
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The lowest version in `engines.vscode`. */
function oldestVersion(): string {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return manifest.engines.vscode.replace(/^\D*/, '');
}

const testsPath = await bundleHostTests(globSync('test/host/**/*.test.ts', { cwd: root }).sort());
const versions = process.argv.length > 2 ? process.argv.slice(2) : [oldestVersion(), 'stable'];
for (const version of versions) {
  console.log(`\n=== VS Code ${version}`);
  await runIn(version, testsPath).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
