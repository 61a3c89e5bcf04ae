import assert from 'node:assert/strict';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import type { AttemptRecord } from '../../../../src/core/record/record.ts';
import { failureAnswer } from '../../../../src/proxy/client/failureAnswer.ts';

const attempt: AttemptRecord = {
  endpointId: 'one',
  sentModel: undefined,
  class: 'localNetwork',
  reason: 'in whatever words',
  status: undefined,
  chosenBecause: 'only one',
  passedOver: [],
  startedAfterMs: 0,
  firstByteMs: undefined,
  totalMs: 12,
  isReusedConnection: false,
  maybeBilled: false,
};

const proxy: Reason = { code: 'networkProxy', from: 'HTTPS_PROXY', because: { code: 'error', error: '407' } };
const offline: Reason = { code: 'offline', error: 'ENETUNREACH' };

function messageOf(...attempts: readonly AttemptRecord[]): string {
  const { body, endpointId } = failureAnswer({
    dialect: 'anthropic',
    readsFailedEvents: false,
    redact: (text) => text,
    attempts,
    answers: [],
    passedOver: [],
    isBusy: false,
    nowMonoMs: 0,
    nowWallMs: 0,
  });
  assert.equal(endpointId, undefined);
  return JSON.parse(body.toString()).error.message;
}

function answerTo(dialect: 'anthropic' | 'openai', ...passedOver: Parameters<typeof failureAnswer>[0]['passedOver']) {
  const { status, body, headers } = failureAnswer({
    dialect,
    readsFailedEvents: false,
    redact: (text) => text,
    attempts: [],
    answers: [],
    passedOver,
    isBusy: false,
    nowMonoMs: 0,
    nowWallMs: 0,
  });
  return { status, message: String(JSON.parse(body.toString()).error.message), headers: headers.join(' ') };
}

describe('failureAnswer, where nothing was tried', () => {
  const skipped = (endpointId: string, reason: Reason) => ({ endpointId, reason, untilMs: undefined });

  it('C1: says that a key has to be set, without a name from inside', () => {
    const { status, message, headers } = answerTo('anthropic', skipped('one', { code: 'keyMissing' }));
    assert.equal(message, 'Signalbox: no endpoint has an API key. Set one. one: key missing');
    assert.equal(status, 503);
    assert.match(headers, /x-should-retry false/);
  });

  it('C9: says that no endpoint speaks the API, as 404, which no agent repeats', () => {
    const other: Reason = { code: 'otherDialect', dialect: 'anthropic' };
    const { status, message } = answerTo('openai', skipped('one', other), skipped('off', { code: 'disabled' }));
    assert.equal(status, 404);
    assert.equal(
      message,
      'Signalbox: this is a request to the OpenAI API, and no enabled endpoint speaks that. ' +
        'one: speaks another API (anthropic); off: disabled',
    );
    const { message: turned } = answerTo('anthropic', skipped('one', { code: 'otherDialect', dialect: 'openai' }));
    assert.match(turned, /a request to the Anthropic API/);
  });

  it('C9: says that every endpoint is disabled', () => {
    const { status, message } = answerTo('openai', skipped('one', { code: 'disabled' }));
    assert.equal(status, 503);
    assert.match(message, /every endpoint is disabled\. Enable one\. one: disabled/);
  });
});

describe('failureAnswer, where nothing was reached', () => {
  it('names the proxy or the machine by the code of the reasons, whatever their words are', () => {
    const failed = (why: Reason, reason: string): AttemptRecord => ({ ...attempt, why, reason });
    const [byProxy, byMachine] = [failed(proxy, 'in whatever words'), failed(offline, 'network proxy: so it says')];
    assert.match(messageOf(byProxy, byProxy), /the network proxy cannot be used\. one: in whatever words/);
    assert.match(messageOf(byMachine, byMachine), /this machine seems to be offline/);
    assert.match(messageOf(byProxy, byMachine), /this machine seems to be offline/);
  });

  it('blames neither where an endpoint itself failed', () => {
    assert.match(messageOf({ ...attempt, why: proxy }, { ...attempt, class: 'transient' }), /no endpoint could answer/);
  });
});
