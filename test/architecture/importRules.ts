import { cruise, type ICruiseResult, type IDependency } from 'dependency-cruiser';
import { lists, roomOf, rooms } from './allowedImports.ts';

/** The target of an import: another file below src/, a package or builtin, or something that is neither. */
type Target =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'stray'; readonly specifier: string };

/**
 * One line for every import below `root`/src that the table does not allow, and for every cycle (cycles of types
 * count). Reads the sources as they are written, so that an `import type` is seen.
 */
export async function importViolations(root: string): Promise<string[]> {
  const { output } = await cruise(['src'], {
    baseDir: root,
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    doNotFollow: 'node_modules',
    validate: true,
    ruleSet: { forbidden: [{ name: 'cycle', severity: 'error', from: {}, to: { circular: true } }] },
  });
  const { modules, summary } = output as ICruiseResult;
  const wrong = modules
    .filter(({ source }) => source.startsWith('src/'))
    .flatMap(({ source, dependencies }) => violationsOf(belowSrc(source), dependencies));
  const cycles = summary.violations
    .filter(({ rule }) => rule.name === 'cycle')
    .map(({ from, cycle }) => `cycle: ${[from, ...(cycle ?? []).map(({ name }) => name)].map(belowSrc).join(' -> ')}`);
  return [...new Set([...wrong, ...cycles])].sort();
}

function violationsOf(file: string, dependencies: readonly IDependency[]): string[] {
  if (roomOf(file) === undefined) return [`${file} lies in no room`];
  return dependencies.flatMap((dependency) => {
    const target = targetOf(dependency);
    const reason = objection(file, target, dependency.dependencyTypes.includes('type-only'));
    return reason === undefined ? [] : [`${file} imports ${nameOf(target)}: ${reason}`];
  });
}

/** Why `file` may not import `target`, or nothing when it may. */
function objection(file: string, target: Target, isTypeOnly: boolean): string | undefined {
  if (target.kind === 'stray') return 'no file below src/';
  const from = roomOf(file);
  const name = target.kind === 'file' ? roomOf(target.file) : target.name;
  const room = rooms[from ?? ''];
  if (room === undefined || name === undefined) return 'it lies in no room';
  if (from === name) return undefined;
  if (lists(room.never, name)) return `${from} never may`;
  const isValueAllowed = lists(room.may, name) || (name.startsWith('node:') && room.may.includes('node:*'));
  if (!isValueAllowed) {
    if (!lists(room.mayAsTypes, name)) return `${from} may not`;
    return isTypeOnly ? undefined : `${from} may by import type only`;
  }
  const only = room.onlyIn?.[name];
  return only === undefined || only.test(file) ? undefined : `only ${only} may`;
}

function targetOf({ module, protocol, resolved, couldNotResolve, dependencyTypes }: IDependency): Target {
  if (module.startsWith('.') || module.startsWith('/')) {
    const isOurs = !couldNotResolve && resolved.startsWith('src/');
    return isOurs ? { kind: 'file', file: belowSrc(resolved) } : { kind: 'stray', specifier: module };
  }
  if (protocol === 'node:' || dependencyTypes.includes('core')) {
    return { kind: 'package', name: `node:${module.replace(/^node:/, '')}` };
  }
  const [first = '', second = ''] = module.split('/');
  return { kind: 'package', name: first.startsWith('@') ? `${first}/${second}` : first };
}

function nameOf(target: Target): string {
  switch (target.kind) {
    case 'file':
      return target.file;
    case 'package':
      return target.name;
    case 'stray':
      return target.specifier;
  }
}

function belowSrc(file: string): string {
  return file.replace(/^src\//, '');
}
