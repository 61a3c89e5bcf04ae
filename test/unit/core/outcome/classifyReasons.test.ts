import assert from 'node:assert/strict';
import { type ClassifyContext, classify } from '../../../../src/core/outcome/classify.ts';
import type { AttemptResult, ErrorDetail, Outcome, Phase } from '../../../../src/core/outcome/outcome.ts';

const context: ClassifyContext = {
  endpointId: 'first',
  sentModel: 'claude-sonnet-4-5',
  wallMs: Date.UTC(2026, 5, 1, 12),
  isOffline: false,
  rules: [],
};

const judged = (result: AttemptResult, more: Partial<ClassifyContext> = {}) =>
  classify(result, { ...context, ...more });

function broken(code: string, phase: Phase = 'connect', more: { isStaleSocket?: boolean; isProxy?: boolean } = {}) {
  return { kind: 'connection', phase, code, isStaleSocket: false, isProxy: false, ...more } as const;
}

/** An error answer whose JSON body said this. */
function answer(status: number, error: Partial<ErrorDetail> = {}): AttemptResult {
  const detail = { type: undefined, code: undefined, message: '', ...error };
  return { kind: 'response', status, header: () => undefined, error: detail };
}

const notJson = (status: number): AttemptResult => ({
  kind: 'response',
  status,
  header: () => undefined,
  error: undefined,
});

describe('classify, in words for people', () => {
  it('tells how a connection failed', () => {
    const expected: Readonly<Record<string, string>> = {
      ECONNREFUSED: 'connection refused',
      UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
      ETIMEDOUT: 'connection timed out',
      ECONNRESET: 'connection lost',
      EPIPE: 'connection lost',
      UND_ERR_SOCKET: 'connection lost',
      ENOTFOUND: 'host name not found: ENOTFOUND',
      EAI_AGAIN: 'host name not found: EAI_AGAIN',
      EAI_FAIL: 'host name not found: EAI_FAIL',
      ENODATA: 'host name not found: ENODATA',
      '502': 'not reached by the HTTP proxy, which answered 502',
      SOCKS5_HOST_UNREACHABLE: 'not reached by the SOCKS5 proxy: host unreachable',
      SOCKS5_NETWORK_UNREACHABLE: 'not reached by the SOCKS5 proxy: network unreachable',
      SOCKS5_CONNECTION_REFUSED: 'not reached by the SOCKS5 proxy: connection refused',
      SOCKS5_TTL_EXPIRED: 'not reached by the SOCKS5 proxy: too many hops',
      SOCKS5_FAILURE: 'not reached by the SOCKS5 proxy: general failure',
      '5020': 'connection failed: 5020',
      E502: 'connection failed: E502',
      CERT_HAS_EXPIRED: 'TLS: certificate has expired',
      CERT_NOT_YET_VALID: 'TLS: certificate is not valid yet',
      ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: certificate is for another host',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: certificate is self-signed',
      SELF_SIGNED_CERT_IN_CHAIN: 'TLS: certificate is of an unknown authority',
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS: certificate is of an unknown authority',
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: certificate is of an unknown authority',
      ERR_SSL_WRONG_VERSION_NUMBER: 'TLS: no TLS is spoken there',
      ERR_SSL_PACKET_LENGTH_TOO_LONG: 'TLS: no TLS is spoken there',
      EPROTO: 'connection failed: EPROTO',
      HPE_INVALID_CONSTANT: 'unparseable HTTP: HPE_INVALID_CONSTANT',
      UND_ERR_INVALID_ARG: 'unparseable HTTP: UND_ERR_INVALID_ARG',
    };
    for (const [code, reason] of Object.entries(expected)) assert.equal(judged(broken(code)).reason, reason);
  });

  it('tells what was waited for, and how long', () => {
    const expected: Readonly<Record<Phase, string>> = {
      connect: 'no connection after 10.1 s',
      firstByte: 'no first byte after 10.1 s',
      prelude: 'no content after 10.1 s',
      content: 'stream silent after 10.1 s',
    };
    for (const phase of ['connect', 'firstByte', 'prelude', 'content'] as const) {
      assert.equal(judged({ kind: 'timeout', phase, afterMs: 10_060 }).reason, expected[phase]);
    }
  });

  it('tells how else an attempt ended', () => {
    assert.equal(judged({ kind: 'success' }).reason, 'ok');
    assert.equal(judged({ kind: 'clientAbort' }).reason, 'client closed the connection');
    assert.equal(judged({ kind: 'truncated', phase: 'content' }).reason, 'answer ended before it was complete');
    assert.equal(judged(answer(503)).reason, '503', 'an error without a type');
    assert.equal(judged(answer(300)).reason, '300 redirect');
    assert.equal(judged(answer(399)).reason, '399 redirect');
    for (const status of [200, 299, 400, 500]) {
      assert.equal(judged(notJson(status)).reason, `${status} that is not an answer of the API`);
    }
    assert.equal(judged(answer(600)).reason, '600 that is not an answer of the API');
    assert.equal(judged(answer(599)).reason, '599');
    const rules = [{ status: 418, class: 'transient' }] as const;
    assert.equal(judged(answer(418), { rules }).reason, '418 by your rule');
  });

  it('tells by which code the way out is closed', () => {
    assert.match(judged(broken('ENETDOWN')).reason, /ENETDOWN/);
    const ofProxy = (code: string) => judged(broken(code, 'connect', { isProxy: true })).reason;
    assert.equal(ofProxy('ECONNREFUSED'), 'network proxy: ECONNREFUSED');
    assert.equal(ofProxy('407'), 'network proxy: 407');
    assert.equal(ofProxy('SOCKS5_AUTH_REFUSED'), 'network proxy: user name or password refused');
    assert.equal(ofProxy('SOCKS5_NOT_ALLOWED'), 'network proxy: not allowed by its rules');
    assert.equal(ofProxy('SOCKS5_NOT_SUPPORTED'), 'network proxy: makes no such connections');
    assert.equal(ofProxy('SOCKS5_NOT_SPOKEN'), 'network proxy: no SOCKS5 is spoken there');
    assert.equal(ofProxy('SOCKS5_TOO_LONG'), 'network proxy: user name, password or host name is too long');
  });
});

