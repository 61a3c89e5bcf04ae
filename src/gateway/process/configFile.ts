import { readFileSync } from 'node:fs';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { isKey } from '../../base/apiKey.ts';
import { fromEnvironment, keyFromEnvironment } from '../../base/fromEnvironment.ts';
import { isRecord } from '../../base/isRecord.ts';
import { type Config, parseConfig } from '../../core/config/config.ts';
import { type ConfigProblem, configExamples } from '../../core/config/configProblems.ts';
import { readAuthorities } from '../endpoints/authorities.ts';
import { withNestedNames } from './settingNames.ts';

/** A checked configuration file, or a text that says what is wrong with it and how to correct it. */
export type ConfigFile =
  | { readonly kind: 'ok'; readonly config: Config; readonly notes: readonly string[] }
  | { readonly kind: 'bad'; readonly text: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks a configuration file (JSON with comments); `port` replaces the one in the file. Every `env:NAME` must be
 * set in `env`; undefined skips that check, for callers that need no key. Never throws.
 */
export function readConfigFile(path: string, env: Environment | undefined, port?: number): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return { kind: 'bad', text: `signalbox: ${path}: ${unreadable(String((error as NodeJS.ErrnoException).code))}\n` };
  }
  const errors: ParseError[] = [];
  const input: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) return { kind: 'bad', text: `signalbox: ${path}:${placeOf(text, first)}\n` };
  const { document, problems: ofNames, notes: onNames } = isRecord(input) ? withNestedNames(input) : asItIs(input);
  const result = parseConfig(isRecord(document) && port !== undefined ? { ...document, port } : document);
  const problems = [...ofNames, ...(result.kind === 'bad' ? result.problems : problemsAround(result.config, env))];
  if (result.kind === 'bad' || problems.length > 0) {
    return { kind: 'bad', text: problems.map((problem) => describe(path, problem)).join('') };
  }
  return { ...result, notes: [...onNames, ...result.notes, ...notesOnUse(result.config)] };
}

function asItIs(document: unknown) {
  return { document, problems: [], notes: [] };
}

/** The remedy by the code of the system's error. */
function unreadable(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file. Name an existing one with --config.';
    case 'EISDIR':
      return 'it is a folder. Name the file in it with --config.';
    case 'EACCES':
    case 'EPERM':
      return `this user may not read it (${code}). Give the user that runs the gateway the right to (chmod, chown).`;
    default:
      return `it cannot be read (${code}).`;
  }
}

function placeOf(text: string, error: ParseError): string {
  const before = text.slice(0, error.offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const what = printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return `${before.length}:${column}: not valid JSON (${what}). Correct the file at this place.`;
}

/** Problems outside the file: in the environment and in the files that it names. */
function problemsAround(config: Config, env: Environment | undefined): ConfigProblem[] {
  const ofVariables = env === undefined ? [] : missingVariables(config, env);
  return [...ofVariables, ...readAuthorities(config.caCertificates).problems];
}

function missingVariables(config: Config, env: Environment): ConfigProblem[] {
  const references = config.endpoints.map(({ apiKey }, index) => [`endpoints[${index}].apiKey`, apiKey] as const);
  const all = [...references, ['clientToken', config.clientToken] as const];
  return all.flatMap(([path, reference]) => {
    if (reference?.startsWith('env:') !== true) return [];
    const name = reference.slice('env:'.length);
    const isToken = path === 'clientToken';
    const value = (isToken ? fromEnvironment : keyFromEnvironment)(reference, env) ?? '';
    const isShort = isToken && value.length < 16;
    if (isKey(value) && !isShort) return [];
    const what =
      isShort && value !== ''
        ? 'holds less than 16 characters'
        : value === ''
          ? 'is not set'
          : 'holds characters that no key has (a line break, or beyond ASCII)';
    const message = `refers to the environment variable ${name}, which ${what}`;
    return [{ path, message, example: `export ${name}=...   (then start again)` }];
  });
}

/** Notes on a valid configuration that leaves endpoints or the whole gateway without use. */
function notesOnUse({ endpoints }: Config): string[] {
  if (endpoints.length === 0) {
    const example = configExamples['endpoints'];
    return [`endpoints: there are none, so every request is refused until you add one\n    for example: ${example}`];
  }
  const withoutKey = endpoints.flatMap(({ id, enabled, auth, apiKey }, index) => {
    if (!enabled || auth === 'none' || apiKey !== undefined) return [];
    const example = `${configExamples['apiKey']}, or "auth": "none" if it needs no key`;
    return [`endpoints[${index}].apiKey is missing, so "${id}" gets no request\n    for example: ${example}`];
  });
  if (endpoints.some(({ enabled }) => enabled)) return withoutKey;
  return ['endpoints: all are disabled ("enabled": false), so every request is refused'];
}

function describe(file: string, { path, message, example }: ConfigProblem): string {
  const hint = example === undefined ? '' : `\n    for example: ${example}`;
  return `signalbox: ${file}: ${path} ${message}${hint}\n`;
}
