import type { z } from 'zod';
import { defaultPort } from '../../base/defaultPort.ts';

/** A problem of a configuration: its place, and an example of a valid value. */
export interface ConfigProblem {
  /** The place in the document: `endpoints[1].baseUrl`. */
  readonly path: string;
  readonly message: string;
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
  modelMap: '"modelMap": { "claude-haiku-*": "small-model" }',
  httpProxy: '"httpProxy": "http://127.0.0.1:3128"',
  noProxy: '"noProxy": ["intranet.example.com", ".example.com", "10.0.0.0/8"]',
  caCertificates: '"caCertificates": ["/etc/ssl/company-ca.pem"]',
  headers: '"headers": { "x-team": "blue" }',
  class: '"class": "billing"',
  prices: '"prices": { "my-model-*": { "input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75 } }',
};

/** Turns one schema issue into a problem with a place. */
export function problemsOf(issue: z.core.$ZodIssue): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: 'is not a known name (is it misspelt?)',
      example: undefined,
    }));
  }
  const path = pathText(issue.path);
  const example = issue.path.findLast((part) => typeof part === 'string' && Object.hasOwn(configExamples, part));
  return [{ path, message: messageOf(issue), example: configExamples[String(example)] }];
}

/** JSON's names for types that the schema names differently. */
const typeNames: Readonly<Record<string, string>> = { record: 'object', int: 'integer' };

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be of type ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (before, part) => (typeof part === 'number' ? `${before}[${part}]` : `${before}.${String(part)}`),
    '',
  );
  return text === '' ? '(document)' : text.replace(/^\./, '');
}
