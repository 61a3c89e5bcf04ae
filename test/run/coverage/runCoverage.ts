// Tells by room which functions of src/ no test reaches: `npm run coverage [-- step ...]`.
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { roomOf } from '../../architecture/allowedImports.ts';
import { aligned } from '../aligned.ts';
import { runTests } from '../runTests.ts';
import { coverageByRoom, coverageRows, unreachedLines } from './coverageReport.ts';
import { FunctionCoverage, type ScriptCoverage, type ScriptOrigin } from './functionCoverage.ts';
import { originInBundle, originInSource } from './scriptOrigin.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, '.vscode-test/coverage');
const rawFolder = path.join(folder, 'raw');
const bundles = ['dist/gateway.js', 'dist/extension.js'];

/** Not the floor, which runs the same again, nor the end-to-end tests: their package has no source maps. */
const usualSteps = ['unit', 'integration', 'clients', 'host', 'browser', 'kills', 'soak'];

/** How to read the scripts of this repository; made once each. */
const origins = new Map<string, ScriptOrigin>();

function originOf(script: string): ScriptOrigin | undefined {
  const isSource = script.startsWith('src/') && script.endsWith('.ts');
  if (!isSource && !bundles.includes(script)) return undefined;
  const origin = origins.get(script) ?? (isSource ? originInSource : originInBundle)(root, script);
  origins.set(script, origin);
  return origin;
}

function collect(): FunctionCoverage {
  const coverage = new FunctionCoverage();
  for (const name of readdirSync(rawFolder)) {
    for (const script of readScripts(path.join(rawFolder, name))) {
      if (!script.url.startsWith('file://')) continue;
      const origin = originOf(path.relative(root, fileURLToPath(script.url)).replaceAll('\\', '/'));
      if (origin !== undefined) coverage.add(script, origin);
    }
  }
  return coverage;
}

/** Nothing for a file that a process could not finish, because it was killed. */
function readScripts(file: string): readonly ScriptCoverage[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { result: ScriptCoverage[] }).result;
  } catch {
    return [];
  }
}

function hasCode(file: string): boolean {
  const text = stripTypeScriptTypes(readFileSync(path.join(root, file), 'utf8'));
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|^import\b[^;]*;|^export \{[^}]*\};/gm, '').trim() !== '';
}

const steps = process.argv.length > 2 ? process.argv.slice(2) : usualSteps;
rmSync(folder, { recursive: true, force: true });
mkdirSync(rawFolder, { recursive: true });
process.env['NODE_V8_COVERAGE'] = rawFolder;
const { failed } = await runTests(steps);
const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.d.ts') && hasCode(file));
const coverage = collect();
const rooms = coverageByRoom({
  files,
  functions: coverage.functions(),
  loaded: coverage.files(),
  roomOf: (file) => roomOf(file.replace(/^src\//, '')) ?? file,
});
const details = path.join(folder, 'unreached.txt');
writeFileSync(details, `${unreachedLines(rooms).join('\n')}\n`);
rmSync(rawFolder, { recursive: true });
console.log(['', ...aligned(coverageRows(rooms)), '', `each of them: ${path.relative(root, details)}`].join('\n'));
process.exitCode = failed > 0 ? 1 : 0;
