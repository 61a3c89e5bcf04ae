import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** The size that a reader can take in: entries of a folder, and lines of a file. */
const maxEntries = 22;
const maxLines = 350;
const usualLines = 225;

/** Folders of tests that have no counterpart in `src/`: the runner of the tests, and the core under virtual time. */
const testsOnly = new Set(['run', 'simulator']);

function foldersBelow(folder: string): string[] {
  return ['', ...globSync('**/', { cwd: path.join(root, folder) })].map((below) => path.posix.join(folder, below));
}

const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => ({
  file,
  lines: readFileSync(path.join(root, file), 'utf8').split('\n').length - 1,
}));

describe('the layout', () => {
  it(`shows at most ${maxEntries} things in a folder`, () => {
    const full = ['src', 'test']
      .flatMap(foldersBelow)
      .filter((folder) => readdirSync(path.join(root, folder)).length > maxEntries);
    assert.deepEqual(full, []);
  });

  it(`has no source file of more than ${maxLines} lines`, () => {
    assert.deepEqual(
      sources.filter(({ lines }) => lines > maxLines),
      [],
    );
  });

  it(`has fewer than ${usualLines} lines in nine source files of ten`, () => {
    const long = sources.filter(({ lines }) => lines >= usualLines);
    assert.ok(long.length <= sources.length / 10, `${long.length} of ${sources.length}: ${JSON.stringify(long)}`);
  });

  it('has a room for each folder of unit tests', () => {
    const rooms = new Set(foldersBelow('src').map((folder) => folder.replace(/^src\/?/, '')));
    const tested = foldersBelow('test/unit').map((folder) => folder.replace(/^test\/unit\/?/, ''));
    assert.deepEqual(
      tested.filter((folder) => !rooms.has(folder) && !testsOnly.has(folder.split('/')[0] ?? '')),
      [],
    );
  });
});
