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

const proxy: Reason = { code: 'networkProxy', because: { code: 'error', error: '407' } };
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
