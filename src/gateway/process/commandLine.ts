import { parseArgs } from 'node:util';

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

const usage = `Signalbox gateway: one local address in front of several LLM API endpoints.

  gateway.js --config FILE [--port N] [--state-dir DIR]   serve the endpoints of a configuration file
  gateway.js --demo [--port N] [--state-dir DIR]          serve two built-in endpoints, one of them flaky
  gateway.js --drill [--json]                             play the main faults on built-in endpoints, and exit
  gateway.js --report [--days N] [--json] [--config FILE] [--state-dir DIR]
                    figures of the last days (7) from the recorded requests, at the configuration's prices
  gateway.js --help | --version

  --config FILE     JSON (comments allowed); see the README
  --port N          0 to 65535 instead of the configured one; 0 takes a free port
  --state-dir DIR   where tokens, log, gateway.json, state.json and metrics.sqlite are kept
  --json            the drill as JSON, one object a line, instead of a table; the report as one JSON object
  --days N          1 to 3650 days back from now

The drill uses its own gateway, endpoints and ports, takes a few seconds, and leaves your gateway and endpoints alone. The
exit code is 0 when everything is as designed, else 1.
Without --config and --demo the gateway waits for a VS Code window to push its configuration.
`;

/** Parses the flags. Never throws: a wrong flag gives a message that names it and the remedy, and exit code 2. */
export function parseCommandLine(args: readonly string[], version: string): ParsedCommandLine {
  let values: ReturnType<typeof read>;
  try {
    values = read(args);
  } catch (error) {
    return wrong((error as Error).message.replace(/\. To specify a positional argument.*$/s, ''));
  }
  if (values.help === true) return { kind: 'exit', code: 0, text: usage };
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

function reportLine(values: ReturnType<typeof read>): ParsedCommandLine {
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
function drillLine(values: ReturnType<typeof read>): ParsedCommandLine {
  if (values.drill !== true) return wrong('--json is for --drill and --report only');
  for (const name of ['config', 'demo', 'port', 'state-dir'] as const) {
    if (values[name] !== undefined)
      return wrong(`--drill takes no --${name}: it uses a gateway and endpoints of its own`);
  }
  return { kind: 'drill', isJson: values.json === true };
}

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    options: {
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
    },
  }).values;
}

function wrong(message: string): ParsedCommandLine {
  return { kind: 'exit', code: 2, text: `signalbox: ${message}. See --help.\n` };
}
