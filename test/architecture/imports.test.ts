import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lists, rooms } from './allowedImports.ts';
import { importViolations } from './importRules.ts';
import { purityViolations, styleViolations } from './sourceRules.ts';

const root = path.resolve(import.meta.dirname, '../..');
const pureRooms = ['core', 'dialect'];

/** The TypeScript files that match, with their texts, by path from the root of the repository. */
function sources(...patterns: string[]): [file: string, text: string][] {
  const files = globSync(patterns, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return files.sort().map((file) => [file, readFileSync(path.join(root, file), 'utf8')]);
}

/** The import violations of a repository that consists of these files below src/. */
async function violationsIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  const planted = mkdtempSync(path.join(tmpdir(), 'signalbox-imports-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(planted, 'src', file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    return await importViolations(planted);
  } finally {
    rmSync(planted, { recursive: true, force: true });
  }
}

describe('imports', () => {
  it('follow the arrows between the rooms, without cycles', async () => {
    assert.deepEqual(await importViolations(root), []);
  });

  it('are held for every folder of src by a row of its own', () => {
    const folders = new Set(sources('src/**/*.ts').map(([file]) => path.posix.dirname(file).replace(/^src\/?/, '')));
    assert.deepEqual(
      [...folders].filter((folder) => folder !== '' && rooms[folder] === undefined),
      [],
    );
  });

  it('lead down only: a room allows no room that allows it', () => {
    const allowed = (name: string): string[] =>
      Object.keys(rooms).filter(
        (other) => other !== name && lists([...(rooms[name]?.may ?? []), ...(rooms[name]?.mayAsTypes ?? [])], other),
      );
    const reach = (name: string, seen = new Set<string>()): Set<string> => {
      for (const next of allowed(name)) if (!seen.has(next)) reach(next, seen.add(next));
      return seen;
    };
    assert.deepEqual(
      Object.keys(rooms).filter((name) => reach(name).has(name)),
      [],
    );
  });
});

describe('source files', () => {
  it('keep the house style', () => {
    const found = sources('src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts').flatMap(([file, text]) =>
      styleViolations(file, text),
    );
    assert.deepEqual(found, []);
  });

  it('are pure in the pure rooms', () => {
    const found = sources(...pureRooms.map((room) => `src/${room}/**/*.ts`)).flatMap(([file, text]) =>
      purityViolations(file, text),
    );
    assert.deepEqual(found, []);
  });
});

describe('the rules for imports', () => {
  const exported = 'export interface A { a: number }\nexport const a = 1;\n';

  it('pass what is allowed', async () => {
    const found = await violationsIn({
      'base/a.ts': exported,
      'core/routing/b.ts':
        "import { a } from '../../base/a.ts';\nimport { hash } from 'node:crypto';\nexport const b = [a, hash];\n",
      'core/config/configSchema.ts':
        "import { z } from 'zod';\nimport { a } from '../../base/a.ts';\nexport const c = [z, a];\n",
      'core/record/g.ts': "import { b } from '../routing/b.ts';\nexport const g = b;\n",
      'contract/d.ts': "import type { A } from '../core/routing/a.ts';\nexport type D = A;\n",
      'core/routing/a.ts': exported,
      'simulated/e.ts': "import type { Socket } from 'node:net';\nexport type E = Socket;\n",
      'gateway/process/f.ts':
        "import os from 'node:os';\nimport { a } from '../../base/a.ts';\nexport const f = [os, a];\n",
    });
    assert.deepEqual(found, []);
  });

  it('find a room that is not below', async () => {
    const found = await violationsIn({
      'proxy/a.ts': exported,
      'core/routing/b.ts': "import { a } from '../../proxy/a.ts';\nexport const b = a;\n",
      'store/c.ts': "import type { A } from '../proxy/a.ts';\nexport type C = A;\n",
    });
    assert.deepEqual(found, [
      'core/routing/b.ts imports proxy/a.ts: core/routing may not',
      'store/c.ts imports proxy/a.ts: store may not',
    ]);
  });

  it('find a value where only types may pass', async () => {
    const found = await violationsIn({
      'core/routing/a.ts': exported,
      'contract/b.ts':
        "import type { A } from '../core/routing/a.ts';\nimport { a } from '../core/routing/a.ts';\nexport const b: A = { a };\n",
      'simulated/c.ts': "import { Socket } from 'node:net';\nexport const c = new Socket();\n",
    });
    assert.deepEqual(found, [
      'contract/b.ts imports core/routing/a.ts: contract may by import type only',
      'simulated/c.ts imports node:net: simulated may by import type only',
    ]);
  });

  it('find packages and builtins', async () => {
    const found = await violationsIn({
      'core/routing/a.ts': "import { z } from 'zod';\nexport const a = z;\n",
      'core/routing/b.ts': "export const b = await import('node:fs');\n",
      'dialect/c.ts': "export * from 'undici/types';\n",
      'gateway/process/d.ts': "import { DatabaseSync } from 'node:sqlite';\nexport const d = DatabaseSync;\n",
      'ui/model/e.ts': "import { window } from 'vscode';\nexport const e = window;\n",
    });
    assert.deepEqual(found, [
      'core/routing/a.ts imports zod: core/routing may not',
      'core/routing/b.ts imports node:fs: core/routing may not',
      'dialect/c.ts imports undici: dialect may not',
      'gateway/process/d.ts imports node:sqlite: gateway/process never may',
      'ui/model/e.ts imports vscode: ui/model may not',
    ]);
  });

  it('find cycles, also of types, and what leads nowhere', async () => {
    const found = await violationsIn({
      'core/routing/a.ts': "import type { B } from './b.ts';\nexport interface A { b: B }\n",
      'core/routing/b.ts': "import type { A } from './a.ts';\nexport interface B { a: A }\n",
      'base/c.ts': "import { gone } from './gone.ts';\nexport const c = gone;\n",
      'attic/d.ts': exported,
    });
    assert.deepEqual(found, [
      'attic/d.ts lies in no room',
      'base/c.ts imports ./gone.ts: no file below src/',
      'cycle: core/routing/a.ts -> core/routing/b.ts -> core/routing/a.ts',
    ]);
  });
});

describe('the rules for source files', () => {
  it('find barrels, empty names, default exports, any, and imports inside types', () => {
    assert.deepEqual(styleViolations('src/core/index.ts', "export { a } from './a.ts';\n"), [
      'src/core/index.ts: name it after its content',
      'src/core/index.ts: only re-exports',
    ]);
    const text =
      "export default 1;\nconst a: any = 1;\nexport { a as default };\nexport type B = import('./b.ts').B;\n";
    assert.deepEqual(styleViolations('a.ts', text), [
      'a.ts:1: default export',
      'a.ts:2: any',
      'a.ts:3: default export',
      'a.ts:4: import type at the head of the file instead',
    ]);
    assert.deepEqual(
      styleViolations('a.ts', '/** Ends it. ' + 'What\n * is open ends, too. */\n// Whoever waits\n// hears.\n'),
      [
        'a.ts:1: a sentence that begins with who or what: name the actor',
        'a.ts:3: a sentence that begins with who or what: name the actor',
      ],
    );
    assert.deepEqual(
      styleViolations('a.ts', "// any: what follows\nexport const any = 'any';\nexport type { B } from './b.ts';\n"),
      [],
    );
  });

  it('find clocks, chance, timers and the process in a pure file, but not their names elsewhere', () => {
    const impure = [
      "import { randomUUID } from 'node:crypto';",
      'Date.now();',
      'new Date();',
      'const { now } = performance;',
      'items.sort(Math.random);',
      'setTimeout(f, 1);',
      'process.env;',
    ];
    assert.deepEqual(
      purityViolations('a.ts', impure.join('\n')).map((line) => line.replace('a.ts:', '')),
      [
        '1: randomUUID',
        '2: Date.now',
        '3: new Date()',
        '4: performance',
        '5: Math.random',
        '6: setTimeout',
        '7: process',
      ],
    );
    const pure = [
      "import { hash } from 'node:crypto';",
      'new Date(wall); Date.parse(text); // Date.now()',
      'interface Load { process: number; performance?: string }',
      'load.process; ({ process: 1 }); host.setTimeout();',
      'const { process: share } = load;',
    ];
    assert.deepEqual(purityViolations('a.ts', pure.join('\n')), []);
  });
});
