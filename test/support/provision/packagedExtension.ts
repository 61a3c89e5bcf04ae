import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './provision.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Where this checkout's package is. */
export const packageFile = path.join(root, '.vscode-test/signalbox.vsix');

let packaged: Promise<string> | undefined;

/**
 * The extension as people install it, a .vsix: the one that SIGNALBOX_TEST_PACKAGE names, which several test processes
 * share; else one made from this checkout by `npm run package`, once a process. Making it replaces `dist/`.
 */
export function packagedExtension(): Promise<string> {
  const made = process.env['SIGNALBOX_TEST_PACKAGE'];
  if (made !== undefined) return Promise.resolve(made);
  packaged ??= makePackage();
  return packaged;
}

/** Makes {@link packageFile} and gives its path. */
export async function makePackage(): Promise<string> {
  mkdirSync(path.dirname(packageFile), { recursive: true });
  await runQuietly('npm', ['run', 'package', '--', '--out', packageFile], root);
  return packageFile;
}
