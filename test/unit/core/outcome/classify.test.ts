import assert from 'node:assert/strict';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { ClassifyContext } from '../../../../src/core/outcome/judgeError.ts';
import type { AttemptResult, Cooldown, Outcome } from '../../../../src/core/outcome/outcome.ts';
import { reasonInEnglish } from '../../../../src/core/outcome/reason.ts';
import { readErrorBody } from '../../../../src/dialect/readEvidence.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

const wallMs = Date.UTC(2026, 5, 1, 12);
const context: ClassifyContext = {
  endpointId: 'first',
  sentModel: 'claude-sonnet-4-5',
  wallMs,
  path: '/v1/messages',
  host: '127.0.0.1',
  isOffline: false,
  rules: [],
};

/** An error answer as it came over the wire: the body is text, headers by lower-case name. */
function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Outcome {
  const error = readErrorBody(Buffer.from(body));
  return classify({ kind: 'response', status, header: (name) => headers[name], error }, context);
}

function anthropic(type: string, message = 'Some words', more: object = {}): string {
  return JSON.stringify({
    type: 'error',
    error: { type, message, ...more },
    request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
  });
}

function openai(type: string, code: string | null, message = 'Some words'): string {
  return JSON.stringify({ error: { message, type, param: null, code } });
}

function inStream(said: Parameters<typeof evidenceOf>[0]): Outcome {
  return classify({ kind: 'streamError', phase: 'prelude', place: 'stream', error: evidenceOf(said) }, context);
}

function untilMs(cooldown: Cooldown | undefined): number | undefined {
  return cooldown?.kind === 'until' ? cooldown.forMs : undefined;
}

const html = '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>';
const minuteMs = 60_000;

