import { type Problem, type Problems, problem } from './problem.ts';
import { faultsOf, type JsonType, type Shape, type ShapeFault, type Step } from './shape.ts';

/** A path as OpenAI writes it: `messages[0].content[1].text`. */
function openaiPath(path: readonly Step[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (typeof step === 'string') text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** The faults of a body's form, in OpenAI's words. */
export function* openaiFaults(body: unknown, shape: Shape): Problems {
  for (const fault of faultsOf(body, shape)) yield openaiProblem(fault);
}

/** The refusal of a name or id by its alphabet or its length. */
export function* openaiName(value: unknown, param: string, maxLength: number, pattern?: RegExp): Problems {
  if (typeof value !== 'string') return;
  if (value.length > maxLength) {
    const message = `Invalid '${param}': string too long. Expected a string with maximum length ${maxLength}, but got a string with length ${value.length} instead.`;
    yield problem('length', message, param, 'string_above_max_length');
  }
  if (value === '') {
    const message = `Invalid '${param}': empty string. Expected a string with minimum length 1, but got an empty string instead.`;
    yield problem('length', message, param, 'empty_string');
  }
  if (pattern !== undefined && !pattern.test(value)) {
    const message = `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${pattern.source}'.`;
    yield problem('alphabet', message, param, 'invalid_value');
  }
}

function openaiProblem(fault: ShapeFault): Problem {
  const param = openaiPath(fault.path);
  switch (fault.kind) {
    case 'unknown':
      return problem('unknownKey', `Unknown parameter: '${param}'.`, param, 'unknown_parameter');
    case 'missing':
      return problem('missingKey', `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
    case 'type': {
      const message = `Invalid type for '${param}': expected ${withArticle(fault.expected)}, but got ${withArticle(fault.got)} instead.`;
      return problem('wrongType', message, param, 'invalid_type');
    }
    case 'tag': {
      const message = `Invalid value: '${fault.got}'. Supported values are: ${listed(fault.known)}.`;
      return problem('unknownKind', message, fault.by === 'type' ? param : `${param}.${fault.by}`, 'invalid_value');
    }
    default:
      return fault satisfies never;
  }
}

/** Words in quotes, the last one after an "and". */
export function listed(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  if (quoted.length < 2) return quoted.join('');
  if (quoted.length === 2) return quoted.join(' and ');
  return `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
}

function withArticle(type: JsonType): string {
  if (type === 'null') return 'null';
  return type === 'object' || type === 'array' ? `an ${type}` : `a ${type}`;
}
