import assert from 'node:assert/strict';
import type { DialectName } from '../../../../src/core/config/config.ts';
import type { OutcomeClass } from '../../../../src/core/outcome/outcome.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import type { AttemptRecord } from '../../../../src/core/record/record.ts';
import { readErrorBody } from '../../../../src/dialect/readEvidence.ts';
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

const nothing = {
  dialect: 'anthropic',
  readsFailedEvents: false,
  redact: (text: string) => text,
  attempts: [],
  answers: [],
  passedOver: [],
  isBusy: false,
  nowMonoMs: 0,
  nowWallMs: 0,
} as const;

function messageOf(...attempts: readonly AttemptRecord[]): string {
  const { body, endpointId } = failureAnswer({ ...nothing, attempts });
  assert.equal(endpointId, undefined);
  return JSON.parse(body.toString()).error.message;
}

function answerTo(dialect: DialectName, ...passedOver: Parameters<typeof failureAnswer>[0]['passedOver']) {
  const { status, body, headers } = failureAnswer({ ...nothing, dialect, passedOver });
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

/** The error that a client gets for one of an endpoint. */
function passedOn(dialect: DialectName, status: number, error: { type: string; message: string }, name: OutcomeClass) {
  const body = Buffer.from(JSON.stringify({ type: 'error', error, request_id: 'req_1' }));
  const evidence = readErrorBody(body);
  const headers = { 'content-type': 'application/json', 'content-encoding': 'identity' };
  const { body: told, ...answer } = failureAnswer({
    ...nothing,
    dialect,
    attempts: [{ ...attempt, class: name, status }],
    answers: [{ endpointId: 'one', class: name, status, headers, isInside: false, body, evidence, stream: undefined }],
  });
  return { ...answer, isAsItCame: told === body, error: JSON.parse(told.toString()).error };
}

describe('failureAnswer, where Claude Code would take the words for its own login', () => {
  const words = {
    'invalid x-api-key': 'invalid API key',
    'X-Api-Key header is required': 'API key header is required',
    'OAuth token has been revoked. Please obtain a new token.':
      'sign-in token has been revoked. Please obtain a new token.',
    'OAuth authentication is currently not allowed for this organization.':
      'sign-in authentication is currently not allowed for this organization.',
    'API key authentication is disabled for this organization':
      'authentication by API key is disabled for this organization',
    'This organization has been disabled.': 'This organization was disabled.',
    'Not logged in · Please run /login': 'Not logged in',
  };
  for (const [said, told] of Object.entries(words)) {
    it(`passes the meaning of "${said}" on, in other words`, () => {
      for (const [status, name] of [
        [400, 'request'],
        [403, 'request'],
        [503, 'transient'],
      ] as const) {
        const { error, ...answer } = passedOn('anthropic', status, { type: 'permission_error', message: said }, name);
        assert.deepEqual(error, { type: 'permission_error', message: told });
        assert.equal(answer.status, status);
        assert.equal(answer.endpointId, 'one');
        assert.equal(answer.headers.filter((one) => one === 'content-type').length, 1);
      }
      const refused = passedOn('anthropic', 403, { type: 'authentication_error', message: said }, 'auth');
      assert.ok(refused.error.message.includes(`one: "${told}"`), refused.error.message);
    });

    it(`leaves "${said}" as it is for other clients`, () => {
      assert.equal(passedOn('openai', 403, { type: 'forbidden', message: said }, 'request').isAsItCame, true);
    });
  }

  it('passes other words on byte for byte', () => {
    for (const message of [
      'The OAuth library is not allowed here.',
      'Run the login script.',
      'Your API key may not do this.',
    ]) {
      assert.equal(passedOn('anthropic', 403, { type: 'forbidden', message }, 'request').isAsItCame, true, message);
    }
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
