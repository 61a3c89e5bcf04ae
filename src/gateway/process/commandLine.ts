import { parseArgs } from 'node:util';
import { nearestName } from '../../core/config/configNames.ts';

/** The flags of a gateway that serves. */
export interface CommandLine {
  readonly configPath: string | undefined;
  readonly isDemo: boolean;
  readonly port: number | undefined;
  readonly stateDir: string | undefined;
  /** Started by a running gateway, to serve in its place. */
  readonly isTakingOver: boolean;
}

/** The command that was asked for, or a text to print and an exit code. */
export type ParsedCommandLine =
  | { readonly kind: 'run'; readonly options: CommandLine }
  | { readonly kind: 'drill'; readonly isJson: boolean }
  | {
      readonly kind: 'report';
      /** The configuration whose prices are used. */
      readonly configPath: string | undefined;
      readonly stateDir: string | undefined;
      readonly days: number;
      readonly isJson: boolean;
    }
  | { readonly kind: 'exit'; readonly code: 0 | 2; readonly text: string };

const usage = (command: string): string => `Signalbox gateway: one local address in front of several LLM API endpoints.

  ${command} --config FILE [--port N] [--state-dir DIR]
      serve the endpoints of a configuration file
  ${command} --demo [--port N] [--state-dir DIR]
      serve two built-in endpoints, one of them flaky
  ${command} --drill [--json]
      play the main faults on built-in endpoints, and exit
  ${command} --report [--days N] [--json] [--config FILE] [--state-dir DIR]
      figures of the last days (7) from the recorded requests, at the configuration's prices
  ${command} --help | --version

  --config FILE     JSON with the names of the settings (comments allowed); "--config" may be left out before FILE.json
  --port N          0 to 65535 instead of the configured one; 0 takes a free port
  --state-dir DIR   where tokens, log, gateway.json, state.json and metrics.sqlite are kept; one folder for each gateway
  --json            the drill as JSON, one object a line, instead of a table; the report as one JSON object
  --days N          1 to 3650 days back from now

A changed configuration file is read again while the gateway runs; if it is wrong, the log says so and the previous
configuration stays active. SIGHUP has it read at once, unless the gateway has a terminal: then SIGHUP means that the terminal has
closed. That, SIGTERM and Ctrl-C let running answers finish; a second Ctrl-C or SIGTERM ends them.

The drill uses its own gateway, endpoints and ports, takes a few seconds, and leaves your gateway and endpoints alone. The
exit code is 0 when everything is as designed, else 1.
Without --config and --demo the gateway waits for a VS Code window to push its configuration.
`;

/**
 * Parses the flags. Never throws: a wrong flag gives a message that names it and the remedy, and exit code 2. `command`: how
 * the program was called, for these texts.
 */
export function parseCommandLine(args: readonly string[], version: string, command: string): ParsedCommandLine {
  const parsed = parsedFlags(args, version, command);
  if (parsed.kind !== 'wrong') return parsed;
  const end = parsed.message.endsWith('?') ? '' : '.';
  return { kind: 'exit', code: 2, text: `signalbox: ${parsed.message}${end} See: ${command} --help\n` };
}

type Wrong = { readonly kind: 'wrong'; readonly message: string };

function parsedFlags(args: readonly string[], version: string, command: string): ParsedCommandLine | Wrong {
  let values: Values;
  try {
    const { values: given, positionals } = read(args);
    const [first, ...others] = positionals;
    const isFile = first !== undefined && /\.jsonc?$/i.test(first) && others.length === 0 && given.config === undefined;
    if (first !== undefined && !isFile)
      return wrong(`"${first}" is no flag; a configuration file is named with --config FILE`);
    values = isFile ? { ...given, config: first } : given;
  } catch (error) {
    return wrong(flagProblem(error as NodeJS.ErrnoException));
  }
  if (values.help === true) return { kind: 'exit', code: 0, text: usage(command) };
  if (values.version === true) return { kind: 'exit', code: 0, text: `${version}\n` };
  if (values.config !== undefined && values.demo === true) return wrong('--config and --demo exclude each other');
  if (values.report === true) return reportLine(values);
  if (values.days !== undefined) return wrong('--days is for --report only');
  if (values.drill === true || values.json === true) return drillLine(values);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(/^\d{1,5}$/.test(values.port ?? '') && port <= 65_535)) {
    return wrong(`--port must be a number from 0 to 65535, not "${values.port}"`);
  }
  const options = {
    configPath: values.config,
    isDemo: values.demo === true,
    port,
    stateDir: values['state-dir'],
    isTakingOver: values['take-over'] === true,
  };
  return { kind: 'run', options };
}

/** The problem with a flag, in fewer words than `parseArgs` has, and the flag that was probably meant. */
function flagProblem({ code, message }: NodeJS.ErrnoException): string {
  const [flag] = /--?[\w-]+/.exec(message) ?? [];
  if (flag === undefined) return message;
  switch (code) {
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return /does not take/.test(message) ? `${flag} takes no value` : `${flag} needs a value`;
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION': {
      const meant = nearestName(flag, flagNames);
      return `${flag} is no flag${meant === undefined ? '' : `: did you mean ${meant}?`}`;
    }
    default:
      return message;
  }
}

function reportLine(values: Values): ParsedCommandLine | Wrong {
  for (const name of ['demo', 'port', 'drill'] as const) {
    if (values[name] !== undefined) return wrong(`--report takes no --${name}: it reads what a gateway has recorded`);
  }
  const days = Number(values.days ?? 7);
  if (!(Number.isInteger(days) && days >= 1 && days <= 3650)) {
    return wrong(`--days must be a number from 1 to 3650, not "${values.days}"`);
  }
  const { config: configPath, 'state-dir': stateDir } = values;
  return { kind: 'report', configPath, stateDir, days, isJson: values.json === true };
}

/** The drill uses none of the user's settings, so a flag that names one is a misunderstanding. */
function drillLine(values: Values): ParsedCommandLine | Wrong {
  if (values.drill !== true) return wrong('--json is for --drill and --report only');
  for (const name of ['config', 'demo', 'port', 'state-dir'] as const) {
    if (values[name] !== undefined)
      return wrong(`--drill takes no --${name}: it uses a gateway and endpoints of its own`);
  }
  return { kind: 'drill', isJson: values.json === true };
}

const flags = {
  config: { type: 'string' },
  demo: { type: 'boolean' },
  drill: { type: 'boolean' },
  json: { type: 'boolean' },
  port: { type: 'string' },
  report: { type: 'boolean' },
  days: { type: 'string' },
  'state-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  'take-over': { type: 'boolean' },
} as const;
const flagNames = Object.keys(flags).map((name) => `--${name}`);

type Values = ReturnType<typeof read>['values'];

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: flags,
  });
}

function wrong(message: string): Wrong {
  return { kind: 'wrong', message };
}
