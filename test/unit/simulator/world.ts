import { systemClock } from '../../../src/base/clock.ts';
import type { Config } from '../../../src/core/config/config.ts';
import { EndpointState } from '../../../src/core/endpoint/endpointState.ts';
import { NetworkState } from '../../../src/core/endpoint/networkState.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { SessionAffinity } from '../../../src/core/routing/affinity.ts';
import { RoundRobin } from '../../../src/core/routing/roundRobin.ts';
import { basePathOf, breakerOptions } from '../../../src/gateway/endpoints/endpointSet.ts';
import { CapacityQueue } from '../../../src/proxy/capacityQueue.ts';
import { routeOf } from '../../../src/proxy/client/routes.ts';
import type { DataPath, Endpoint } from '../../../src/proxy/dataPath.ts';
import { Exchange } from '../../../src/proxy/exchange.ts';
import { forwardRequest } from '../../../src/proxy/forwardRequest.ts';
import { CountingBudget } from './countingBudget.ts';
import { planAttempt } from './drafts/attemptPlan.ts';
import { drawFault, type Health } from './drafts/faults.ts';
import { RandomSource } from './drafts/randomSource.ts';
import { acceptedRequest, type RequestDraft, requestMark } from './drafts/requestDraft.ts';
import { Figures } from './figures.ts';
import { answerProblem } from './invariants/answerInvariants.ts';
import { attemptProblems } from './invariants/attemptInvariants.ts';
import type { AttemptLedger, RequestLedger } from './invariants/ledger.ts';
import { Trace } from './invariants/trace.ts';
import { Watch } from './invariants/watch.ts';
import { type DispatchWatcher, SimulatedPool } from './simulatedPool.ts';
import { SimulatedResponse } from './simulatedResponse.ts';
import type { VirtualTime } from './virtualTime.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly config: Config;
  /** By endpoint. */
  readonly health: ReadonlyMap<string, Health>;
}

/**
 * A gateway's data path with endpoints, connections and clients that are simulated, and a watch over it. Everything that
 * happens in it follows from its options and from what is sent.
 */
export class World {
  readonly trace = new Trace(() => performance.now());
  readonly figures = new Figures();
  readonly watch: Watch;
  readonly endpoints = new Map<string, Endpoint>();
  readonly affinity: SessionAffinity;
  /** How each endpoint is; may be exchanged while the world runs. */
  readonly health: Map<string, Health>;
  readonly #config: Config;
  readonly #time: VirtualTime;
  readonly #random: RandomSource;
  readonly #dataPath: DataPath;
  /** Those of the endpoints that the data path knows now. */
  readonly #configured = new Map<string, Endpoint>();
  readonly #requests = new Map<string, RequestLedger>();
  #sequence = 0;

  constructor(options: WorldOptions, time: VirtualTime) {
    const { config, seed } = options;
    this.#config = config;
    this.#time = time;
    this.#random = new RandomSource(seed);
    this.health = new Map(options.health);
    this.affinity = new SessionAffinity({
      ttlMs: config.affinity.ttlMinutes * 60_000,
      maxSessions: 10_000,
      avoidMs: 60_000,
    });
    const budget = new CountingBudget();
    const queue = new CapacityQueue();
    this.watch = new Watch({ budget, queueLength: () => queue.length, timerCount: () => time.timerCount });
    this.#dataPath = this.#createDataPath(budget, queue);
  }

  /** A client sends this now. */
  send(draft: RequestDraft): void {
    this.#sequence += 1;
    const id = `r${this.#sequence}`;
    const route = routeOf('POST', draft.path, draft.path.startsWith('/v1/messages'));
    if (route === undefined || route.kind === 'models') throw new Error(`no route: ${draft.path}`);
    const response = new SimulatedResponse(draft.manner, this.#random.fork(), {
      onLeft: () => {
        this.trace.add(id, 'the client leaves');
        this.watch.clientLeft(request);
      },
      onMisuse: (what) => this.watch.problem(id, what),
    });
    const { client, isStream } = draft;
    const beganMs = performance.now();
    const request: RequestLedger = { id, route, client, isStream, beganMs, response, attempts: [], records: [] };
    this.#requests.set(id, request);
    this.watch.requestBegan(request);
    this.trace.add(id, `${draft.path}${isStream ? ' stream' : ''} by ${client}, ${draft.manner.reading}`);
    const accepted = acceptedRequest(request, draft, systemClock.now());
    forwardRequest(new Exchange(accepted, this.#dataPath)).then(
      () => this.#ended(request),
      (error: Error) => this.watch.problem(id, `forwardRequest threw: ${error.stack}`),
    );
  }

  /** Lets time pass until nothing is left to happen, or something is wrong. */
  async run(): Promise<void> {
    while (this.watch.problems.length === 0 && (await this.step()));
    if (this.watch.problems.length === 0) this.watch.checkEnd();
  }

  /** One event and all that follows from it; false when there is none any more. */
  async step(): Promise<boolean> {
    const hasMoved = await this.#time.step();
    this.figures.steps += 1;
    this.watch.check();
    return hasMoved;
  }

