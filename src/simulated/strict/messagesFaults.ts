import { type Problem, type Problems, problem, type Rule } from './problem.ts';
import { faultsOf, type JsonType, type Shape, type ShapeFault, type Step } from './shape.ts';

/** A path as Anthropic writes it, with the kinds of blocks in it: `messages.0.content.1.text.cache_control`. */
function messagesPath(path: readonly Step[]): string {
  return path.map((step) => (typeof step === 'object' ? step.tag : step)).join('.');
}

/** A problem at a place of the body, in Anthropic's form. */
export function fault(rule: Rule, path: string, words: string): Problem {
  return problem(rule, path === '' ? words : `${path}: ${words}`, path === '' ? null : path);
}

/** The faults of a value's form, in Anthropic's words. */
export function* messagesFaults(value: unknown, shape: Shape, path: readonly Step[] = []): Problems {
  for (const each of faultsOf(value, shape, path)) yield messagesProblem(each);
}

const typeWords: Readonly<Record<JsonType, string>> = {
  string: 'Input should be a valid string',
  number: 'Input should be a valid integer',
  boolean: 'Input should be a valid boolean',
  object: 'Input should be an object',
  array: 'Input should be a valid array',
  null: 'Input should be null',
};

function messagesProblem(each: ShapeFault): Problem {
  const path = messagesPath(each.path);
  switch (each.kind) {
    case 'unknown':
      return fault('unknownKey', path, 'Extra inputs are not permitted');
    case 'missing':
      return fault('missingKey', path, 'Field required');
    case 'type':
      return fault('wrongType', path, typeWords[each.expected]);
    case 'tag': {
      const known = each.known.map((name) => `'${name}'`).join(', ');
      const words = `Input tag '${each.got}' found using '${each.by}' does not match any of the expected tags: ${known}`;
      return fault('unknownKind', path, words);
    }
    default:
      return each satisfies never;
  }
}
