import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

function parse<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as T;
}

describe('dependencies', () => {
  const manifest = parse<Record<'dependencies' | 'devDependencies', Record<string, string>>>('package.json');
  const lock = parse<{ packages: Record<string, LockedPackage> }>('package-lock.json');

  it('have exact versions, so that no install brings what nobody has looked at', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, name);
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version, `${name} in the lock file`);
    }
  });

  it('are locked with their hashes, those of dependencies too, so that a swapped package is not installed', () => {
    const packages = Object.entries(lock.packages).filter(([where]) => where !== '');
    assert.ok(packages.length > 100);
    for (const [where, { integrity, resolved = '', link, dev, optional }] of packages) {
      assert.notEqual(link, true, where);
      // npm leaves out the hashes of tools for platforms that the lock file was not written on.
      const isForOthers = dev === true && optional === true && integrity === undefined;
      if (!isForOthers) assert.match(integrity ?? '', /^sha512-/, where);
      assert.match(resolved, /^(?:https:\/\/|$)/, where);
    }
  });

  it('that run in the gateway or in VS Code are few: what is new here needs a reason', () => {
    assert.deepEqual(Object.keys(manifest.dependencies), ['jsonc-parser', 'pino', 'socks', 'uplot', 'zod']);
  });
});