  /** A removed endpoint is unknown to requests from now on; one that is added comes back with all that was known of it. */
  setConfigured(endpointId: string, isConfigured: boolean): void {
    const endpoint = this.endpoints.get(endpointId);
    if (endpoint === undefined) return;
    if (isConfigured) this.#configured.set(endpointId, endpoint);
    else this.#configured.delete(endpointId);
    if (!isConfigured) this.affinity.loseAll(endpointId);
  }

  #createDataPath(budget: CountingBudget, queue: CapacityQueue): DataPath {
    const config = this.#config;
    const random = this.#random.fork();
    const draw = (): number => random.next();
    for (const one of config.endpoints) {
      const state = new EndpointState(one, true, breakerOptions(config), draw);
      const pool = new SimulatedPool({
        onDispatch: (options, isReused) => {
          const headers = options.headers as string[];
          return this.#dispatched(state, headers[headers.indexOf(requestMark) + 1] ?? '', isReused);
        },
      });
      this.watch.add(state);
      this.endpoints.set(one.id, { state, pool, key: 'fake-key', basePath: basePathOf(one) });
    }
    for (const [id, endpoint] of this.endpoints) this.#configured.set(id, endpoint);
    const configured = this.#configured;
    return {
      clock: systemClock,
      random: draw,
      config,
      endpoints: configured,
      get states() {
        return [...configured.values()].map(({ state }) => state);
      },
      affinity: this.affinity,
      budget,
      queue,
      roundRobin: new RoundRobin(),
      recorder: { record: (record) => this.#recorded(record) },
      network: new NetworkState((error) => this.watch.problem('network', String(error))),
      redact: (text) => text,
      viaMark: 'signalbox-simulated',
      override: undefined,
    };
  }

  #dispatched(state: EndpointState, requestId: string, isReused: boolean): DispatchWatcher {
    const request = this.#requests.get(requestId);
    if (request === undefined) throw new Error(`an attempt for ${requestId}, which is not under way`);
    const { id } = state.config;
    const now = systemClock.now();
    const { route, isStream, attempts } = request;
    const fault = drawFault(this.health.get(id) ?? { faults: [['healthy', 1]], outages: [] }, now.mono, this.#random);
    const tag = { endpointId: id, requestId, attempt: attempts.length + 1 };
    const wire = (route.kind === 'model' ? route.format : undefined) ?? 'plain';
    const model = 'claude-sonnet-4-5';
    const plan = planAttempt(fault, { tag, wire, isStream, model, isReused, random: this.#random });
    const isLoad = route.kind === 'model' && route.name !== 'countTokens';
    const attempt: AttemptLedger = {
      endpointId: id,
      plan,
      isReused,
      underLeaseOfMs: isLoad && state.breaker.state(now.mono) === 'halfOpen' ? state.breaker.sinceMs : undefined,
      beganMs: now.mono,
      isLoad,
      isSent: false,
      isOver: false,
      isWhole: false,
      deliveredBytes: 0,
    };
    const underWay = this.watch.underWay(id);
    const situation = { request, attempt, state, underWay, config: this.#config, now };
    for (const problem of attemptProblems(situation)) this.watch.problem(requestId, problem);
    attempts.push(attempt);
    this.watch.attemptBegan(attempt);
    this.figures.dispatched(id, fault);
    this.trace.add(requestId, `-> ${id} ${fault}${isReused ? ' reused' : ''}`);
    request.response.attemptBegan(attempts.length);
    return this.#watcherOf(requestId, attempt);
  }

  #watcherOf(requestId: string, attempt: AttemptLedger): DispatchWatcher {
    const log = (text: string): void => this.trace.add(requestId, `${attempt.endpointId} ${text}`);
    return {
      plan: attempt.plan,
      sent: () => {
        attempt.isSent = true;
      },
      delivered: (bytes) => {
        attempt.deliveredBytes += bytes;
        log(`${bytes} bytes`);
      },
      over: (how) => {
        attempt.isOver = true;
        attempt.isWhole = how === 'whole';
        log(how);
        this.watch.connectionOver(attempt);
      },
      log,
    };
  }

  #recorded(record: RequestRecord): void {
    const request = this.#requests.get(record.id);
    if (request === undefined) {
      this.watch.problem(record.id, 'a record of no request, or a second one');
      return;
    }
    request.records.push(record);
    this.figures.recorded(record);
    for (const attempt of request.attempts) this.watch.attemptSettled(attempt);
    const classes = record.attempts.map((one) => `${one.endpointId} ${one.class}`).join(', ');
    this.trace.add(record.id, `${record.terminal} ${record.status ?? ''} (${classes})`);
  }

  #ended(request: RequestLedger): void {
    const { id, records, response, attempts } = request;
    this.watch.requestEnded(request);
    this.#requests.delete(id);
    const [record] = records;
    if (record === undefined || records.length > 1) {
      this.watch.problem(id, `${records.length} records`);
      return;
    }
    response.seal();
    const recorded = record.attempts.filter(({ reason }) => !reason.endsWith(': REMOVED'));
    if (recorded.length !== attempts.length) {
      this.watch.problem(id, `${recorded.length} attempts recorded of ${attempts.length}`);
    }
    if (response.hasLeft && record.terminal !== 'clientAbort') this.watch.problem(id, 'left, but that is not told');
    const problem = answerProblem(request, record, this.#config);
    if (problem !== undefined) this.watch.problem(id, problem);
  }
}
