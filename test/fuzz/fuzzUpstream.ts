import { Client } from 'undici';
import { EndpointPool } from '../../src/proxy/upstream/endpointPool.ts';
import type { AnswerHandler } from '../../src/proxy/upstream/upstreamExchange.ts';
import { differenceOf, isSame, type Told } from './differences.ts';
import { type GeneratedAnswer, generatedAnswer } from './generatedAnswer.ts';
import { type Observation, ObservedAnswer } from './observedAnswer.ts';
import { ScriptedServer } from './scriptedServer.ts';

/** The figures of a run. */
export interface FuzzResult {
  readonly answers: number;
  /** Complete answers, of those that both clients read alike. */
  readonly complete: number;
  /** How often each allowed kind of difference was seen. */
  readonly allowed: ReadonlyMap<string, number>;
  /** The first differences that are not allowed, in words, with their seeds. */
  readonly failures: readonly string[];
}

/** The answers that are tried: those of `count` seeds from `firstSeed` on. */
export interface FuzzOptions {
  readonly firstSeed: number;
  readonly count: number;
  /** So many are under way at once. */
  readonly lanes: number;
}

/** With those that turn out to be allowed. */
const maxFailures = 60;

/** Lets our client and undici read the same answers from one server, and compares everything that they tell of them. */
export async function fuzzUpstream({ firstSeed, count, lanes }: FuzzOptions): Promise<FuzzResult> {
  const server = new ScriptedServer();
  const origin = await server.listen();
  const tally = new Tally();
  let next = firstSeed;
  const run = async (): Promise<void> => {
    const lane = new Lane(server, origin, tally);
    while (next < firstSeed + count && tally.failures.length < maxFailures) {
      next += 1;
      await lane.ask(generatedAnswer(next - 1));
    }
    await lane.close();
  };
  await Promise.all(Array.from({ length: lanes }, run));
  const failures: string[] = [];
  const isReadAlone = async ({ own }: Failure, answer: GeneratedAnswer): Promise<boolean> => {
    const alone = new Tally();
    const lane = new Lane(server, origin, alone);
    await lane.ask(answer);
    await lane.close();
    return alone.failures.length === 0 && alone.isLastOwn(own);
  };
  for (const failure of tally.failures) {
    const { answer, text } = failure;
    // On a busy machine the rest of one answer may come late, and be in the way of the next.
    if (await isReadAlone(failure, answer)) tally.allow(onlyUndiciIsInconstant);
    else if (await isReadAlone(failure, { ...answer, pausesAt: new Set() })) tally.allow(pausesDisturbUndici);
    else failures.push(text);
  }
  server.close();
  return { ...tally, failures };
}

const onlyUndiciIsInconstant = 'undici reads the answer as we do, but only if nothing came before it';
const pausesDisturbUndici =
  'undici reads the answer as we do, but only without pauses: it loses the end of a connection';

interface Failure {
  readonly answer: GeneratedAnswer;
  readonly own: Told;
  readonly text: string;
}

class Tally {
  answers = 0;
  complete = 0;
  readonly allowed = new Map<string, number>();
  readonly failures: Failure[] = [];
  #lastOwn: Told | undefined;

  add(answer: GeneratedAnswer, own: Told, reference: Told): void {
    this.answers += 1;
    this.#lastOwn = own;
    const difference = differenceOf(answer, own, reference);
    if (difference === undefined) {
      if (own.end === 'end') this.complete += 1;
    } else if (difference.allowed !== undefined) {
      this.allow(difference.allowed);
    } else {
      this.failures.push({ answer, own, text: difference.text });
    }
  }

  allow(kind: string): void {
    this.allowed.set(kind, (this.allowed.get(kind) ?? 0) + 1);
  }

  /** Our client told the same of the last answer; alone, no request shows that its connection was kept. */
  isLastOwn(own: Told): boolean {
    return this.#lastOwn !== undefined && isSame({ ...own, isKept: false }, this.#lastOwn);
  }
}

type Dispatch = (options: Parameters<EndpointPool['dispatch']>[0], handler: AnswerHandler) => void;

