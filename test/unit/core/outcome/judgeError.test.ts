import assert from 'node:assert/strict';
import { type Evidence, noEvidence } from '../../../../src/core/outcome/evidence.ts';
import { type ClassifyContext, judgeError } from '../../../../src/core/outcome/judgeError.ts';
import type { Outcome } from '../../../../src/core/outcome/outcome.ts';
import { vendorCodes } from '../../../../src/core/outcome/vendorCodes.ts';

const minuteMs = 60_000;

interface Answer {
  readonly said?: Partial<Evidence>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly context?: Partial<ClassifyContext>;
}

/** The verdict on an error answer as JSON; on an error inside a 200 where there is no status. */
function judge(status: number | undefined, { said = {}, headers = {}, context = {} }: Answer = {}): Outcome {
  const seen = {
    status,
    ...(status === undefined ? { place: 'stream' as const } : {}),
    header: (name: string) => headers[name],
    evidence: { ...noEvidence, form: 'json', ...said } as const,
  };
  return judgeError(seen, {
    endpointId: 'first',
    host: 'relay.example.com',
    sentModel: 'model-1',
    path: '/v1/messages',
    wallMs: 0,
    isOffline: false,
    rules: [],
    ...context,
  });
}

/** The word in the reason of an error answer. */
function wordOf(status: number, said: Partial<Evidence>): string | undefined {
  const { reason } = judge(status, { said });
  const inner = reason.code === 'withoutReset' ? reason.because : reason;
  return inner.code === 'statusAndType' ? inner.type : undefined;
}

describe('judgeError, the word in the reason', () => {
  const cases: readonly (readonly [string, number, Partial<Evidence>, string | undefined])[] = [
    ['the type', 500, { type: 'kind', codes: ['code', 'kind'] }, 'kind'],
    ['a code without a type', 500, { codes: ['code'] }, 'code'],
    ['a code that is not only the status', 500, { codes: ['500', 'E12', 'E13'], status: 500 }, 'E12'],
    ['no code that is only the status', 500, { codes: ['500'], status: 500 }, undefined],
    ['nothing where nothing was said', 500, {}, undefined],
    ['the type where the status agrees', 429, { type: 'requests', codes: ['slow_down', 'requests'] }, 'requests'],
    [
      'the code where the status agrees, without a type',
      429,
      { codes: ['429', 'slow_down'], status: 429 },
      'slow_down',
    ],
    ['the code that outweighs the status', 429, { type: 'tokens', codes: ['x', 'Arrearage', 'tokens'] }, 'Arrearage'],
    ['the type where a wording outweighs it', 400, { type: 'kind', message: 'API key not valid' }, 'kind'],
    ['a code where a wording outweighs it', 400, { codes: ['E7'], message: 'API key not valid' }, 'E7'],
    ['one word of at most 64 letters', 500, { type: 'x'.repeat(64) }, 'x'.repeat(64)],
    ['no longer word', 500, { type: 'x'.repeat(65) }, 'error'],
    ['no sentence', 500, { type: 'two words' }, 'error'],
  ];
  for (const [title, status, said, word] of cases) {
    it(`is ${title}`, () => assert.equal(wordOf(status, said), word));
  }
});

describe('judgeError, the model and the path', () => {
  const message = 'model-1 is not here';

  it('takes a refusal that names the model for one of the model, unless it speaks of something other than the key', () => {
    for (const [status, codes, name] of [
      [404, [], 'model'],
      [403, [], 'model'],
      [403, ['permission_error'], 'model'],
      [403, ['Arrearage'], 'billing'],
      [403, ['content_filter'], 'request'],
      [401, ['invalid_api_key'], 'auth'],
      [400, [], 'request'],
    ] as const) {
      const outcome = judge(status, { said: { codes, message } });
      assert.deepEqual(
        [outcome.class, outcome.status, outcome.isAmbiguous],
        [name, status, false],
        `${status} ${codes}`,
      );
    }
  });

  it('sends a 404 of an endpoint without the path elsewhere, and no other status', () => {
    const said = { message: 'Cannot POST /v1/messages', type: 'kind' };
    const { class: name, reason, status, otherEndpoint, lacksPath } = judge(404, { said });
    assert.deepEqual(
      [name, reason, status, otherEndpoint, lacksPath],
      ['request', { code: 'statusAndType', status: 404, type: 'kind' }, 404, 'yes', true],
    );
    assert.equal(judge(405, { said }).lacksPath, undefined);
    assert.equal(judge(404, { said: { message: 'no such file' } }).lacksPath, undefined);
    assert.equal(judge(404, { said: { message: 'no such file' } }).otherEndpoint, 'no');
  });
});

