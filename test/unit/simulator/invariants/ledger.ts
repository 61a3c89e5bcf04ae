import type { RequestRecord } from '../../../../src/core/record/record.ts';
import type { Route } from '../../../../src/proxy/client/routes.ts';
import type { AttemptPlan } from '../drafts/attemptPlan.ts';
import type { SimulatedResponse } from '../simulatedResponse.ts';

/** One attempt as the endpoint's side saw it. */
export interface AttemptLedger {
  readonly endpointId: string;
  readonly plan: AttemptPlan;
  readonly isReused: boolean;
  /** It went out as the one request of a half-open breaker, in the half-open time that began then. */
  readonly underLeaseOfMs: number | undefined;
  readonly beganMs: number;
  /** `maxConcurrent` counts it. */
  readonly isLoad: boolean;
  /** The request has left for the endpoint. */
  isSent: boolean;
  /** The answer has come whole, broken off or been given up. */
  isOver: boolean;
  /** The connection said that this was all. */
  isWhole: boolean;
  /** How much of the planned answer was handed over. */
  deliveredBytes: number;
}

/** One request, with all that was seen of it on both sides. */
export interface RequestLedger {
  readonly id: string;
  readonly route: Exclude<Route, { kind: 'models' }>;
  readonly isStream: boolean;
  readonly client: string;
  readonly beganMs: number;
  readonly response: SimulatedResponse;
  readonly attempts: AttemptLedger[];
  readonly records: RequestRecord[];
}
