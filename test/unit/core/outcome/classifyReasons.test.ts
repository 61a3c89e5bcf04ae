import assert from 'node:assert/strict';
import { classify } from '../../../../src/core/outcome/classify.ts';
import { noEvidence } from '../../../../src/core/outcome/evidence.ts';
import type { ClassifyContext } from '../../../../src/core/outcome/judgeError.ts';
import type { AttemptResult, Outcome, Phase } from '../../../../src/core/outcome/outcome.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

const context: ClassifyContext = {
  endpointId: 'first',
  sentModel: 'claude-sonnet-4-5',
  wallMs: Date.UTC(2026, 5, 1, 12),
  path: '/v1/messages',
  host: '127.0.0.1',
  isOffline: false,
  rules: [],
};

const judged = (result: AttemptResult, more: Partial<ClassifyContext> = {}) =>
  classify(result, { ...context, ...more });

function broken(code: string, phase: Phase = 'connect', more: { isStaleSocket?: boolean; isProxy?: boolean } = {}) {
  return { kind: 'connection', phase, code, isStaleSocket: false, isProxy: false, ...more } as const;
}

/** An error answer whose JSON body said this. */
function answer(status: number, said: Parameters<typeof evidenceOf>[0] = {}): AttemptResult {
  return { kind: 'response', status, header: () => undefined, error: evidenceOf(said) };
}

const notJson = (status: number): AttemptResult => ({
  kind: 'response',
  status,
  header: () => undefined,
  error: { ...noEvidence, message: '<html>', form: 'text' },
});

/** One reason for several codes of errors. */
const shared = (reason: Reason, ...errors: readonly string[]): Readonly<Record<string, Reason>> =>
  Object.fromEntries(errors.map((error) => [error, reason]));
/** The reason that carries the code of the error. */
const carried = (code: 'hostNotFound' | 'connectionFailed' | 'notHttp', ...errors: readonly string[]) =>
  Object.fromEntries(errors.map((error): [string, Reason] => [error, { code, error }]));

