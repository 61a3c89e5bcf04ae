import { type Clock, systemClock } from '../../base/clock.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../simulated/simulatedEndpoint.ts';
import { type PrivateGateway, startPrivateGateway } from '../privateGateway.ts';
import { askDrill, type DrillReply } from './drillClient.ts';
import { attemptsText, blameText, type DrillObservation, endpointsText } from './drillJudge.ts';
import { badRequestBody, type DrillStep } from './drillScript.ts';
import { clientSight } from './drillSight.ts';

/** Deadline for events that should follow at once: the record of a request, the end of a connection. */
const soonMs = 5000;
const models = { large: 'claude-opus-4-6', small: 'claude-haiku-4-5' } as const;

/** Short, so that a silent endpoint does not slow the drill down, and long enough for a busy machine. */
const timeouts = { connectMs: 2000, firstByteMs: 2000, idleMs: 5000 };

/** A finished request: the client's view of it, and all observations. */
export interface DrillObserved {
  readonly observation: DrillObservation;
  readonly reply: DrillReply;
}

/**
 * The private gateway that the drill plays on, with two simulated endpoints. Its clock can be put forward, so that minutes
 * pass at once.
 */
export class DrillGateway {
  readonly #first: SimulatedEndpoint;
  readonly #second: SimulatedEndpoint;
  readonly #gateway: PrivateGateway;
  readonly #clock: DrillClock;
  readonly #records: RecordInbox;
  readonly #signal: AbortSignal;
  #sessions = 0;

  private constructor(parts: {
    readonly first: SimulatedEndpoint;
    readonly second: SimulatedEndpoint;
    readonly gateway: PrivateGateway;
    readonly clock: DrillClock;
    readonly records: RecordInbox;
    readonly signal: AbortSignal;
  }) {
    this.#first = parts.first;
    this.#second = parts.second;
    this.#gateway = parts.gateway;
    this.#clock = parts.clock;
    this.#records = parts.records;
    this.#signal = parts.signal;
  }

  /** `overrides`: further sections of its configuration. Requests and waits end when `signal` fires. */
  static async start(overrides: object, signal: AbortSignal): Promise<DrillGateway> {
    const first = await startSimulatedEndpoint({ name: 'first', keptRequests: 100 });
    const second = await startSimulatedEndpoint({ name: 'second', keptRequests: 100 });
    const clock = new DrillClock();
    const records = new RecordInbox();
    try {
      const endpoints = [first, second].map(({ name, url }, index) => ({
        id: name,
        baseUrl: url,
        auth: 'none',
        priority: index + 1,
      }));
      const gateway = await startPrivateGateway({
        name: 'drill',
        document: { timeouts, ...overrides, endpoints },
        clock,
        recorder: records,
        // Errors show in the client's answer.
        onError: () => undefined,
      });
      return new DrillGateway({ first, second, gateway, clock, records, signal });
    } catch (error) {
      await Promise.all([first.close(), second.close()]);
      throw error;
    }
  }

