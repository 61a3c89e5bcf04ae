import { offlineCodes, shortageCodes } from '../../core/outcome/connectionReason.ts';
import type { AttemptResult, Phase } from '../../core/outcome/outcome.ts';
import { TunnelError } from './tunnelError.ts';

const lostCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * The result of an attempt whose connection failed in this phase. `isSilentKeptSocket`: nothing had been read on a connection
 * that was kept from before, and the time since the request went out was too short for it to be worked on. Only then is a
 * loss that of a socket which was dead already (behaviour.md §1.3); any later one may have cost work.
 */
export function connectionFailure(error: Error, phase: Phase, isSilentKeptSocket: boolean): AttemptResult {
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { kind: 'malformed', reason: { code: 'headTooLarge' } };
  return {
    kind: 'connection',
    phase,
    code,
    isStaleSocket: phase === 'firstByte' && isSilentKeptSocket && lostCodes.has(code),
    isProxy: error instanceof TunnelError && error.isProxyAtFault,
  };
}

function codeOf(error: Error): string {
  return plainCode(error instanceof AggregateError ? (endpointsOwn(error.errors) ?? error) : error);
}

function plainCode(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name;
}

/**
 * Of a host with several addresses, the failure that says most of the endpoint: without IPv6 here, each IPv6 address fails
 * for a reason of this machine, whatever the endpoint's IPv4 address did.
 */
function endpointsOwn(errors: readonly Error[]): Error | undefined {
  return errors.find((one) => !offlineCodes.has(plainCode(one)) && !shortageCodes.has(plainCode(one)));
}
