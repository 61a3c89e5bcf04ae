import { parseArgs } from 'node:util';

/** The options of a run. */
export interface Options {
  /** In this order: `direct` and `floor` are always among them, every ratio needs them. */
  readonly targets: readonly string[];
  /** Numbers of the suites to run. */
  readonly suites: readonly number[];
  readonly rounds: number;
  /** Shorter slices and fewer rounds: shows that everything works, its figures are rough. */
  readonly isQuick: boolean;
  readonly jsonFile: string | undefined;
  /** Documents whose table is written again between its marks. */
  readonly documents: readonly string[];
  /** Other builds of the gateway by name, each the folder of its `gateway.js`. */
  readonly builds: ReadonlyMap<string, string>;
  /** Other programs by name, each the command that starts it, with places for `{port}` and `{upstream}`. */
  readonly peers: ReadonlyMap<string, string>;
  /** The folder that gets a CPU profile of each gateway. */
  readonly profileFolder: string | undefined;
}

export const usage = `node bench/run.ts [--suite 1,2] [--rounds N] [--quick] [--targets direct,floor,gateway] [--json FILE]
                         [--markdown FILE] [--build NAME=FOLDER] [--peer 'NAME=COMMAND'] [--profile FOLDER]
  --targets  any of direct, floor, gateway; floor2, floor3 are further copies of the floor and show the noise;
             gateway-no-metrics is the gateway with metrics off
  --json     FILE: the summary, and every figure with the values of each round
  --markdown FILE: writes the summary into a document, between its marks; may be repeated
  --build    NAME=FOLDER: another build of the gateway beside this one; may be repeated
  --peer     'NAME=COMMAND {port} {upstream}': another program that listens on {port} of 127.0.0.1 and sends on
             to the address {upstream}; it replaces the client's x-api-key by BENCH_KEY; may be repeated
  --profile  FOLDER: writes a CPU profile of each gateway there`;

/** Words that name targets already. */
const knownTarget = /^(direct|floor\d*|gateway(-no-metrics)?)$/;
const suiteCount = 11;

/** Throws a RangeError that names the argument and what it may be. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      targets: { type: 'string', default: 'direct,floor,gateway' },
      suite: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'string', multiple: true, default: [] },
      build: { type: 'string', multiple: true, default: [] },
      peer: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const named = values.targets.split(',').map((name) => name.trim());
  for (const name of named) {
    if (!knownTarget.test(name))
      throw new RangeError(`--targets: "${name}" is none of direct, floor, floor2, gateway, gateway-no-metrics`);
  }
  const all = Array.from({ length: suiteCount }, (_, index) => index + 1);
  const builds = namesIn('--build', values.build);
  const peers = namesIn('--peer', values.peer);
  return {
    targets: [...new Set(['direct', 'floor', ...named, ...builds.keys(), ...peers.keys()])],
    suites:
      values.suite === undefined ? all : values.suite.split(',').map((text) => whole('--suite', text, suiteCount)),
    rounds: values.rounds === undefined ? (values.quick ? 3 : 9) : whole('--rounds', values.rounds, 100),
    isQuick: values.quick,
    jsonFile: values.json,
    documents: values.markdown,
    builds,
    peers,
    profileFolder: values.profile,
  };
}

function namesIn(option: string, texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const [, name = '', value = ''] = /^([\w-]+)=(.+)$/s.exec(text) ?? [];
      if (name === '') throw new RangeError(`${option}: "${text}" is not NAME=...`);
      if (knownTarget.test(name)) throw new RangeError(`${option}: "${name}" names another target`);
      return [name, value];
    }),
  );
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name}: "${text}" is not a whole number from 1 to ${max}`);
  }
  return value;
}
