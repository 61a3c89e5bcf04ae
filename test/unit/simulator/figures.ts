import type { RequestRecord } from '../../../src/core/record/record.ts';
import type { FaultName } from './drafts/faults.ts';

/** Statistics of many requests. */
export class Figures {
  requests = 0;
  attempts = 0;
  steps = 0;
  worlds = 0;
  readonly terminals = new Map<string, number>();
  /** Classes of attempts. */
  readonly classes = new Map<string, number>();
  readonly faults = new Map<FaultName, number>();
  /** Attempts by endpoint. */
  readonly endpoints = new Map<string, number>();
  readonly strategies = new Map<string, number>();

  recorded(record: RequestRecord): void {
    this.requests += 1;
    count(this.terminals, record.terminal);
    for (const attempt of record.attempts) count(this.classes, attempt.class);
  }

  dispatched(endpointId: string, fault: FaultName): void {
    this.attempts += 1;
    count(this.endpoints, endpointId);
    count(this.faults, fault);
  }

  /** Share of requests whose answer was whole. */
  get success(): number {
    return (this.terminals.get('ok') ?? 0) / this.requests;
  }

  get attemptsPerRequest(): number {
    return this.attempts / this.requests;
  }
}

/** One more of these. */
export function count<T>(counts: Map<T, number>, one: T): void {
  counts.set(one, (counts.get(one) ?? 0) + 1);
}
