import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './provision.ts';

const root = path.resolve(import.meta.dirname, '../..');
let packaged: Promise<string> | undefined;

/** The extension as people install it: a .vsix made from this checkout by `npm run package`, once a process. */
export function packagedExtension(): Promise<string> {
  packaged ??= makePackage();
  return packaged;
}

async function makePackage(): Promise<string> {
  const folder = path.join(root, '.vscode-test');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'signalbox.vsix');
  await runQuietly('npm', ['run', 'package', '--', '--out', file], root);
  return file;
}