  /** Resets endpoints and gateway to their initial state. Rejects when the first endpoint's port is lost. */
  async reset(): Promise<void> {
    await this.#first.listenAgain();
    this.#first.behave({ kind: 'healthy', text: answerTexts.first });
    this.#second.behave({ kind: 'healthy', text: answerTexts.second });
    for (const state of this.#gateway.states) state.reset(this.#clock.now());
  }

  /** Sends a request and observes its result from the client, the records and the endpoints. */
  async play(step: DrillStep): Promise<DrillObserved> {
    await this.#setUp(step);
    const reply = await this.#ask(step);
    await this.#records.first(soonMs, this.#signal);
    await this.#quiet();
    return { observation: this.#observe(step, reply), reply };
  }

  /** Resolves when no socket is left, or after 5 s. */
  async close(): Promise<void> {
    await within(soonMs, this.#gateway.close());
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  async #setUp({ first, forwardMs = 0 }: DrillStep): Promise<void> {
    this.#clock.forward(forwardMs);
    if (first === 'refuses') {
      await this.#first.refuse();
      await until(() => this.#gateway.endpoints.get('first')?.pool.stats().open === 0, this.#signal);
    } else if (first.kind === 'healthy') this.#first.behave({ ...first, text: answerTexts.first });
    else if ('at' in first) this.#first.behave({ ...first, answer: { text: answerTexts.first } });
    else this.#first.behave(first);
    for (const endpoint of [this.#first, this.#second]) endpoint.forgetSeen();
    this.#records.clear();
  }

  #ask({ model = 'large', leaves, sameSession }: DrillStep): Promise<DrillReply> {
    if (sameSession !== true) this.#sessions += 1;
    return askDrill({
      port: this.#gateway.port,
      model: models[model],
      session: `drill-${this.#sessions}`,
      leavesAfter: leaves === 'beforeAnswer' ? this.#first.seenCount(1, soonMs) : undefined,
      leavesMidAnswer: leaves === 'midAnswer',
      signal: this.#signal,
    });
  }

  /** Waits until the endpoints' exchanges have ended. One that does not end shows as `pending`. */
  async #quiet(): Promise<void> {
    const seen = [...this.#first.seen, ...this.#second.seen];
    await within(soonMs, Promise.all(seen.map(({ closed }) => closed)), this.#signal);
  }

  #observe({ first }: DrillStep, { view }: DrillReply): DrillObservation {
    const records = this.#records.all;
    const seen = new Map([this.#first, this.#second].map((endpoint) => [endpoint.name, endpoint.seen]));
    const error = first !== 'refuses' && first.kind === 'status' && first.body === badRequestBody;
    const texts = new Map<string, string>(Object.entries(answerTexts));
    const clientSaw = clientSight(view, { texts, error: error ? badRequestBody : undefined });
    const { writtenBy } = view;
    const isKnown = clientSaw !== 'left' && (writtenBy === 'first' || writtenBy === 'second');
    return {
      clientSaw,
      answeredBy: isKnown ? writtenBy : 'none',
      attempts: attemptsText(records),
      end: records.length === 0 ? 'none' : records.map(({ terminal }) => terminal).join(', '),
      endpointsSaw: endpointsText(seen),
      blame: blameText(this.#gateway.states, this.#clock.now()),
    };
  }
}

/** The texts of the healthy answers: several words each, no word twice, so that mixed answers are noticed. */
const answerTexts = {
  first: 'Here is all that the first endpoint has to say.',
  second: 'The other one steps in and answers just as well.',
} as const;

class DrillClock implements Clock {
  #aheadMs = 0;

  now() {
    const { mono, wall } = systemClock.now();
    return { mono: mono + this.#aheadMs, wall: wall + this.#aheadMs };
  }

  forward(byMs: number): void {
    this.#aheadMs += byMs;
  }
}

/** The records that have arrived since the last `clear`. */
class RecordInbox {
  readonly all: RequestRecord[] = [];
  #onRecord: (() => void) | undefined;

  record(record: RequestRecord): void {
    this.all.push(record);
    this.#onRecord?.();
  }

  clear(): void {
    this.all.length = 0;
  }

  /** Resolves when there is a record, or after `withinMs`, or when the signal fires. */
  async first(withinMs: number, signal: AbortSignal): Promise<void> {
    if (this.all.length > 0) return;
    const came = new Promise<void>((resolve) => {
      this.#onRecord = resolve;
    });
    await within(withinMs, came, signal);
  }
}

/** Resolves when the promise is settled, the time is up or the signal fires. */
async function within(ms: number, promise: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const giveUp = (): void => resolve();
  const timer = setTimeout(giveUp, ms);
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted === true) giveUp();
  promise.then(giveUp, giveUp);
  await over;
  clearTimeout(timer);
  signal?.removeEventListener('abort', giveUp);
}

async function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
  const endsAt = performance.now() + soonMs;
  while (!holds() && performance.now() < endsAt && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
