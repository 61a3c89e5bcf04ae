import type { AttemptRecord } from '../core/record/record.ts';
import { RetryState } from '../core/routing/retryState.ts';
import { ClientPresence } from './client/clientPresence.ts';
import type { EndpointAnswer } from './client/failureAnswer.ts';
import type { Exchange } from './exchange.ts';
import type { RequestPool } from './upstream/endpointPool.ts';

/** One request while it is being answered. Each part is written in one place. */
export interface RequestRun {
  /** Written by nobody. */
  readonly exchange: Exchange;
  /** Written by the client's connection. */
  readonly client: ClientPresence;
  /** Written where it is decided what follows a failed attempt. */
  readonly retry: RetryState;
  /** Written when an attempt is over. */
  readonly attempts: AttemptRecord[];
  /** Error answers of endpoints, one of which may be the most useful answer; written when an attempt is over. */
  readonly errorAnswers: EndpointAnswer[];
  /** The connections that the request's body may have been written to; written when an attempt is over. */
  readonly pools: Set<RequestPool>;
}

/** Begins to answer a request. */
export function requestRun(exchange: Exchange): RequestRun {
  const { dataPath, route, isUncounted, response } = exchange;
  const { budget, config, random } = dataPath;
  const retry = new RetryState({
    maxAttempts: route.kind === 'once' ? 1 : config.retry.maxAttempts,
    deadlineMs: config.retry.preCommitSeconds * 1000,
    budget: isUncounted ? undefined : budget,
    random,
  });
  return { exchange, client: new ClientPresence(response), retry, attempts: [], errorAnswers: [], pools: new Set() };
}
