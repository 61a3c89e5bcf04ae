import assert from 'node:assert/strict';
import type { Rule } from '../../../../src/core/config/config.ts';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { Evidence } from '../../../../src/core/outcome/evidence.ts';
import type { ClassifyContext } from '../../../../src/core/outcome/judgeError.ts';
import type { AttemptResult, Outcome, Phase } from '../../../../src/core/outcome/outcome.ts';
import { reasonInEnglish } from '../../../../src/core/outcome/reason.ts';
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

type Connection = Extract<AttemptResult, { kind: 'connection' }>;

function broken(code: string, phase: Phase = 'connect', more: Partial<Connection> = {}, isOffline = false): Outcome {
  const result = { kind: 'connection', phase, code, isStaleSocket: false, isProxy: false, ...more } as const;
  return classify(result, { ...context, isOffline });
}

const resolverCodes = ['ENOTFOUND', 'EAI_AGAIN'];
const tlsCodes = ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'];

describe('classify, connections', () => {
  it('counts what never reached the endpoint, and says that trying elsewhere is free', () => {
    const codes = [
      'ECONNREFUSED',
      'EHOSTUNREACH',
      'UND_ERR_CONNECT_TIMEOUT',
      'ETIMEDOUT',
      ...resolverCodes,
      ...tlsCodes,
    ];
    for (const code of codes) {
      const outcome = broken(code);
      assert.equal(outcome.class, 'transient', code);
      assert.equal(outcome.neverSent, true);
      assert.equal(outcome.isAmbiguous, false);
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.sameEndpoint, 'no');
      assert.equal(outcome.countsAgainstBreaker, true);
    }
  });

  it('takes a break after the request was sent for ambiguous', () => {
    for (const phase of ['firstByte', 'prelude', 'content'] as const) {
      for (const code of ['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE']) {
        const outcome = broken(code, phase);
        assert.equal(outcome.class, 'transient');
        assert.equal(outcome.neverSent, false);
        assert.equal(outcome.isAmbiguous, true);
        assert.equal(outcome.sameEndpoint, 'no');
        assert.equal(outcome.countsAgainstBreaker, true);
      }
      assert.equal(classify({ kind: 'truncated', phase }, context).class, 'transient');
      assert.equal(classify({ kind: 'truncated', phase }, context).isAmbiguous, true);
    }
  });

  it('lets a stale keep-alive socket be tried again at the same endpoint', () => {
    const outcome = broken('ECONNRESET', 'firstByte', { isStaleSocket: true });
    assert.equal(outcome.class, 'transient');
    assert.equal(outcome.sameEndpoint, 'staleSocket');
    assert.equal(outcome.isAmbiguous, false);
  });

  it('takes timeouts for passing trouble, ambiguous once something was sent', () => {
    for (const phase of ['connect', 'firstByte', 'prelude', 'content'] as const) {
      const outcome = classify({ kind: 'timeout', phase, afterMs: 120_000 }, context);
      assert.equal(outcome.class, 'transient');
      assert.equal(outcome.neverSent, phase === 'connect');
      assert.equal(outcome.isAmbiguous, phase !== 'connect');
      assert.equal(outcome.countsAgainstBreaker, true);
    }
  });

  it('A6: blames nobody, not even a proxy, where this machine has nothing left to connect with', () => {
    for (const code of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EAI_MEMORY']) {
      for (const phase of ['connect', 'firstByte', 'content'] as const) {
        for (const isProxy of [false, true]) {
          const outcome = broken(code, phase, { isProxy }, true);
          assert.equal(outcome.class, 'localNetwork', code);
          assert.deepEqual(outcome.reason, { code: 'machineShort', error: code });
          assert.equal(outcome.countsAgainstBreaker, false);
          assert.equal(outcome.cooldown, undefined);
          assert.equal(outcome.otherEndpoint, 'yes', 'another endpoint may have a kept connection');
          assert.equal(outcome.isAmbiguous, phase !== 'connect');
        }
      }
    }
  });

  it('blames no endpoint where this machine has no way out', () => {
    const outcomes = [
      broken('ENETUNREACH'),
      broken('ENETDOWN'),
      ...resolverCodes.map((code) => broken(code, 'connect', {}, true)),
      broken('ECONNREFUSED', 'connect', { isProxy: true }),
      broken('UND_ERR_CONNECT_TIMEOUT', 'connect', { isProxy: true }),
      broken('407', 'connect', { isProxy: true }),
    ];
    for (const outcome of outcomes) {
      assert.equal(outcome.class, 'localNetwork', reasonInEnglish(outcome.reason));
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.equal(outcome.cooldown, undefined);
      assert.equal(outcome.neverSent, true);
      // Without a route to one address another may be reached; without names or proxy only what needs neither.
      assert.equal(outcome.otherEndpoint, /ENET/.test(reasonInEnglish(outcome.reason)) ? 'yes' : 'otherWay');
    }
  });

  it('does not take every failure for the machine s while it is offline', () => {
    assert.equal(broken('ECONNREFUSED', 'connect', {}, true).class, 'transient');
    assert.equal(broken('ECONNRESET', 'content', {}, true).class, 'transient');
  });
});

