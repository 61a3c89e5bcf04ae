import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import manifest from '../package.json' with { type: 'json' };
import { addresses, root, webPlaces } from './addresses.ts';
import { noticesOf } from './notices.ts';
import { packagedReadme } from './packagedReadme.ts';

/** Builds `dist/` and copies what is shipped into a new folder, with the manifest and the README of the package. */
export async function stagePackage(): Promise<string> {
  execFileSync(process.execPath, ['esbuild.js', '--production'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-package-'));
  for (const file of await shippedFiles()) cpSync(path.join(root, file), path.join(folder, file));
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  writeFileSync(path.join(folder, 'README.md'), packagedReadme(readme, webPlaces(addresses, manifest.version)));
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(shippedManifest(), null, 2)}\n`);
  writeFileSync(path.join(folder, 'NOTICES.txt'), noticesOf());
  writeFileSync(path.join(folder, '.vscodeignore'), '# All that is here is shipped.\n');
  return folder;
}

/** The files that `.vscodeignore` lets through. */
export function shippedFiles(): Promise<string[]> {
  return listFiles({ cwd: root, packageManager: PackageManager.None });
}

/** The manifest without what only developers need, with the addresses of the project. */
export function shippedManifest(): Readonly<Record<string, unknown>> {
  const { scripts, allowScripts, mocha, dependencies, devDependencies, private: _, ...shipped } = manifest;
  const { publisher, repository } = addresses;
  if (repository === '') return publisher === '' ? shipped : { ...shipped, publisher };
  return {
    ...shipped,
    ...(publisher === '' ? {} : { publisher }),
    repository: { type: 'git', url: `${repository}.git` },
    bugs: { url: `${repository}/issues` },
    homepage: `${repository}#readme`,
  };
}
