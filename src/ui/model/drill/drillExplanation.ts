import type { DrillFault } from '../../../contract/drill.ts';
import type { Translate } from '../viewContext.ts';

/** A fault of the drill and the expected behaviour, in a few sentences. */
export function drillExplanation(fault: DrillFault, t: Translate): string {
  switch (fault) {
    case 'rateLimit':
      return t(
        'The first endpoint answers 429 and says when its limit ends. The request goes to the second at once. Until then models of this family stay away from the first; other models still use it, and it does not count as a failure.',
      );
    case 'rateLimitWithoutReset':
      return t(
        'The first endpoint answers 429 without a reset time. The request goes to the second; the next one tries the first again.',
      );
    case 'overloaded':
      return t(
        'The first endpoint answers 529. The request goes to the second, and the next requests avoid the first for a few seconds.',
      );
    case 'refused':
      return t('Nothing listens at the address of the first endpoint. The second answers.');
    case 'silent':
      return t(
        'The first endpoint accepts the request and never answers. When the first-byte timeout ends ({0} in the drill), its connection is closed and the second endpoint answers.',
        t('{0} s', 2),
      );
    case 'cutBeforeContent':
      return t(
        'The first endpoint starts its stream and drops the connection before any text. The client gets the answer of the second and nothing from the first.',
      );
    case 'cutAfterContent':
      return t(
        'The first endpoint drops the connection after some text. No other endpoint may continue that answer: the client sees a broken connection, and when it retries, the second endpoint answers. No client sees a clean end.',
      );
    case 'errorBeforeContent':
      return t(
        'The first endpoint reports an overload in its stream before any text. The client gets the answer of the second and nothing from the first.',
      );
    case 'errorAfterContent':
      return t(
        'The first endpoint reports an overload in its stream after some text. The result is the same as for a connection that breaks there.',
      );
    case 'badKey':
      return t(
        'The first endpoint refuses the key with 401, so the second answers. After a second refusal, a second or more later, the key is not used until it changes.',
      );
    case 'emptyAccount':
      return t(
        'The first endpoint answers 400, as if the request were wrong, and says that the account has no credit. The request goes to the second, and the first is left alone until its account is likely to have credit again.',
      );
    case 'errorInBody':
      return t(
        'A relay answers 200, and what it sends is an error of the vendor behind it. It is judged as the error that it is: the request goes to the second endpoint.',
      );
    case 'clientLeaves':
      return t(
        'The client closes its connection, once while it waits and once in the middle of the answer. The connection to the endpoint is closed too; no other endpoint is tried, and none is penalised.',
      );
    case 'badRequest':
      return t(
        'The endpoint answers 400 because the request itself is wrong. The client gets that answer unchanged; no other endpoint is tried, and none is penalised.',
      );
    case 'contextFull':
      return t(
        'The first endpoint begins a stream and says in it that the prompt is too long. The client gets this as a status with the same words, so that it can shorten its conversation. No other endpoint is asked.',
      );
    case 'tooLargePage':
      return t(
        'A server in front of the first endpoint refuses the size of the request with a web page. The client gets the status and an error in the form of its API instead of a page. No other endpoint is asked.',
      );
    case 'breaker':
      return t(
        'The first endpoint answers 502 three times in a row. Its breaker opens, and the next request goes straight to the second. After the open time, which the drill skips by putting its own clock forward, one request tries the first again, and its success closes the breaker.',
      );
    default:
      return fault satisfies never;
  }
}
