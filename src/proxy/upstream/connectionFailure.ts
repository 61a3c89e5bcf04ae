import { offlineCodes, shortageCodes } from '../../core/outcome/connectionReason.ts';
import type { AttemptResult, Phase } from '../../core/outcome/outcome.ts';
import { TunnelError } from './tunnelError.ts';

const staleWithinMs = 1000;
/** Violations found by undici after its parser: too large a head, two lengths, a status of 000. */
const unparseableCodes = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_ASSERTION']);
const lostCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_INFO']);

/**
 * The result of an attempt whose connection failed in this phase. `sinceSentMs`: time since the request went out on a kept
 * connection; undefined on a fresh one. A kept connection that was dead breaks at once; if it breaks later, the endpoint was
 * at work (behaviour.md §1.3).
 */
export function connectionFailure(error: Error, phase: Phase, sinceSentMs: number | undefined): AttemptResult {
  const code = codeOf(error);
  const isAtOnce = phase === 'firstByte' && sinceSentMs !== undefined && sinceSentMs < staleWithinMs;
  return {
    kind: 'connection',
    phase,
    code,
    isStaleSocket: isAtOnce && lostCodes.has(code),
    isProxy: error instanceof TunnelError && error.isProxyAtFault,
  };
}

function codeOf(error: Error): string {
  const code = plainCode(error instanceof AggregateError ? (endpointsOwn(error.errors) ?? error) : error);
  return error.name === 'HTTPParserError' || unparseableCodes.has(code) ? 'HPE_INVALID' : code;
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
