import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { coverageByRoom, coverageRows, unreachedLines } from '../../run/coverage/coverageReport.ts';
import { FunctionCoverage, type ScriptCoverage, type ScriptOrigin } from '../../run/coverage/functionCoverage.ts';
import { originInBundle, originInSource } from '../../run/coverage/scriptOrigin.ts';

const source = `export function called(): number {
  return 1;
}

export function forgotten(): number {
  return 2;
}
`;

/** V8's coverage of a script with both functions, after this many calls. */
function coverageOf(text: string, calls: Readonly<Record<string, number>>): ScriptCoverage {
  const functions = Object.entries(calls).map(([functionName, count]) => ({
    functionName,
    ranges: [{ startOffset: text.indexOf(`function ${functionName}`), count }],
  }));
  return { url: '', functions: [{ functionName: '', ranges: [{ startOffset: 0, count: 1 }] }, ...functions] };
}

describe('coverage', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'));
    mkdirSync(path.join(root, 'src'));
    writeFileSync(path.join(root, 'src/room.ts'), source);
    const options = { bundle: true, format: 'cjs', sourcemap: 'linked', outfile: 'dist/gateway.js' } as const;
    buildSync({ absWorkingDir: root, entryPoints: ['src/room.ts'], ...options });
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('finds a function of a bundle at the place where it is written', () => {
    const { files, placeOf } = originInBundle(root, 'dist/gateway.js');
    const text = readFileSync(path.join(root, 'dist/gateway.js'), 'utf8');
    assert.deepEqual(files, ['src/room.ts']);
    assert.deepEqual(placeOf(text.indexOf('function forgotten')), { file: 'src/room.ts', line: 5 });
  });

  it('counts a function as reached when one of all processes has called it', () => {
    const coverage = new FunctionCoverage();
    const origin: ScriptOrigin = originInSource(root, 'src/room.ts');
    coverage.add(coverageOf(source, { called: 0, forgotten: 0 }), origin);
    coverage.add(coverageOf(source, { called: 3, forgotten: 0 }), origin);
    coverage.add(coverageOf(source, { called: 0, forgotten: 0 }), origin);
    assert.deepEqual(coverage.functions(), [
      { file: 'src/room.ts', line: 1, name: 'called', isReached: true },
      { file: 'src/room.ts', line: 5, name: 'forgotten', isReached: false },
    ]);
  });

  it('tells by room what no test reaches, and the files that none loads', () => {
    const functions = [
      { file: 'src/core/a.ts', line: 1, name: 'called', isReached: true },
      { file: 'src/core/a.ts', line: 5, name: '', isReached: false },
    ];
    const loaded = new Set(['src/core/a.ts']);
    const files = ['src/core/a.ts', 'src/ui/b.ts'];
    const rooms = coverageByRoom({ files, functions, loaded, roomOf: (file) => file.split('/')[1] ?? '' });
    assert.deepEqual(coverageRows(rooms).slice(1), [
      ['core', '2', '1', '50.0', '0'],
      ['ui', '0', '0', '-', '1'],
    ]);
    assert.deepEqual(unreachedLines(rooms), ['src/core/a.ts:5 (without a name)', 'src/ui/b.ts: no test loads it']);
  });
});
