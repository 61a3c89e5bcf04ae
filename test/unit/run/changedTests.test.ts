import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { touchedTests } from '../../run/changed/changedTests.ts';
import { importGraph } from '../../run/changed/importGraph.ts';
import { roomTests, testsOfRoom } from '../../run/changed/roomTests.ts';

const root = path.resolve(import.meta.dirname, '../../..');

const texts: Readonly<Record<string, string>> = {
  'src/core/low.ts': '',
  'src/core/high.ts': "import { low } from './low.ts';",
  'src/core/typed.ts': "import type { Low } from './low.ts';",
  'test/unit/core/high.test.ts': "import { high } from '../../../src/core/high.ts';",
  'test/unit/core/typed.test.ts': "import { typed } from '../../../src/core/typed.ts';",
  'test/unit/core/other.test.ts': "import assert from 'node:assert/strict';",
  'test/architecture/rules.test.ts': '',
  'test/support/bed.ts': "import '../../src/core/high.ts';\nconst program = join(import.meta.dirname, 'program.ts');",
  'test/support/program.ts': '',
  'test/integration/one.test.ts': "import { bed } from '../support/bed.ts';",
  'test/integration/two.test.ts': '',
};

function touchedBy(...changed: string[]): string[] {
  const graph = importGraph(Object.keys(texts), (file) => texts[file] ?? '');
  const find = (patterns: readonly string[]): string[] =>
    Object.keys(texts).filter((file) => patterns.some((pattern) => path.matchesGlob(file, pattern)));
  const touched = [...touchedTests(changed, graph, find)];
  return touched.filter((file) => file !== 'test/architecture/rules.test.ts').sort();
}

describe('a change touches', () => {
  it('unit tests that import it, through other files and as types', () => {
    assert.deepEqual(touchedBy('src/core/low.ts'), ['test/unit/core/high.test.ts', 'test/unit/core/typed.test.ts']);
    assert.deepEqual(touchedBy('src/core/typed.ts'), ['test/unit/core/typed.test.ts']);
  });

  it('a test that has changed itself, and the rules of the whole repository', () => {
    assert.deepEqual(touchedBy('test/integration/two.test.ts'), ['test/integration/two.test.ts']);
    const graph = importGraph(Object.keys(texts), () => '');
    assert.deepEqual([...touchedTests(['README.md'], graph, () => [])], ['test/architecture/rules.test.ts']);
  });

  it('process tests by what they import below test/, programs that they start included', () => {
    assert.deepEqual(touchedBy('test/support/bed.ts'), ['test/integration/one.test.ts']);
    assert.deepEqual(touchedBy('test/support/program.ts'), ['test/integration/one.test.ts']);
  });

  it('process tests of its room', () => {
    const graph = importGraph(Object.keys(texts), (file) => texts[file] ?? '');
    const touched = touchedTests(['src/store/file/x.ts'], graph, () => ['test/integration/two.test.ts']);
    assert.ok(touched.has('test/integration/two.test.ts'));
    assert.ok(!touched.has('test/integration/one.test.ts'));
  });
});

describe('the table of rooms and their process tests', () => {
  it('has a row for every room of src/', () => {
    for (const room of globSync('src/*', { cwd: root }).filter((name) => !name.endsWith('package.json'))) {
      assert.ok(testsOfRoom(room).length > 0, room);
    }
  });

  it('names only what exists', () => {
    for (const { room, tests } of roomTests) {
      assert.equal(globSync(room, { cwd: root }).length, 1, room);
      for (const pattern of tests) assert.ok(globSync(pattern, { cwd: root }).length > 0, pattern);
    }
  });
});
