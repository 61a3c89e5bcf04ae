import assert from 'node:assert/strict';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { type Reason, told } from '../../../../src/core/outcome/reason.ts';
import type { AttemptRecord } from '../../../../src/core/record/record.ts';
import { treatableErrors, withRule } from '../../../../src/ui/model/errorRule.ts';

function attempt(name: AttemptRecord['class'], why: Reason, endpointId = 'first'): AttemptRecord {
  const times = {
    startedAfterMs: 0,
    firstByteMs: undefined,
    totalMs: 1,
    isReusedConnection: false,
    maybeBilled: false,
  };
  const chosen = { chosenBecause: 'only one', passedOver: [], sentModel: undefined, status: undefined };
  return { endpointId, class: name, ...told(why), ...times, ...chosen };
}

describe('treatableErrors', () => {
  it('F18: are what an endpoint has answered, by status and word, each once', () => {
    const quota: Reason = { code: 'statusAndType', status: 429, type: 'insufficient_quota' };
    const attempts = [
      attempt('rateLimit', { code: 'withoutReset', because: quota }),
      attempt('rateLimit', { code: 'withoutReset', because: quota }),
      attempt('request', { code: 'inStream', because: { code: 'status', status: 400 } }, 'second'),
      attempt('badResponse', { code: 'notApiAnswer', status: 503 }),
      attempt('unknown', { code: 'statusAndType', status: 500, type: 'error' }),
    ];
    assert.deepEqual(treatableErrors({ attempts }), [
      { draft: { status: 429, errorType: 'insufficient_quota', endpoint: 'first' }, class: 'rateLimit' },
      { draft: { status: 400, endpoint: 'second' }, class: 'request' },
      { draft: { status: 503, endpoint: 'first' }, class: 'badResponse' },
      { draft: { status: 500, endpoint: 'first' }, class: 'unknown' },
    ]);
  });

  it('F18: are none where no endpoint has answered with an error', () => {
    const attempts = [
      attempt('success', { code: 'ok' }),
      attempt('transient', { code: 'connectionRefused' }),
      attempt('localNetwork', { code: 'offline', error: 'ENETDOWN' }),
      attempt('clientAbort', { code: 'clientClosed' }),
      attempt('badResponse', { code: 'redirect', status: 302 }),
      attempt('badResponse', { code: 'notApiAnswer', status: 200 }),
    ];
    assert.deepEqual(treatableErrors({ attempts }), []);
  });
});

describe('withRule', () => {
  const draft = { status: 429, errorType: 'x', endpoint: 'first' };

  it('F18: puts the rule in front, and takes the place of an older one for the same error', () => {
    const first = withRule([{ status: 403, class: 'billing' }], draft, 'overloaded');
    assert.deepEqual(first, [
      { ...draft, class: 'overloaded' },
      { status: 403, class: 'billing' },
    ]);
    const [changed, ...rest] = withRule(first, draft, 'request');
    assert.deepEqual([changed, rest], [{ ...draft, class: 'request' }, [{ status: 403, class: 'billing' }]]);
    assert.equal(withRule([{ ...draft, message: 'more', class: 'auth' }], draft, 'request').length, 2);
  });

  it('F18: writes what the gateway accepts, whatever stood there', () => {
    for (const before of [undefined, null, 'x', [], [null, 5]]) {
      const rules = withRule(before, draft, 'billing');
      assert.equal(parseConfig({ endpoints: [], rules }).kind, 'ok');
    }
  });
});