describe('classify, the endpoint is wrong', () => {
  it('F3: calls a page or a text a bad response only where the status does not say whose fault it is', () => {
    for (const status of [403, 500, 501, 502, 503, 504, 511, 520, 529, 599]) {
      for (const body of [html, 'upstream connect error', '"denied"', 'null', '{"error":']) {
        const outcome = answer(status, body, { 'retry-after': '30' });
        assert.equal(outcome.class, 'badResponse', `${status} ${body}`);
        assert.equal(outcome.otherEndpoint, 'yes');
        assert.equal(outcome.sameEndpoint, 'no');
        assert.equal(outcome.countsAgainstBreaker, true);
        const growing = { scope: 'endpoint', kind: 'growing', baseMs: 10_000, maxMs: 5 * minuteMs, free: 0 };
        assert.deepEqual(outcome.cooldown, growing);
      }
    }
  });

  it('F3: takes the status at its word, whatever the body looks like', () => {
    const classes = {
      request: [400, 404, 405, 406, 409, 410, 411, 413, 414, 415, 416, 417, 422, 431],
      auth: [401],
      billing: [402],
      rateLimit: [420, 429],
      overloaded: [498],
      transient: [408, 412, 421, 423, 424, 425, 499],
    };
    for (const [name, statuses] of Object.entries(classes)) {
      for (const status of statuses) {
        for (const body of [
          html,
          'Nope',
          '[]',
          '"denied"',
          'null',
          '{"error":',
          '',
          '\ufeff  \n',
          '[{"error":{"message":"x"}}]',
        ]) {
          assert.equal(answer(status, body).class, name, `${status} ${body}`);
        }
      }
    }
    const told = answer(429, html, { 'retry-after': '30' });
    assert.equal(untilMs(told.cooldown), 30_000);
  });

  it('calls redirects and statuses of no API bad responses too', () => {
    for (const status of [300, 301, 302, 303, 307, 308, 199, 600, 999]) {
      assert.equal(answer(status, anthropic('api_error')).class, 'badResponse', String(status));
    }
  });

  it('calls what is not HTTP, or not what its headers promise, a bad response', () => {
    assert.equal(classify({ kind: 'malformed', reason: { code: 'wrongEncoding' } }, context).class, 'badResponse');
    for (const code of ['HPE_INVALID_CONSTANT', 'HPE_INVALID_HEADER_TOKEN', 'HPE_UNEXPECTED_CONTENT_LENGTH']) {
      const result = { kind: 'connection', phase: 'firstByte', code, isStaleSocket: false, isProxy: false } as const;
      assert.equal(classify(result, context).class, 'badResponse', code);
    }
  });

  it('knows overload by 529, by the error of a 503, and within a stream', () => {
    const outcomes = [
      answer(529, anthropic('overloaded_error', 'Overloaded')),
      answer(529, ''),
      answer(503, anthropic('overloaded_error', 'Overloaded')),
      answer(503, openai('server_error', 'server_is_overloaded', 'The server is overloaded')),
      inStream({ type: 'overloaded_error', message: 'Overloaded' }),
      inStream({ code: 'server_is_overloaded' }),
    ];
    for (const outcome of outcomes) {
      assert.equal(outcome.class, 'overloaded');
      assert.equal(outcome.sameEndpoint, 'ifAlone');
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.isAmbiguous, false);
      assert.equal(outcome.countsAgainstBreaker, true);
      const growing = { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: 2 * minuteMs, free: 0 };
      assert.deepEqual(outcome.cooldown, growing);
    }
  });

  it('F15: knows passing trouble by 408, 412, 424, 499, 502, 503 and 520 to 527', () => {
    for (const status of [408, 412, 421, 423, 424, 425, 499, 502, 503, 520, 521, 522, 523, 524, 525, 526, 527]) {
      const outcome = answer(status, anthropic('api_error'));
      assert.equal(outcome.class, 'transient', String(status));
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.countsAgainstBreaker, true);
      assert.equal(outcome.cooldown, undefined);
    }
  });

  it('calls the rest unknown: it counts, and may be tried elsewhere once since the work may be done', () => {
    const outcomes = [500, 501, 504, 505, 507, 511, 528, 530, 598].map((status) =>
      answer(status, anthropic('some_error')),
    );
    for (const outcome of [...outcomes, inStream({ type: 'api_error' }), inStream({ type: 'new_kind_of_error' })]) {
      assert.equal(outcome.class, 'unknown', reasonInEnglish(outcome.reason));
      assert.equal(outcome.otherEndpoint, 'once');
      assert.equal(outcome.countsAgainstBreaker, true);
      assert.equal(outcome.isAmbiguous, true, reasonInEnglish(outcome.reason));
    }
  });
});

