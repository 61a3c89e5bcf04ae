import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const texts = /\.(ts|js|cjs|mjs|json|jsonc|md|yml|yaml|css|html|sh)$|^\.ci\/|^[^.]+$/;

/** Spelled in parts, so that this file may be searched too. */
const leftovers = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3)].join('|')})\\b`);
const narrowed = /\.(only|skip)\(/;

/** The folders (`name/`), endings (`*.name`) and names that git is told to ignore: the only forms in use. */
function ignoredByGit(): (entry: string, isFolder: boolean) => boolean {
  const lines = readFileSync(path.join(root, '.gitignore'), 'utf8').split(/\r?\n/);
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const unknown = patterns.filter((pattern) => !/^([\w.-]+\/?|\*\.[\w.-]+)$/.test(pattern));
  assert.deepEqual(unknown, [], 'patterns of .gitignore that this test does not understand');
  return (entry, isFolder) =>
    patterns.some((pattern) => pattern === entry || pattern === (isFolder ? `${entry}/` : `*${path.extname(entry)}`));
}

/** Every text of the repository, tracked or not yet, by path from its root; the lock file is nobody's writing. */
function repositoryTexts(): string[] {
  const isIgnored = ignoredByGit();
  const visit = (folder: string): string[] =>
    readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      if (entry.name === '.git' || isIgnored(entry.name, entry.isDirectory())) return [];
      const below = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return visit(below);
      return entry.isFile() ? [below] : [];
    });
  return visit('').filter((file) => texts.test(file) && file !== 'package-lock.json');
}

/** `file:line: text` for every line that matches. */
function findings(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) => {
    const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
    return lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []));
  });
}

describe('texts of the repository', () => {
  const files = repositoryTexts();

  it('are found', () => {
    for (const file of ['package.json', 'test/run.ts', 'src/base/clock.ts', '.ci/run']) {
      assert.ok(files.includes(file), `${file} is not among the ${files.length} files`);
    }
  });

  it('leave nothing to be done', () => {
    assert.deepEqual(findings(files, leftovers), []);
  });

  it('run every test', () => {
    const tests = files.filter((file) => file.startsWith('test/') && file.endsWith('.ts'));
    assert.deepEqual(findings(tests, narrowed), []);
  });
});