describe('judgeError, the rows of the vendors', () => {
  it('compares whole codes, except where a row ends in a star', () => {
    for (const [status, code, name] of [
      [503, 'overloaded_error', 'overloaded'],
      [503, 'Overloaded_Error', 'overloaded'],
      [503, 'overloaded_errors', 'transient'],
      [503, 'overloaded_erro', 'transient'],
      [503, 'Throttling.User', 'rateLimit'],
      [503, 'throttling', 'rateLimit'],
      [503, 'My.Throttling', 'transient'],
    ] as const) {
      assert.equal(judge(status, { said: { codes: [code] } }).class, name, code);
    }
  });

  it('holds a row that has hosts at them and below them whatever the status, and nowhere else', () => {
    for (const [host, status, code, name] of [
      ['z.ai', 500, '1113', 'billing'],
      ['api.z.ai', 500, '1113', 'billing'],
      ['open.bigmodel.cn', 500, '1113', 'billing'],
      ['jazz.ai', 500, '1113', 'unknown'],
      ['z.ai.example.com', 500, '1113', 'unknown'],
      ['example.com', 429, '1113', 'rateLimit'],
      ['example.com', 400, '1301', 'request'],
      ['example.com', 400, '1211', 'request'],
      ['relay.example', 403, 'base_resp.1002', 'rateLimit'],
      ['z.ai', 403, '1002', 'auth'],
      ['api.openai.com', 429, 'insufficient_quota', 'billing'],
      ['eu.api.openai.com', 429, 'insufficient_quota', 'billing'],
      ['myapi.openai.com', 429, 'insufficient_quota', 'rateLimit'],
    ] as const) {
      const { class: found } = judge(status, { said: { codes: [code] }, context: { host } });
      assert.equal(found, name, `${code} at ${host}`);
    }
    const inside = { said: { codes: ['base_resp.2061'] } };
    assert.equal(judge(undefined, inside).class, 'model', 'in a 200 that names no status');
    assert.equal(judge(undefined, { said: { codes: ['2061'] } }).class, 'unknown', 'in no such envelope');
  });

  it('knows a number that is a code of one vendor at its hosts only, and names no status for it', () => {
    for (const { codes = [], hosts, statuses } of vendorCodes) {
      if (codes.some((code) => /^\d+$/.test(code))) assert.notEqual(hosts, undefined, codes.join());
      if (hosts !== undefined) assert.equal(statuses, undefined, codes.join());
    }
  });

  it('looks for a wording in the first 1000 letters of a message', () => {
    const words = 'API key not valid';
    assert.equal(judge(400, { said: { message: words.padStart(1000) } }).class, 'auth');
    assert.equal(judge(400, { said: { message: words.padStart(1001) } }).class, 'request');
  });
});

describe('judgeError, consequences', () => {
  it('takes work for done where a server gave up, or where an error above 500 is unknown', () => {
    for (const [status, isAmbiguous] of [
      [418, false],
      [430, false],
      [499, true],
      [500, true],
      [501, true],
      [503, false],
      [504, true],
      [599, true],
    ] as const) {
      assert.equal(judge(status).isAmbiguous, isAmbiguous, `${status}`);
    }
    assert.equal(judge(500).neverSent, false);
    assert.equal(judge(500, { said: { codes: ['Arrearage'] } }).isAmbiguous, false, 'a refusal did no work');
  });

  it('calls a limit a quota only where its row says so', () => {
    assert.equal(judge(429).isQuota, false);
    assert.equal(judge(429, { said: { codes: ['slow_down'] } }).isQuota, false);
    assert.equal(judge(429, { said: { codes: ['insufficient_quota'] } }).isQuota, true);
  });

  it('waits for the end of a limit for a second at least and half an hour at most, and keeps a later end for display', () => {
    for (const [seconds, expected] of [
      ['0', { forMs: 1000 }],
      ['60', { forMs: minuteMs }],
      ['1800', { forMs: 30 * minuteMs }],
      ['7200', { forMs: 30 * minuteMs, quotaMs: 120 * minuteMs }],
    ] as const) {
      const { cooldown } = judge(429, { headers: { 'retry-after': seconds } });
      assert.deepEqual(cooldown, { scope: 'family', kind: 'until', ...expected }, seconds);
    }
    const headers = { 'retry-after': '60', 'anthropic-ratelimit-unified-status': 'rejected' };
    assert.deepEqual(judge(429, { headers }).cooldown, { scope: 'key', kind: 'until', forMs: minuteMs });
  });

  it('waits for money for a second at least and 31 days at most', () => {
    const dayMs = 24 * 60 * minuteMs;
    for (const [seconds, forMs] of [
      ['0', 1000],
      ['7200', 120 * minuteMs],
      ['9999999', 31 * dayMs],
    ] as const) {
      const { cooldown } = judge(402, { headers: { 'retry-after': seconds } });
      assert.deepEqual(cooldown, { scope: 'key', kind: 'until', forMs }, seconds);
    }
  });
});