describe('classify, what may be done already', () => {
  const isDone = (outcome: Outcome) => outcome.isAmbiguous;

  it('is what a gateway gave up on, not what it refused', () => {
    for (const status of [500, 502, 504, 520, 524]) {
      assert.equal(isDone(judged(answer(status))), true, `${status}`);
      assert.equal(isDone(judged(notJson(status))), true, `${status} without JSON`);
    }
    for (const status of [408, 503, 521, 522, 523, 525, 526, 527]) {
      assert.equal(isDone(judged(answer(status))), false, `${status}`);
      assert.equal(isDone(judged(notJson(status))), false, `${status} without JSON`);
    }
  });

  it('is what came back broken', () => {
    assert.equal(isDone(judged({ kind: 'malformed', reason: 'lying encoding' })), true);
    assert.equal(isDone(judged(broken('HPE_INVALID_CONSTANT', 'firstByte'))), true);
    assert.equal(isDone(judged(broken('ECONNRESET', 'firstByte'))), true);
    assert.equal(isDone(judged(broken('ECONNRESET', 'firstByte', { isStaleSocket: true }))), false);
  });

  it('is nothing that never left this machine', () => {
    for (const result of [broken('ENETUNREACH'), broken('ECONNREFUSED', 'connect', { isProxy: true })]) {
      const { class: name, neverSent, isAmbiguous } = judged(result);
      assert.deepEqual([name, neverSent, isAmbiguous], ['localNetwork', true, false]);
    }
    assert.equal(judged(broken('407', 'firstByte', { isProxy: true })).neverSent, false);
  });
});

describe('classify, details', () => {
  it('holds no stale socket against an endpoint', () => {
    const outcome = judged(broken('ECONNRESET', 'firstByte', { isStaleSocket: true }));
    assert.deepEqual([outcome.sameEndpoint, outcome.countsAgainstBreaker], ['staleSocket', false]);
  });

  it('knows a missing model by its code too, and by no empty name', () => {
    assert.equal(judged(answer(404, { code: 'model_not_found' })).class, 'model');
    assert.equal(judged(answer(404, { message: 'claude-sonnet-4-5 is not here' })).class, 'model');
    assert.equal(judged(answer(404, { message: 'no such path' }), { sentModel: '' }).class, 'request');
    assert.equal(judged(answer(404, { message: 'undefined' }), { sentModel: undefined }).class, 'request');
  });

  it('keeps a key whose money is spent out as a whole until its documented reset', () => {
    const header = (name: string) => (name === 'retry-after' ? '7200' : undefined);
    const error = { type: 'billing_error', code: undefined, message: '' };
    const { cooldown } = judged({ kind: 'response', status: 402, header, error });
    assert.deepEqual(cooldown, { scope: 'key', kind: 'until', forMs: 7_200_000 });
  });

  it('lets a rule ask for the message of an answer that has none', () => {
    const rules = [{ message: 'maintenance', class: 'overloaded' }] as const;
    assert.equal(judged(notJson(500), { rules }).class, 'badResponse');
    const byType = [{ errorType: 'maintenance', class: 'overloaded' }] as const;
    assert.equal(judged(notJson(500), { rules: byType }).class, 'badResponse');
    assert.equal(judged(answer(500, { message: 'In Maintenance' }), { rules }).class, 'overloaded');
  });

  it('sends a rate limit by rule elsewhere once, where nothing tells its end', () => {
    const rules = [{ status: 403, class: 'rateLimit' }] as const;
    const { class: name, reason, otherEndpoint } = judged(answer(403), { rules });
    assert.deepEqual([name, reason, otherEndpoint], ['rateLimit', '403 by your rule without a reset', 'once']);
  });
});