describe('classify, why', () => {
  it('tells how a connection failed', () => {
    const expected: Readonly<Record<string, Reason>> = {
      ...shared({ code: 'connectionRefused' }, 'ECONNREFUSED'),
      ...shared({ code: 'connectionTimedOut' }, 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'),
      ...shared({ code: 'connectionLost' }, 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'),
      ...carried('hostNotFound', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA'),
      '502': { code: 'httpProxyAnswered', status: 502 },
      SOCKS5_HOST_UNREACHABLE: { code: 'socksProxy', because: { code: 'hostUnreachable' } },
      SOCKS5_NETWORK_UNREACHABLE: { code: 'socksProxy', because: { code: 'networkUnreachable' } },
      SOCKS5_CONNECTION_REFUSED: { code: 'socksProxy', because: { code: 'connectionRefused' } },
      SOCKS5_TTL_EXPIRED: { code: 'socksProxy', because: { code: 'tooManyHops' } },
      SOCKS5_FAILURE: { code: 'socksProxy', because: { code: 'generalFailure' } },
      CERT_HAS_EXPIRED: { code: 'certificateExpired' },
      CERT_NOT_YET_VALID: { code: 'certificateNotYetValid' },
      ERR_TLS_CERT_ALTNAME_INVALID: { code: 'certificateOfOtherHost' },
      DEPTH_ZERO_SELF_SIGNED_CERT: { code: 'certificateSelfSigned' },
      ...shared(
        { code: 'certificateOfUnknownAuthority' },
        'SELF_SIGNED_CERT_IN_CHAIN',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      ),
      ...shared({ code: 'noTls' }, 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'),
      ...carried('connectionFailed', '5020', 'E502', 'EPROTO'),
      ...carried('notHttp', 'HPE_INVALID_CONSTANT', 'UND_ERR_INVALID_ARG'),
    };
    for (const [error, reason] of Object.entries(expected)) assert.deepEqual(judged(broken(error)).reason, reason);
  });

  it('tells what was waited for, and how long', () => {
    const expected = {
      connect: 'noConnection',
      firstByte: 'noFirstByte',
      prelude: 'noContent',
      content: 'streamSilent',
    } as const satisfies Readonly<Record<Phase, string>>;
    for (const phase of ['connect', 'firstByte', 'prelude', 'content'] as const) {
      const { reason } = judged({ kind: 'timeout', phase, afterMs: 10_060 });
      assert.deepEqual(reason, { code: expected[phase], seconds: 10.1 });
    }
  });

  it('tells how else an attempt ended', () => {
    const tells = (result: AttemptResult, reason: Reason, more: Partial<ClassifyContext> = {}) =>
      assert.deepEqual(judged(result, more).reason, reason);
    tells({ kind: 'success' }, { code: 'ok' });
    tells({ kind: 'clientAbort' }, { code: 'clientClosed' });
    tells({ kind: 'truncated', phase: 'content' }, { code: 'truncated' });
    tells({ kind: 'malformed', reason: { code: 'wrongEncoding' } }, { code: 'wrongEncoding' });
    tells(answer(503), { code: 'status', status: 503 });
    tells(answer(529, { type: 'overloaded_error' }), { code: 'statusAndType', status: 529, type: 'overloaded_error' });
    tells(answer(300), { code: 'redirect', status: 300 });
    tells(answer(399), { code: 'redirect', status: 399 });
    for (const status of [200, 299, 403, 500]) tells(notJson(status), { code: 'notApiAnswer', status });
    tells(answer(600), { code: 'notApiAnswer', status: 600 });
    tells(answer(599), { code: 'status', status: 599 });
    const error = evidenceOf({ type: 'api_error' });
    const because: Reason = { code: 'statusAndType', status: 500, type: 'api_error' };
    const inside = { kind: 'streamError', phase: 'prelude', error } as const;
    tells({ ...inside, place: 'stream' }, { code: 'inStream', because });
    tells({ ...inside, place: 'body' }, { code: 'inAnswer', because });
    const byRule: Reason = { code: 'byRule', status: 418 };
    tells(answer(418), byRule, { rules: [{ status: 418, class: 'transient' }] });
    const withoutReset: Reason = { code: 'withoutReset', because: byRule };
    tells(answer(418), withoutReset, { rules: [{ status: 418, class: 'rateLimit' }] });
  });

  it('lets no free text of an endpoint into a reason', () => {
    const { reason } = judged(answer(500, { type: 'not one word' }));
    assert.deepEqual(reason, { code: 'statusAndType', status: 500, type: 'error' });
  });

  it('C7: names the setting of a network proxy that fails', () => {
    const failed = broken('ECONNREFUSED', 'connect', { isProxy: true });
    const from = (proxyFrom: string | undefined): string | undefined => {
      const { reason } = classify(failed, { ...context, proxyFrom });
      return reason.code === 'networkProxy' ? reason.from : undefined;
    };
    assert.equal(from('HTTPS_PROXY'), 'HTTPS_PROXY');
    assert.equal(from('http.proxy'), 'http.proxy');
    assert.equal(from('endpoint'), 'endpoints.httpProxy');
  });

  it('tells by which code the way out is closed', () => {
    assert.deepEqual(judged(broken('ENETDOWN')).reason, { code: 'offline', error: 'ENETDOWN' });
    const because = (error: string): unknown => {
      const { reason } = judged(broken(error, 'connect', { isProxy: true }));
      return reason.code === 'networkProxy' ? reason.because : reason;
    };
    assert.deepEqual(because('ECONNREFUSED'), { code: 'error', error: 'ECONNREFUSED' });
    assert.deepEqual(because('407'), { code: 'error', error: '407' });
    assert.deepEqual(because('SOCKS5_AUTH_REFUSED'), { code: 'loginRefused' });
    assert.deepEqual(because('SOCKS5_NOT_ALLOWED'), { code: 'notAllowed' });
    assert.deepEqual(because('SOCKS5_NOT_SUPPORTED'), { code: 'notSupported' });
    assert.deepEqual(because('SOCKS5_NOT_SPOKEN'), { code: 'noSocks' });
    assert.deepEqual(because('SOCKS5_TOO_LONG'), { code: 'nameTooLong' });
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
    assert.equal(isDone(judged({ kind: 'malformed', reason: { code: 'wrongEncoding' } })), true);
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
    const error = evidenceOf({ type: 'billing_error' });
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
    assert.deepEqual(
      [name, reason, otherEndpoint],
      ['rateLimit', { code: 'withoutReset', because: { code: 'byRule', status: 403 } }, 'yes'],
    );
  });
});
