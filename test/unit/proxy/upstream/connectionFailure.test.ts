import assert from 'node:assert/strict';
import { connectionFailure } from '../../../../src/proxy/upstream/connectionFailure.ts';

const coded = (code: string) => Object.assign(new Error('broken'), { code });

describe('connectionFailure', () => {
  function isStale(...given: Parameters<typeof connectionFailure>): boolean {
    const failure = connectionFailure(...given);
    assert.ok(failure.kind === 'connection');
    return failure.isStaleSocket;
  }

  it('takes a kept connection that breaks at once for one that was dead', () => {
    assert.equal(isStale(coded('ECONNRESET'), 'firstByte', true), true);
    assert.equal(isStale(coded('UND_ERR_SOCKET'), 'firstByte', true), true);
    assert.equal(
      isStale(coded('ECONNRESET'), 'firstByte', false),
      false,
      'a fresh connection, or the endpoint at work',
    );
    assert.equal(isStale(coded('ECONNRESET'), 'prelude', true), false, 'an answer had begun');
    assert.equal(isStale(coded('CERT_HAS_EXPIRED'), 'firstByte', true), false);
  });

  it('names an error without a code by its name', () => {
    const codeOf = (error: Error) => {
      const failure = connectionFailure(error, 'firstByte', false);
      return failure.kind === 'connection' ? failure.code : undefined;
    };
    assert.equal(codeOf(coded('ECONNREFUSED')), 'ECONNREFUSED');
    assert.equal(codeOf(new TypeError('odd')), 'TypeError');
  });

  it('A6: of several addresses, one that this machine cannot reach does not hide what the others did', () => {
    const several = (...codes: string[]) => Object.assign(new AggregateError(codes.map(coded)), { code: codes[0] });
    const codeOf = (...codes: string[]) => {
      const failure = connectionFailure(several(...codes), 'connect', false);
      return failure.kind === 'connection' ? failure.code : undefined;
    };
    assert.equal(codeOf('EADDRNOTAVAIL', 'ECONNREFUSED'), 'ECONNREFUSED');
    assert.equal(codeOf('ENETUNREACH', 'ETIMEDOUT'), 'ETIMEDOUT');
    assert.equal(codeOf('ECONNREFUSED', 'ENETUNREACH'), 'ECONNREFUSED');
    assert.equal(codeOf('ENETUNREACH', 'ENETUNREACH'), 'ENETUNREACH');
    assert.equal(codeOf('EMFILE', 'EMFILE'), 'EMFILE');
  });

  it('F14: names a head that is too large', () => {
    const failure = connectionFailure(coded('UND_ERR_HEADERS_OVERFLOW'), 'firstByte', false);
    assert.deepEqual(failure, { kind: 'malformed', reason: { code: 'headTooLarge' } });
  });
});
