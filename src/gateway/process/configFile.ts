import { readFileSync } from 'node:fs';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { isKey } from '../../base/apiKey.ts';
import { bareKey } from '../../base/pastedText.ts';
import { type Config, parseConfig } from '../../core/config/config.ts';
import type { ConfigProblem } from '../../core/config/configProblems.ts';
import { readAuthorities } from '../endpoints/authorities.ts';

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
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    return { kind: 'bad', text: `signalbox: ${path}: ${why}. Name an existing file with --config.\n` };
  }
  const errors: ParseError[] = [];
  const input: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) return { kind: 'bad', text: `signalbox: ${path}:${placeOf(text, first)}\n` };
  const result = parseConfig(isObject(input) && port !== undefined ? { ...input, port } : input);
  const problems =
    result.kind === 'ok'
      ? [
          ...(env === undefined ? [] : missingVariables(result.config, env)),
          ...readAuthorities(result.config.caCertificates).problems,
        ]
      : result.problems;
  if (result.kind === 'ok' && problems.length === 0) return result;
  return { kind: 'bad', text: problems.map((problem) => describe(path, problem)).join('') };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeOf(text: string, error: ParseError): string {
  const before = text.slice(0, error.offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const what = printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return `${before.length}:${column}: not valid JSON (${what}). Correct the file at this place.`;
}

function missingVariables(config: Config, env: Environment): ConfigProblem[] {
  const references = config.endpoints.map(({ apiKey }, index) => [`endpoints[${index}].apiKey`, apiKey] as const);
  const all = [...references, ['clientToken', config.clientToken] as const];
  return all.flatMap(([path, reference]) => {
    const name = reference?.startsWith('env:') === true ? reference.slice('env:'.length) : undefined;
    const set = name === undefined ? undefined : (env[name] ?? '').trim();
    const value = set === undefined || path === 'clientToken' ? set : bareKey(set);
    if (name === undefined || value === undefined) return [];
    const isShort = path === 'clientToken' && value.length < 16;
    if (isKey(value) && !isShort) return [];
    const what =
      isShort && value !== ''
        ? 'holds less than 16 characters'
        : value === ''
          ? 'is not set'
          : 'holds characters that no key has (a line break, or beyond ASCII)';
    const message = `the environment variable ${name} ${what}`;
    return [{ path, message, example: `export ${name}=...   (then start again)` }];
  });
}

function describe(file: string, { path, message, example }: ConfigProblem): string {
  const hint = example === undefined ? '' : `\n    for example: ${example}`;
  return `signalbox: ${file}: ${path} ${message}${hint}\n`;
}
