import { Agent } from 'node:http';
import { startGateway, type TestGateway, until } from '../support/processes/startGateway.ts';
import { configOf, keyEnvironment, messages, TestBed } from '../support/processes/testBed.ts';
import { seededRandom } from '../support/seededRandom.ts';
import { ProcessSamples } from './processSamples.ts';
import { askOnce, type Ending, type Manner } from './soakClient.ts';
import { type Random, soakBehaviour } from './soakFaults.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly streams: number;
  readonly seed: number;
  /** Told about once in ten seconds how it goes. */
  readonly tell?: (line: string) => void;
}

/** The result of a soak. */
export interface SoakReport {
  readonly requests: number;
  /** How many requests ended how, as `kind detail`. */
  readonly endings: ReadonlyMap<string, number>;
  /** How many failed attempts of which class the gateway tells of. */
  readonly failures: ReadonlyMap<string, number>;
  /** Client results that should not occur. */
  readonly wrong: readonly string[];
  readonly samples: ProcessSamples;
  /** Open files when nothing had been asked, and ten seconds after the load at the latest. */
  readonly files: { readonly before: number; readonly after: number };
  /** Lines of the log and of stderr that tell of an error inside the gateway. */
  readonly unhandled: readonly string[];
  readonly exitCode: number | null;
}

const config = {
  breaker: { openSeconds: 1, maxOpenSeconds: 4, failureThreshold: 10 },
  timeouts: { firstByteMs: 5000, idleMs: 5000 },
  recovery: { intervalSeconds: 1 },
};

/** So short that idle connections to endpoints are gone within the ten seconds in which files are counted. */
const keepAliveMs = 4000;

/** Files that come and go by themselves: a probe, the next look at `/healthz`. */
const fewFiles = 2;

/** Puts a real gateway under load for so long and looks at it from outside, each second and at the end. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const bed = new TestBed();
  const random = seededRandom(options.seed);
  try {
    const endpoints = [];
    for (const name of ['first', 'second', 'third']) {
      const endpoint = await bed.endpoint(name, { keptRequests: 100, keepAliveMs });
      endpoint.behaveBy(() => soakBehaviour(random));
      endpoints.push(endpoint);
    }
    const gateway = await startGateway({
      stateDir: bed.folder(),
      config: configOf(endpoints, { ...config, strategy: 'roundRobin' }),
      env: keyEnvironment(endpoints),
    });
    bed.onClose(() => void gateway.process.kill('SIGKILL'));
    const samples = new ProcessSamples(gateway);
    // The thread of the store opens its files half a second later, or when it is asked something.
    await gateway.control('GET', '/signalbox/metrics');
    const before = await samples.settledFiles();
    const load = new Load(gateway, options, random);
    await samples.takeWhile(load.run(samples));
    const after = await filesNear(samples, before);
    const failures = failuresIn(gateway.log());
    const exitCode = await gateway.stop();
    const unhandled = unhandledIn(`${gateway.log()}\n${gateway.stderr()}`);
    return { ...load.result(), failures, samples, files: { before, after }, unhandled, exitCode };
  } finally {
    await bed.close();
  }
}

/** The files that are open once they are few again, or when ten seconds have passed. */
async function filesNear(samples: ProcessSamples, baseline: number): Promise<number> {
  const look = () => samples.openFiles();
  return until('files', look, (count) => count <= baseline + fewFiles, 10_000).catch(look);
}

class Load {
  readonly #gateway: TestGateway;
  readonly #options: SoakOptions;
  readonly #random: Random;
  readonly #endings = new Map<string, number>();
  readonly #wrong: string[] = [];
  #requests = 0;

  constructor(gateway: TestGateway, options: SoakOptions, random: Random) {
    this.#gateway = gateway;
    this.#options = options;
    this.#random = random;
  }

  result(): Pick<SoakReport, 'requests' | 'endings' | 'wrong'> {
    return { requests: this.#requests, endings: this.#endings, wrong: this.#wrong };
  }

  /** Resolves when all clients have had enough and their last answers have ended. */
  async run(samples: ProcessSamples): Promise<void> {
    const endsAt = performance.now() + this.#options.seconds * 1000;
    const telling = setInterval(() => {
      this.#options.tell?.(`${this.#requests} requests, ${samples.lastLine()}, ${this.#wrong.length} wrong`);
    }, 10_000);
    try {
      await Promise.all(Array.from({ length: this.#options.streams }, (_, id) => this.#client(id, endsAt)));
    } finally {
      clearInterval(telling);
    }
  }

  /** One client after the other in the same place: most keep their connection, every fourth opens a new one each time. */
  async #client(id: number, endsAt: number): Promise<void> {
    const agent = new Agent({ keepAlive: id % 4 !== 0, maxSockets: 1 });
    try {
      while (performance.now() < endsAt) {
        const question = `Client ${id}: ${'why? '.repeat(Math.floor(this.#random() * 2000))}`;
        const body = JSON.stringify(messages(question, true));
        const ending = await askOnce(`${this.#gateway.url}/v1/messages`, agent, body, mannerOf(this.#random));
        this.#note(ending);
      }
    } finally {
      agent.destroy();
    }
  }

  #note({ kind, detail }: Ending): void {
    this.#requests += 1;
    const name = kind === 'wrong' ? kind : `${kind} ${detail}`.trim();
    this.#endings.set(name, (this.#endings.get(name) ?? 0) + 1);
    if (kind === 'wrong' && this.#wrong.length < 100) this.#wrong.push(detail);
  }
}

function mannerOf(random: Random): Manner {
  const dice = random();
  if (dice < 0.15) return { kind: 'leaves', afterMs: Math.floor(random() * 800) };
  if (dice < 0.25) return { kind: 'readsSlowly', pauseMs: 10 + Math.floor(random() * 40) };
  return { kind: 'reads' };
}

/** The classes of failed attempts in a log; a long run's log has been rotated, and only its last part is left. */
function failuresIn(log: string): ReadonlyMap<string, number> {
  const classes = new Map<string, number>();
  for (const [, name = ''] of log.matchAll(/"class":"(\w+)"/g)) classes.set(name, (classes.get(name) ?? 0) + 1);
  return classes;
}

function unhandledIn(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => /unhandled|inside the gateway|"level":(?:50|60|"error")|Warning:/.test(line));
}