describe('classify, the key is wrong', () => {
  const spendLimit =
    'You have reached your specified API usage limits. You will regain access on 2026-07-01 at 00:00 UTC.';

  it('knows spent money by status, code, and the two wordings of a 400', () => {
    const outcomes = [
      answer(402, anthropic('billing_error')),
      answer(402, openai('insufficient_quota', null)),
      answer(
        429,
        openai(
          'insufficient_quota',
          'insufficient_quota',
          'You exceeded your current quota, check your billing details',
        ),
      ),
      answer(429, openai('insufficient_quota', 'credit_balance_exhausted')),
      answer(429, openai('insufficient_quota', 'organization_spend_limit_exceeded')),
      answer(429, openai('tokens', 'project_spend_limit_exceeded')),
      answer(429, openai('tokens', 'organization_usage_limit_exceeded')),
      answer(429, anthropic('rate_limit_error', 'x', { details: { error_code: 'enforced_spend_limit_reached' } })),
      answer(400, anthropic('invalid_request_error', spendLimit)),
      answer(400, anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.')),
      inStream({ type: 'billing_error' }),
      inStream({ type: 'insufficient_quota', message: 'You exceeded your current quota, check your billing details' }),
    ];
    for (const outcome of outcomes) {
      assert.equal(outcome.class, 'billing', reasonInEnglish(outcome.reason));
      assert.equal(outcome.sameEndpoint, 'no');
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.deepEqual(outcome.cooldown, { scope: 'key', kind: 'until', forMs: 60 * minuteMs });
    }
  });

  it('F7: takes a quota without any sign of an empty account for a limit of a minute, except where the vendor has no such', () => {
    for (const [code, message] of [
      ['insufficient_quota', 'Allocated quota exceeded, please increase your quota limit.'],
      ['Throttling.AllocationQuota', 'Too many requests in route.'],
      ['QuotaExceeded', 'You have exceeded the 5-hour usage quota.'],
      ['exceeded_current_quota_error', 'Your account is over its token quota'],
    ] as const) {
      const outcome = answer(429, openai('limit', code, message));
      assert.equal(outcome.class, 'rateLimit', code);
      assert.equal(outcome.isQuota, true, code);
      assert.equal(outcome.countsAgainstBreaker, false);
    }
    const said = openai(
      'insufficient_quota',
      'insufficient_quota',
      'You exceeded your current quota, check your plan and billing details',
    );
    const at = (host: string) =>
      classify(
        { kind: 'response', status: 429, header: () => undefined, error: readErrorBody(Buffer.from(said)) },
        { ...context, host },
      );
    assert.equal(at('api.openai.com').class, 'billing');
    assert.equal(at('relay.example.com').class, 'billing');
    assert.equal(at('dashscope.aliyuncs.com').class, 'rateLimit', 'this vendor says the same of a minute');
    assert.equal(at('aliyuncs.com.example.com').class, 'billing');
  });

  it('is without that key until the documented reset, where there is one', () => {
    const twoHours = { 'retry-after': '7200' };
    assert.equal(untilMs(answer(402, anthropic('billing_error'), twoHours).cooldown), 2 * 60 * minuteMs);
    const code = { details: { error_code: 'enforced_spend_limit_reached' } };
    assert.equal(untilMs(answer(429, anthropic('rate_limit_error', 'x', code), twoHours).cooldown), 2 * 60 * minuteMs);
  });

  it('reads the wordings in a 400 of that type only', () => {
    assert.equal(answer(403, anthropic('permission_error', spendLimit)).class, 'auth');
    assert.equal(answer(500, anthropic('api_error', spendLimit)).class, 'unknown');
    assert.equal(answer(400, anthropic('another_error', spendLimit)).class, 'request');
  });

  it('takes 401, and a 403 whose type or code says so, for a bad key: a strike, nothing against the breaker', () => {
    const outcomes = [
      answer(401, anthropic('authentication_error', 'invalid x-api-key')),
      answer(401, openai('invalid_request_error', 'invalid_api_key', 'Incorrect API key provided')),
      answer(401, html),
      answer(
        403,
        anthropic('permission_error', 'Your API key does not have permission to use the specified resource.'),
      ),
      answer(403, openai('invalid_request_error', 'invalid_api_key')),
      answer(400, openai('invalid_request_error', 'invalid_api_key')),
      answer(
        400,
        JSON.stringify([
          { error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } },
        ]),
      ),
      answer(400, anthropic('invalid_request_error', 'This organization has been disabled.')),
      inStream({ type: 'authentication_error' }),
      inStream({ type: 'permission_error' }),
    ];
    for (const outcome of outcomes) {
      assert.equal(outcome.class, 'auth', reasonInEnglish(outcome.reason));
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.deepEqual(outcome.cooldown, { scope: 'key', kind: 'strike' });
    }
  });

  it('F6: splits 403 by what it is about: the words, the money, the place, the key', () => {
    const flagged = {
      code: 403,
      message: 'Your input was flagged',
      metadata: { reasons: ['violence'], flagged_input: 'x' },
    };
    const cases: readonly (readonly [string, string, Outcome['otherEndpoint']])[] = [
      [JSON.stringify({ error: flagged }), 'request', 'no'],
      [openai('invalid_request_error', 'content_filter', 'x'), 'request', 'no'],
      [anthropic('permission_error', 'Rejected by our content policy'), 'request', 'no'],
      [openai('new_api_error', 'insufficient_user_quota', '用户额度不足'), 'billing', 'yes'],
      [openai('Forbidden', 'AccountOverdueError', 'overdue balance'), 'billing', 'yes'],
      [openai('access_denied', null, 'Insufficient account balance'), 'billing', 'yes'],
      ['{"code":30001,"message":"balance is not enough"}', 'billing', 'yes'],
      [openai('request_forbidden', 'unsupported_country_region_territory'), 'request', 'yes'],
      [openai('forbidden', null, 'This model is not available in your region: not supported'), 'request', 'yes'],
      [openai('forbidden', null, 'Your IP is not authorized'), 'request', 'yes'],
      [anthropic('forbidden', 'Request not allowed'), 'request', 'yes'],
      ['{"message":"no"}', 'request', 'yes'],
      ['', 'request', 'yes'],
      [anthropic('permission_error', 'no'), 'auth', 'yes'],
    ];
    for (const [body, name, otherEndpoint] of cases) {
      const outcome = answer(403, body);
      assert.deepEqual([outcome.class, outcome.otherEndpoint], [name, otherEndpoint], body);
      assert.equal(outcome.countsAgainstBreaker, false);
      if (name === 'request') assert.equal(outcome.cooldown, undefined, body);
    }
  });

  it('F12: takes 404 and 403 that name the sent model, and a code of any status, for a missing model', () => {
    const outcomes = [
      answer(404, anthropic('not_found_error', 'model: claude-sonnet-4-5')),
      answer(403, anthropic('permission_error', 'This key may not use claude-sonnet-4-5.')),
      answer(404, openai('invalid_request_error', 'model_not_found', 'The model `claude-sonnet-4-5` does not exist')),
      ...[400, 401, 403, 429, 500, 502, 503].map((status) =>
        answer(status, openai('new_api_error', 'model_not_found')),
      ),
      answer(503, '{"code":"ModelNotFound","message":"x"}'),
      answer(404, openai('NotFound', 'InvalidEndpointOrModel.NotFound')),
    ];
    for (const outcome of outcomes) {
      assert.equal(outcome.class, 'model', reasonInEnglish(outcome.reason));
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.deepEqual(outcome.cooldown, { scope: 'model', kind: 'until', forMs: 10 * minuteMs });
    }
    assert.equal(answer(401, anthropic('authentication_error', 'no claude-sonnet-4-5 for you')).class, 'auth');
    assert.equal(
      answer(400, anthropic('invalid_request_error', 'claude-sonnet-4-5 has no such tool')).class,
      'request',
    );
  });
});