describe('classify, user rules', () => {
  const detail = (more: Parameters<typeof evidenceOf>[0] = {}) =>
    evidenceOf({ type: 'invalid_request_error', message: 'This beta is not enabled for your workspace', ...more });

  function ruled(rule: Rule, status = 400, error: Evidence = detail(), endpointId = 'first'): Outcome {
    const result = { kind: 'response', status, header: () => undefined, error } as const;
    return classify(result, { ...context, endpointId, rules: [rule] });
  }

  it('decide the class and all that follows from it', () => {
    const outcome = ruled({ status: 400, message: 'NOT ENABLED', class: 'billing' });
    assert.equal(outcome.class, 'billing');
    assert.equal(outcome.otherEndpoint, 'yes');
    assert.equal(outcome.cooldown?.scope, 'key');
  });

  it('hold only where each of their conditions does', () => {
    const rule: Rule = {
      status: 400,
      errorType: 'invalid_request_error',
      message: 'beta',
      endpoint: 'first',
      class: 'auth',
    };
    assert.equal(ruled(rule).class, 'auth');
    assert.equal(ruled({ ...rule, status: 422 }).class, 'request');
    assert.equal(ruled({ ...rule, errorType: 'api_error' }).class, 'request');
    assert.equal(ruled({ ...rule, message: 'alpha' }).class, 'request');
    assert.equal(ruled(rule, 400, detail(), 'second').class, 'request');
  });

  it('compare an error type with type and code', () => {
    assert.equal(
      ruled({ errorType: 'slow_down', class: 'overloaded' }, 429, detail({ code: 'slow_down' })).class,
      'overloaded',
    );
  });

  it('come before the table, the first that matches wins', () => {
    assert.equal(ruled({ status: 529, class: 'request' }, 529, detail({ type: 'overloaded_error' })).class, 'request');
    assert.equal(ruled({ status: 502, class: 'request' }, 502, undefined).class, 'request', 'before badResponse');
    const rules: Rule[] = [
      { status: 400, class: 'model' },
      { status: 400, class: 'auth' },
    ];
    const result = { kind: 'response', status: 400, header: () => undefined, error: detail() } as const;
    assert.equal(classify(result, { ...context, rules }).class, 'model');
  });

  it('do not come before the client s own abort', () => {
    const rules: Rule[] = [{ class: 'overloaded' }];
    assert.equal(classify({ kind: 'clientAbort' }, { ...context, rules }).class, 'clientAbort');
    assert.equal(classify({ kind: 'success' }, { ...context, rules }).class, 'success');
  });

  it('hold for an error within a stream too', () => {
    const rules: Rule[] = [{ errorType: 'api_error', class: 'overloaded' }];
    const error = evidenceOf({ type: 'api_error', message: 'Internal server error' });
    assert.equal(
      classify({ kind: 'streamError', phase: 'prelude', place: 'stream', error }, { ...context, rules }).class,
      'overloaded',
    );
  });

  it('do not make work undone that may be done', () => {
    const outcome = ruled({ status: 500, class: 'transient' }, 500, detail({ type: 'api_error' }));
    assert.equal(outcome.class, 'transient');
    assert.equal(outcome.isAmbiguous, true);
  });

  it('leave a rate limit its documented reset', () => {
    const header = (name: string) => (name === 'retry-after' ? '20' : undefined);
    const result = { kind: 'response', status: 403, header, error: detail() } as const;
    const outcome = classify(result, { ...context, rules: [{ status: 403, class: 'rateLimit' }] });
    assert.equal(outcome.class, 'rateLimit');
    assert.deepEqual(outcome.cooldown, { scope: 'family', kind: 'until', forMs: 20_000 });
  });
});
