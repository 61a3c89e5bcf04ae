import type { RequestRecord } from './record.ts';

/**
 * How a request ended for the client. `failedOver`: well, but not at the first attempt. `clientFault`: the endpoint refused
 * it for what it asked, which is nobody else's failure.
 */
export function requestEnd({ terminal, attempts }: RequestRecord) {
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

/** The endpoint that a request is counted for: that answered, or that was tried last; empty when none was. */
export function endpointOf({ endpointId, attempts }: RequestRecord): string {
  return endpointId ?? attempts.at(-1)?.endpointId ?? '';
}

/**
 * The share (0 to 1) of requests that ended well for the client, among those that it neither broke off nor spoiled; null
 * where there were none. `count` tells how many ended how.
 */
export function successRate(count: (end: ReturnType<typeof requestEnd>) => number): number | null {
  const well = count('ok') + count('failedOver');
  const all = well + count('truncated') + count('endpointError') + count('gatewayError');
  return all === 0 ? null : well / all;
}