describe('classify, the request is wrong', () => {
  it("passes on what HTTP calls the client's: no other endpoint, no count, no cooldown", () => {
    const statuses = [400, 404, 405, 406, 409, 410, 411, 413, 414, 415, 417, 422, 431];
    for (const status of statuses) {
      for (const body of [anthropic('invalid_request_error'), openai('invalid_request_error', null), html]) {
        const outcome = answer(status, body, { 'retry-after': '30' });
        assert.equal(outcome.class, 'request', `${status} ${body}`);
        assert.equal(outcome.sameEndpoint, 'no');
        assert.equal(outcome.otherEndpoint, 'no');
        assert.equal(outcome.countsAgainstBreaker, false);
        assert.equal(outcome.cooldown, undefined);
      }
    }
    for (const status of [407, 418, 426, 428, 430, 444, 460, 497]) {
      assert.equal(
        answer(status, anthropic('some_error')).class,
        'unknown',
        `${status}: nobody said that it is the client's`,
      );
    }
    assert.equal(inStream({ type: 'invalid_request_error' }).class, 'request');
    for (const code of ['context_length_exceeded', 'invalid_prompt', 'content_filter']) {
      const outcome = inStream({ code });
      assert.deepEqual([outcome.class, outcome.status], ['request', 400], code);
    }
    assert.equal(inStream({ type: 'not_found_error' }).class, 'request');
  });

  it('knows success and the end of the client as nobody else s doing', () => {
    for (const kind of ['success', 'clientAbort'] as const) {
      const outcome = classify({ kind } satisfies AttemptResult, context);
      assert.equal(outcome.class, kind);
      assert.equal(outcome.otherEndpoint, 'no');
      assert.equal(outcome.sameEndpoint, 'no');
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.equal(outcome.cooldown, undefined);
    }
  });
});
