import { isRecord } from '../../base/isRecord.ts';
import { type ConfigProblem, configProblem } from '../../core/config/configProblems.ts';

/** A configuration document with its names nested, and what is to be said about them. */
interface Nested {
  readonly document: Readonly<Record<string, unknown>>;
  readonly problems: readonly ConfigProblem[];
  readonly notes: readonly string[];
}

/** Settings of VS Code windows, which a gateway without them has no use for. */
export const settingsOfWindows: ReadonlySet<string> = new Set([
  'autoStart',
  'terminal.inject',
  'statusBar.perEndpoint',
]);

/**
 * A configuration document in which settings may be written as VS Code and the table of settings write them:
 * `"signalbox.retry.maxAttempts": 3` stands for `"retry": { "maxAttempts": 3 }`.
 */
export function withNestedNames(input: Readonly<Record<string, unknown>>): Nested {
  const document: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  const notes: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    const bare = name.replace(/^signalbox\./, '');
    const [first = '', ...rest] = bare.split('.');
    const inner = rest.join('.');
    if (settingsOfWindows.has(bare)) {
      notes.push(`${name} is for VS Code only and is not used here`);
    } else if (inner === '') {
      if (!Object.hasOwn(document, bare)) define(document, bare, value);
      else if (!merge(document[bare], value)) problems.push(givenTwice(name));
    } else {
      if (!Object.hasOwn(document, first)) define(document, first, {});
      if (!merge(document[first], { [inner]: value })) problems.push(givenTwice(name));
    }
  }
  return { document, problems, notes };
}

/** Adds the names of one object to another; false if one of them is not an object, or a name is in both. */
function merge(into: unknown, from: unknown): boolean {
  if (!isRecord(into) || !isRecord(from)) return false;
  if (Object.keys(from).some((name) => Object.hasOwn(into, name))) return false;
  for (const [name, value] of Object.entries(from)) define(into, name, value);
  return true;
}

/** A name such as `__proto__` must stay one that is not known. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function givenTwice(path: string): ConfigProblem {
  return configProblem(path, { code: 'givenTwice' }, undefined);
}