/** One request after the other, to both clients. */
class Lane {
  readonly #own: EndpointPool;
  readonly #reference: Client;
  readonly #sides: readonly Side[];
  readonly #tally: Tally;
  #before: { readonly answer: GeneratedAnswer; readonly told: readonly Told[] } | undefined;

  constructor(server: ScriptedServer, origin: string, tally: Tally) {
    this.#tally = tally;
    this.#own = new EndpointPool({
      origin,
      httpProxy: undefined,
      authorities: '',
      connectMs: 5000,
      keepAliveMs: 60_000,
    });
    this.#reference = new Client(origin, {
      maxHeaderSize: 64 * 1024 + 1,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 60_000,
    });
    this.#sides = [
      new Side(server, 'own', (options, handler) => this.#own.dispatch(options, handler)),
      new Side(server, 'reference', (options, handler) => {
        const { headers, ...rest } = options;
        this.#reference.dispatch({ ...rest, headers: [...headers], origin }, handler);
      }),
    ];
  }

  async ask(answer: GeneratedAnswer): Promise<void> {
    const told = await Promise.all(this.#sides.map((side) => side.ask(answer)));
    this.#compare(told.map(({ isOnKept }) => isOnKept));
    this.#before = { answer, told: told.map(({ observation }) => ({ ...observation, isKept: false })) };
  }

  async close(): Promise<void> {
    this.#compare([false, false]);
    this.#own.destroy();
    await this.#reference.destroy();
  }

  /** Only the next request shows whether the connection was kept. */
  #compare(isKept: readonly boolean[]): void {
    if (this.#before === undefined) return;
    const { answer, told } = this.#before;
    const [own, reference] = told.map((one, index) => ({ ...one, isKept: isKept[index] ?? false }));
    if (own !== undefined && reference !== undefined) this.#tally.add(answer, own, reference);
    this.#before = undefined;
  }
}

interface Asked {
  readonly observation: Observation;
  /** On the connection of the request before. */
  readonly isOnKept: boolean;
}

/** One client, on its way to the server. */
class Side {
  readonly #server: ScriptedServer;
  readonly #name: string;
  readonly #dispatch: Dispatch;
  #lastConnection = 0;

  constructor(server: ScriptedServer, name: string, dispatch: Dispatch) {
    this.#server = server;
    this.#name = name;
    this.#dispatch = dispatch;
  }

  ask(answer: GeneratedAnswer): Promise<Asked> {
    const { method, seed } = answer;
    const path = `/${this.#name}/${seed}`;
    const body = method === 'POST' ? Buffer.from('{"model":"m"}') : null;
    this.#server.expect(path, answer);
    return new Promise((resolve) => {
      const observed = new ObservedAnswer(answer, () => undefined);
      const finish = (): void => {
        const connection = this.#server.served.get(path)?.connection ?? 0;
        const isOnKept = connection === this.#lastConnection;
        this.#lastConnection = connection;
        this.#server.forget(path);
        resolve({ observation: observed.observation, isOnKept });
      };
      this.#watch(path, observed, finish);
      this.#dispatch({ method, path, headers: ['x-of', 'fuzz'], body }, observed);
    });
  }

  /** Ends the connection of an answer that its client waits for in vain, and lets what follows an answer arrive. */
  #watch(path: string, observed: ObservedAnswer, finish: () => void, turns = 0): void {
    const served = this.#server.served.get(path);
    if (served?.isWritten !== true || observed.isPaused) {
      setImmediate(() => this.#watch(path, observed, finish));
    } else if (turns < settledTurns) {
      setImmediate(() => this.#watch(path, observed, finish, turns + 1));
    } else if (observed.isOver) {
      finish();
    } else {
      if (turns === settledTurns) served.socket.end();
      if (turns === hangingTurns) served.socket.resetAndDestroy();
      setImmediate(() => this.#watch(path, observed, finish, turns + 1));
    }
  }
}

const settledTurns = 4;
const hangingTurns = 20_000;
