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
