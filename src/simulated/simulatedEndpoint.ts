import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Answerer, planAnswer } from './answerPlan.ts';
import type { Behaviour, Route, StatusAnswer } from './behaviour.ts';
import { Exchange, type SeenRequest } from './exchange.ts';
import { type KeyRule, keyRefusal } from './keyCheck.ts';
import { SeenLog } from './seenLog.ts';
import { type Finding, type StrictOptions, StrictRequests } from './strictRequests.ts';

/** A simulated endpoint's settings. */
export interface SimulatedEndpointOptions extends KeyRule {
  /** Default: any free one. */
  port?: number;
  /** Woven into the answers' text and sent as `x-simulated-by`. Default: `simulated`. */
  name?: string;
  models?: readonly string[];
  /** How long an idle connection is kept. Default: 75 s. */
  keepAliveMs?: number;
  /** How much of the request bodies in `seen` is kept, newest first. The last one always is. Default: 128 MiB. */
  keptBodiesBytes?: number;
  /** How many requests `seen` holds at most, newest first. Default: 10,000. */
  keptRequests?: number;
  /** Reads requests as strictly as a vendor does. Default: takes everything. */
  strict?: StrictOptions;
}

/** Picks a behaviour for a request, or leaves it to the queue and the default. */
export type ChooseBehaviour = (request: SeenRequest) => Behaviour | undefined;

/**
 * A scriptable LLM endpoint on loopback, speaking both dialects. Behaviours hold for `messages`, `count_tokens`,
 * `chat/completions`, `responses`, `responses/input_tokens` and `embeddings`; the key is checked before, and a 401 uses up no behaviour.
 */
export interface SimulatedEndpoint {
  readonly name: string;
  readonly port: number;
  /** `http://127.0.0.1:port`, without a path. */
  readonly url: string;
  /** Requests in the order in which they were complete (or answered, or given up, before that), up to `keptRequests`. */
  readonly seen: SeenRequest[];
  /** Whatever a strict endpoint found wrong with its requests. A request that it refuses uses up no behaviour. */
  readonly findings: readonly Finding[];
  readonly connections: { readonly accepted: number; readonly open: number };
  /** Sets what every following request gets, unless one of the next two says otherwise. */
  behave(behaviour: Behaviour): void;
  /** Adds to a queue: each is used once, in order. */
  behaveNext(...behaviours: Behaviour[]): void;
  /**
   * Asked first, once a request's body is in; `undefined` takes it away. While it is set, what else would happen on the
   * head (`onHead`, `staleSocket`, `earlyAnswer`) waits for the body too.
   */
  behaveBy(choose: ChooseBehaviour | undefined): void;
  /** Stops listening (new connections get ECONNREFUSED) and destroys all connections. */
  refuse(): Promise<void>;
  /** Listens on the same port again. Rejects if another program has taken it. */
  listenAgain(): Promise<void>;
  /** Resolves at `n` requests seen since the start or `forgetSeen`; rejects after `deadlineMs` (30 s) or on `close`. */
  seenCount(n: number, deadlineMs?: number): Promise<void>;
  /** Empties `seen` and counts from 0 again. */
  forgetSeen(): void;
  /** Destroys all connections; resolves when no socket, timer or exchange is left. */
  close(): Promise<void>;
}

/** Starts an endpoint that answers healthily until told otherwise. Rejects when the port is taken. */
export async function startSimulatedEndpoint(options: SimulatedEndpointOptions = {}): Promise<SimulatedEndpoint> {
  const endpoint = new Endpoint(options);
  await endpoint.listen(options.port ?? 0);
  return endpoint;
}

class Endpoint implements SimulatedEndpoint {
  readonly name: string;
  readonly connections = { accepted: 0, open: 0 };
  readonly #log: SeenLog;
  readonly #options: SimulatedEndpointOptions;
  readonly #answerer: Answerer;
  readonly #strict: StrictRequests | undefined;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Map<Socket, { id: number; requests: number }>();
  readonly #exchanges = new Map<Exchange, Promise<void>>();
  #port = 0;
  #default: Behaviour = { kind: 'healthy' };
  #queue: Behaviour[] = [];
  #choose: ChooseBehaviour | undefined;

