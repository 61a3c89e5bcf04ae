import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './addresses.ts';

/** A package whose code is in `dist/`. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX name that the package gives its licence; undefined without one. */
  readonly licence: string | undefined;
  /** The text of its licence file; undefined without one. */
  readonly text: string | undefined;
}

/** The packages in `dist/`, by name; the build lists them in `dist/packages.json`. */
export function bundledPackages(): readonly BundledPackage[] {
  const names = JSON.parse(readFileSync(path.join(root, 'dist/packages.json'), 'utf8')) as readonly string[];
  return names.map((name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      readonly version: string;
      readonly license?: string;
    };
    const [file] = globSync(['LICEN[CS]E*', 'licen[cs]e*'], { cwd: folder }).sort();
    return {
      name,
      version,
      licence: license,
      text: file === undefined ? undefined : readFileSync(path.join(folder, file), 'utf8').trim(),
    };
  });
}

/** The licences of all bundled packages, which theirs demand to go with the package. */
export function noticesOf(): string {
  const parts = bundledPackages().map(
    ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}\n`,
  );
  const head = 'Signalbox includes the following packages.\n';
  return [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}
