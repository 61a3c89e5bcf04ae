import type { RequestRecord } from './record.ts';

/**
 * How a request can end for the client. `failedOver`: succeeded, but not with the first attempt. `clientFault`: refused for its
 * content, which does not count against the endpoint. The store
 * keeps its counts in this order.
 */
export const requestEnds = [
  'ok',
  'failedOver',
  'clientFault',
  'aborted',
  'truncated',
  'endpointError',
  'gatewayError',
] as const;
export type RequestEnd = (typeof requestEnds)[number];

/** The end of a request for the client. */
export function requestEnd({ terminal, attempts }: RequestRecord): RequestEnd {
  switch (terminal) {
    case 'ok':
      return attempts.length > 1 ? 'failedOver' : 'ok';
    case 'clientAbort':
      return 'aborted';
    case 'endpointError':
      return attempts.at(-1)?.class === 'request' ? 'clientFault' : 'endpointError';
    case 'truncated':
    case 'gatewayError':
      return terminal;
    default:
      return terminal satisfies never;
  }
}

/** The endpoint that a request counts for: the one that answered or was tried last; empty without an attempt. */
export function endpointOf({ endpointId, attempts }: RequestRecord): string {
  return endpointId ?? attempts.at(-1)?.endpointId ?? '';
}

/** The endpoint whose words or answer the client got; undefined where the gateway itself answered, or nothing was tried. */
export function answeredBy({ terminal, endpointId, attempts }: RequestRecord): string | undefined {
  return terminal === 'gatewayError' ? undefined : (endpointId ?? attempts.at(-1)?.endpointId);
}

/** The endpoints that were skipped at the end, but for those that had been tried before. */
export function neverTried({ passedOver, attempts }: RequestRecord): RequestRecord['passedOver'] {
  return passedOver.filter((one) => attempts.every(({ endpointId }) => endpointId !== one.endpointId));
}

/**
 * The share (0 to 1) of successful requests, excluding client errors and aborts; null without requests. `count` returns the
 * number of requests with an end.
 */
export function successRate(count: (end: RequestEnd) => number): number | null {
  const well = count('ok') + count('failedOver');
  const all = well + count('truncated') + count('endpointError') + count('gatewayError');
  return all === 0 ? null : well / all;
}
