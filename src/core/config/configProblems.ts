import type * as z from 'zod';
import { defaultPort } from '../../base/defaultPort.ts';
import { namesAt, nearestName } from './configNames.ts';
import { isBareProblem, type Problem, toldProblem } from './problem.ts';

/** A problem of a configuration: its place, and an example of a valid value. */
export interface ConfigProblem {
  /** The place in the document: `endpoints[1].baseUrl`. */
  readonly path: string;
  readonly message: string;
  /** Undefined for what only the command line tells. */
  readonly why?: Problem;
  readonly example: string | undefined;
}

/** Examples of valid values, by name. */
export const configExamples: Readonly<Record<string, string>> = {
  id: '"id": "first"',
  name: '"name": "First party"',
  baseUrl: '"baseUrl": "https://api.example.com"',
  dialect: '"dialect": "anthropic"',
  auth: '"auth": "x-api-key"',
  apiKey: '"apiKey": "env:FIRST_KEY"',
  port: `"port": ${defaultPort}`,
  clientToken: '"clientToken": "env:SIGNALBOX_TOKEN"',
  strategy: '"strategy": "priority"',
  endpoints: '"endpoints": [{ "id": "first", "baseUrl": "https://api.example.com", "apiKey": "env:FIRST_KEY" }]',
  priority: '"priority": 1',
  weight: '"weight": 100',
  enabled: '"enabled": true',
  models: '"models": ["claude-*"]',
  alsoServes: '"alsoServes": ["anthropic"]',
  formats: '"formats": ["chat"]',
  profile: '"profile": "generic"',
  modelMap: '"modelMap": { "claude-haiku-*": "small-model" }',
  httpProxy: '"httpProxy": "http://127.0.0.1:3128"',
  noProxy: '"noProxy": ["intranet.example.com", ".example.com", "10.0.0.0/8"]',
  caCertificates: '"caCertificates": ["/etc/ssl/company-ca.pem"]',
  headers: '"headers": { "x-team": "blue" }',
  class: '"class": "billing"',
  prices: '"prices": { "my-model-*": { "input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75 } }',
};

/** A problem with its place; `message` is its English. */
export function configProblem(path: string, why: Problem, example: string | undefined): ConfigProblem {
  return { path, ...toldProblem(why), example };
}

/** Turns the issues of a schema into problems with a place. The messages of the schema itself are codes of problems. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], schema: z.core.$ZodType): ConfigProblem[] {
  const problems = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownNames(issue, schema) : [problemAt(issue)],
  );
  // A name that is misspelt is missing as well: one complaint is enough.
  const meant = new Set(
    problems.flatMap(({ path, why }) => (why?.code === 'misspelt' ? [path.replace(/[^.]*$/, why.name)] : [])),
  );
  return problems.filter(({ path, why }) => why?.code !== 'missing' || !meant.has(path));
}

function unknownNames({ keys, path }: z.core.$ZodIssueUnrecognizedKeys, schema: z.core.$ZodType): ConfigProblem[] {
  const names = namesAt(schema, path);
  return keys.map((key) => {
    const name = nearestName(key, names);
    const why: Problem = name === undefined ? { code: 'unknownName' } : { code: 'misspelt', name };
    return configProblem(pathText([...path, key]), why, name === undefined ? undefined : configExamples[name]);
  });
}

function problemAt(issue: z.core.$ZodIssue): ConfigProblem {
  const path = pathText(issue.path);
  const named = issue.path.findLast((part) => typeof part === 'string' && Object.hasOwn(configExamples, part));
  const example = variableExample(issue) ?? configExamples[String(named)];
  const why = problemOf(issue);
  return why === undefined ? { path, message: issue.message, example } : configProblem(path, why, example);
}

/** For `$NAME`, `${NAME}` and `%NAME%`, as shells write it: the same variable as a reference. */
function variableExample({ message, input }: z.core.$ZodIssue): string | undefined {
  if (message !== 'notKeyReference' || typeof input !== 'string') return undefined;
  const [, name] = /^[$%]\{?([A-Z_][A-Z0-9_]*)[}%]?$/.exec(input) ?? [];
  return name === undefined ? undefined : `"apiKey": "env:${name}"`;
}

/** JSON's names for types that the schema names differently. */
const typeNames: Readonly<Record<string, string>> = { record: 'object', int: 'integer' };

/** Undefined for an issue that none of our schemas should have. */
function problemOf(issue: z.core.$ZodIssue): Problem | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return { code: 'missing' };
      return { code: 'wrongType', type: typeNames[issue.expected] ?? issue.expected };
    case 'invalid_value':
      return { code: 'notOneOf', values: issue.values.map((value) => JSON.stringify(value)).join(', ') };
    case 'too_small':
      return { code: issue.origin === 'string' ? 'tooShort' : 'tooSmall', limit: Number(issue.minimum) };
    case 'too_big':
      return { code: issue.origin === 'string' ? 'tooLong' : 'tooLarge', limit: Number(issue.maximum) };
    case 'invalid_key': {
      const [first] = issue.issues;
      return first === undefined ? undefined : problemOf(first);
    }
    default:
      return isBareProblem(issue.message) ? { code: issue.message } : undefined;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (before, part) => (typeof part === 'number' ? `${before}[${part}]` : `${before}.${String(part)}`),
    '',
  );
  return text === '' ? '(document)' : text.replace(/^\./, '');
}
