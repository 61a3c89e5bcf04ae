import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ImportGraph, importGraph, reachedFrom } from './importGraph.ts';
import { testsOfRoom } from './roomTests.ts';

/** Rules of the whole repository, which any change may break; they take seconds. */
const alwaysTouched = /^test\/architecture\//;

/** Tests that run sources in their own process; other tests reach them through programs. */
const runsSources = /^test\/(?:unit|architecture)\//;

/**
 * The files that differ from the commit where this branch left `base`, committed or not, new and deleted ones too.
 * Throws with git's own words when `base` is no commit.
 */
export function changedFiles(root: string, base: string): readonly string[] {
  const git = (...args: string[]): string[] =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  const [start = base] = git('merge-base', base, 'HEAD');
  return [...git('diff', '--name-only', '--no-renames', start), ...git('ls-files', '--others', '--exclude-standard')];
}

/** The test files that changed files touch: by imports, and those of a room of `src/` by {@link testsOfRoom}. */
export function touchedTests(
  changed: readonly string[],
  graph: ImportGraph,
  find: (patterns: readonly string[]) => readonly string[],
): ReadonlySet<string> {
  const byRoom = new Set(find(changed.flatMap(testsOfRoom)));
  const isTouched = (test: string): boolean => {
    if (alwaysTouched.test(test) || byRoom.has(test)) return true;
    const reached = reachedFrom(test, graph, (file) => runsSources.test(test) || file.startsWith('test/'));
    return changed.some((file) => reached.has(file) && (runsSources.test(test) || file.startsWith('test/')));
  };
  return new Set([...graph.keys()].filter((file) => file.endsWith('.test.ts') && isTouched(file)));
}

/** The graph of everything that tests import. */
export function sourceGraph(root: string): ImportGraph {
  const files = globSync('{src,test}/**/*.{ts,css,json}', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return importGraph(files, (file) => readFileSync(path.join(root, file), 'utf8'));
}