  constructor(options: SimulatedEndpointOptions) {
    this.#options = options;
    this.name = options.name ?? 'simulated';
    this.#log = new SeenLog(options.keptRequests ?? 10_000, options.keptBodiesBytes ?? 128 * 1024 * 1024);
    const models = options.models ?? ['claude-simulated-1', 'gpt-simulated-1'];
    this.#strict = options.strict === undefined ? undefined : new StrictRequests(this.name, options.strict);
    let ids = 0;
    this.#answerer = { name: this.name, models, nextId: () => makeId(`${this.name} ${ids++}`) };
    this.#server = createServer({
      keepAliveTimeout: options.keepAliveMs ?? 75_000,
      keepAliveTimeoutBuffer: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      maxHeaderSize: 256 * 1024,
    });
    this.#server.on('connection', (socket) => this.#accept(socket));
    this.#server.on('request', (req, res) => this.#receive(req, res));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get seen(): SeenRequest[] {
    return this.#log.requests;
  }

  get findings(): readonly Finding[] {
    return this.#strict?.findings ?? [];
  }

  behave(behaviour: Behaviour): void {
    this.#default = behaviour;
  }

  behaveNext(...behaviours: Behaviour[]): void {
    this.#queue.push(...behaviours);
  }

  behaveBy(choose: ChooseBehaviour | undefined): void {
    this.#choose = choose;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (typeof address === 'object' && address !== null) this.#port = address.port;
        resolve();
      });
    });
  }

  async listenAgain(): Promise<void> {
    if (!this.#server.listening) await this.listen(this.#port);
  }

  async refuse(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#server.listening) this.#server.close(() => resolve());
      else resolve();
    });
    const runs = [...this.#exchanges.values()];
    for (const exchange of this.#exchanges.keys()) exchange.cut();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await Promise.all([closed, ...runs]);
  }

  seenCount(n: number, deadlineMs = 30_000): Promise<void> {
    return this.#log.reached(n, deadlineMs);
  }

  forgetSeen(): void {
    this.#log.forget();
  }

  async close(): Promise<void> {
    this.#log.giveUp();
    await this.refuse();
  }

  #accept(socket: Socket): void {
    this.connections.accepted += 1;
    this.connections.open += 1;
    this.#sockets.set(socket, { id: this.connections.accepted, requests: 0 });
    socket.on('close', () => {
      this.connections.open -= 1;
      this.#sockets.delete(socket);
    });
  }

  #receive(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#sockets.get(req.socket) ?? { id: 0, requests: 0 };
    connection.requests += 1;
    const exchange = new Exchange(req, res, connection.id, connection.requests);
    const run = this.#serve(exchange)
      .catch((error: unknown) => exchange.fail(error))
      .then(() => exchange.seen.closed)
      .finally(() => this.#exchanges.delete(exchange));
    this.#exchanges.set(exchange, run);
  }

  async #serve(exchange: Exchange): Promise<void> {
    const refusal = this.#refusal(exchange);
    const early = refusal === undefined ? this.#takeEarly(exchange) : undefined;
    const isHere = early !== undefined || (await exchange.readBody());
    this.#log.add(exchange.seen);
    if (!isHere) return;
    const asked = exchange.asked();
    const isRead = refusal === undefined && early === undefined;
    const betas = exchange.seen.headers['anthropic-beta'];
    const reading = isRead ? this.#strict?.read(asked.route, asked.fields, betas) : undefined;
    const behaviour: Behaviour = refusal ?? early ?? reading?.refusal ?? this.#take(exchange);
    if (behaviour.after !== undefined && !(await exchange.waitFor(behaviour.after))) return;
    await exchange.perform(await planAnswer(behaviour, asked, { ...this.#answerer, finish: reading?.finish }));
  }

  /** Answers that do not depend on the configured behaviour. */
  #refusal({ seen, route, dialect }: Exchange): (Behaviour & StatusAnswer) | undefined {
    const wrongKey = keyRefusal(seen.headers, dialect, this.#options);
    if (wrongKey !== undefined) return wrongKey;
    if (route === 'other') return { kind: 'status', status: 404 };
    const method = route === 'models' ? 'GET' : 'POST';
    return seen.method === method ? undefined : { kind: 'status', status: 405, headers: { allow: method } };
  }

  #takeEarly({ seen, route }: Exchange): Behaviour | undefined {
    if (this.#choose !== undefined) return undefined;
    const queued = this.#queue[0];
    const next = holdsFor(queued, route) ? queued : this.#default;
    return holdsFor(next, route) && isEarly(next, seen.nthOnSocket) ? this.#takeScripted(route) : undefined;
  }

  #take({ seen, route }: Exchange): Behaviour {
    const chosen = this.#choose?.(seen);
    return holdsFor(chosen, route) ? chosen : this.#takeScripted(route);
  }

  #takeScripted(route: Route): Behaviour {
    const queued = this.#queue[0];
    if (holdsFor(queued, route)) {
      this.#queue.shift();
      return queued;
    }
    return holdsFor(this.#default, route) ? this.#default : { kind: 'healthy' };
  }
}

function holdsFor(behaviour: Behaviour | undefined, route: Route): behaviour is Behaviour {
  return behaviour !== undefined && (route !== 'models' || behaviour.alsoModels === true);
}

function isEarly(behaviour: Behaviour, nthOnSocket: number): boolean {
  switch (behaviour.kind) {
    case 'earlyAnswer':
      return true;
    case 'staleSocket':
      return nthOnSocket > 1;
    case 'cut':
    case 'hang':
      return behaviour.at === 'onHead';
    default:
      return false;
  }
}

/** 24 letters and digits out of a seed, the same each time. */
function makeId(seed: string): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789';
  let hash = 2166136261;
  for (const letter of seed) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  return Array.from({ length: 24 }, () => {
    hash = Math.imul(hash ^ (hash >>> 15), 2246822519) + 0x9e3779b9;
    return letters[(hash >>> 8) % letters.length];
  }).join('');
}
