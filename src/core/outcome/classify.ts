import { connectionReason, dnsCodes, offlineCodes, proxyReason, shortageCodes } from './connectionReason.ts';
import { type ClassifyContext, judgeError, outcome } from './judgeError.ts';
import type { AttemptResult, Outcome } from './outcome.ts';
import type { Reason } from './reason.ts';

/**
 * Judges one attempt (behaviour.md §2, docs/failures.md). Pure, total, never throws. An error answer, an error inside a 200,
 * an error event and a failing terminal event are judged by the same table (`judgeError`).
 */
export function classify(result: AttemptResult, context: ClassifyContext): Outcome {
  switch (result.kind) {
    case 'success':
      return outcome('success', { code: 'ok' });
    case 'clientAbort':
      return outcome('clientAbort', { code: 'clientClosed' });
    case 'connection':
      return classifyConnection(result, context);
    case 'timeout':
      return outcome(
        'transient',
        { code: timeoutCodes[result.phase], seconds: Math.round(result.afterMs / 100) / 10 },
        {
          neverSent: result.phase === 'connect',
          isAmbiguous: result.phase !== 'connect',
        },
      );
    case 'truncated':
      return outcome('transient', { code: 'truncated' }, { isAmbiguous: true });
    case 'malformed':
      return outcome('badResponse', result.reason, { isAmbiguous: true });
    case 'streamError':
      return judgeError(
        { status: undefined, place: result.place, header: () => undefined, evidence: result.error },
        context,
      );
    case 'response':
      return judgeError({ status: result.status, header: result.header, evidence: result.error }, context);
    default:
      return outcome('unknown', { code: 'unknownResult' }, result satisfies never);
  }
}

const timeoutCodes = {
  connect: 'noConnection',
  firstByte: 'noFirstByte',
  prelude: 'noContent',
  content: 'streamSilent',
} as const;

type ConnectionResult = Extract<AttemptResult, { kind: 'connection' }>;

function classifyConnection(result: ConnectionResult, context: ClassifyContext): Outcome {
  const neverSent = result.phase === 'connect';
  if (shortageCodes.has(result.code)) {
    const reason: Reason = { code: 'machineShort', error: result.code };
    // Another endpoint may have a kept connection.
    return outcome('localNetwork', reason, { neverSent, isAmbiguous: !neverSent, otherEndpoint: 'yes' });
  }
  if (neverSent && result.isProxy)
    return outcome('localNetwork', proxyReason(result.code, context.proxyFrom ?? 'httpProxy'), { neverSent });
  if (neverSent && context.isOffline && dnsCodes.has(result.code)) {
    return outcome('localNetwork', { code: 'offline', error: result.code }, { neverSent });
  }
  // One address without a route may be of a family that this network does not have: the others are worth a try.
  if (neverSent && offlineCodes.has(result.code)) {
    return outcome('localNetwork', { code: 'offline', error: result.code }, { neverSent, otherEndpoint: 'yes' });
  }
  if (result.code.startsWith('HPE_') || result.code === 'UND_ERR_INVALID_ARG') {
    return outcome('badResponse', { code: 'notHttp', error: result.code }, { isAmbiguous: true });
  }
  return outcome('transient', connectionReason(result.code), {
    neverSent,
    isAmbiguous: !neverSent && !result.isStaleSocket,
    ...(result.isStaleSocket ? { sameEndpoint: 'staleSocket', countsAgainstBreaker: false } : {}),
  });
}
