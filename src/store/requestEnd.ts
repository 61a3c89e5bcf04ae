import type { RequestEnd } from '../contract/metrics.ts';
import type { RequestRecord } from '../core/record.ts';

/** How a request ended for its client. */
export function requestEnd({ terminal, attempts }: RequestRecord): RequestEnd {
  switch (terminal) {
    case 'ok':
      return attempts.length > 1 ? 'failedOver' : 'ok';
    case 'clientAbort':
      return 'aborted';
    case 'truncated':
    case 'gatewayError':
      return terminal;
    case 'endpointError':
      return attempts.at(-1)?.class === 'request' ? 'clientFault' : 'endpointError';
    default:
      return terminal satisfies never;
  }
}
