import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './provision.ts';

const root = path.resolve(import.meta.dirname, '../..');
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

/** Makes the .vsix below `.vscode-test/` and gives its path. */
export async function makePackage(): Promise<string> {
  const folder = path.join(root, '.vscode-test');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'signalbox.vsix');
  await runQuietly('npm', ['run', 'package', '--', '--out', file], root);
  return file;
}
