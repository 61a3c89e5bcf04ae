import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../../../src/contract/snapshot.ts';
import { told } from '../../../../../src/core/outcome/reason.ts';
import { endpointDetails } from '../../../../../src/ui/model/trees/endpointDetails.ts';
import { endpointSnapshot, openEndpoint, warmUpResult } from '../snapshotParts.ts';
import { englishContext, nowMs, wordlessContext, wordsIn } from '../viewContexts.ts';
import { spoken, textsOf } from './nodeTexts.ts';

const context = englishContext();
const cooldown = {
  scope: 'family:opus',
  ...told({ code: 'statusAndType', status: 429, type: 'rate_limit_error' }),
  sinceMs: nowMs,
  untilMs: nowMs + 42_000,
  quotaUntilMs: null,
};

/** The text of each line, by its label. */
function lines(parts: Partial<EndpointSnapshot>): Readonly<Record<string, string>> {
  const nodes = endpointDetails(endpointSnapshot(parts), context);
  return Object.fromEntries(nodes.map(({ label, description }) => [label, description ?? '']));
}

describe('endpointDetails', () => {
  it('of an endpoint that is well', () => {
    assert.deepEqual(lines({}), {
      State: 'healthy',
      'Circuit breaker': 'closed',
      'First byte': 'median 412 ms, p95 1.8 s · 99% succeed',
      Requests: '128 in total · 0 running',
      Connections: '2 open · 97% reused',
      'Bound sessions': '0',
      Address: 'https://api.example.com',
    });
  });

  it('say that it serves Claude Code by translation', () => {
    const text = lines({ dialect: 'openai', alsoServes: ['anthropic'] })['Serves'];
    assert.equal(text, 'OpenAI clients, and Claude Code by translation');
    assert.equal(lines({ dialect: 'openai', alsoServes: [] })['Serves'], undefined);
  });

  it('say where its proxy was written', () => {
    assert.equal(lines({ proxyFrom: 'http.proxy' })['Network proxy'], 'the setting http.proxy');
    const [line] = endpointDetails(endpointSnapshot({ proxyFrom: 'httpProxy' }), context, 'config').slice(-1);
    assert.equal(line?.description, 'httpProxy of its configuration');
  });

  it('of one that was not used yet leave out what nobody knows', () => {
    const connections = { open: 0, opened: 0, reuseRate: null };
    const unused = lines({ state: 'unused', requestCount: 0, firstByteMs: null, successRate: null, connections });
    assert.equal(unused['State'], 'not used yet');
    assert.equal(unused['First byte'], undefined);
    assert.equal(unused['Connections'], '0 open');
  });

  it('of one that is open say why, since when, until when, and the last error', () => {
    const { State, 'Last error': lastError, 'Circuit breaker': breaker } = lines(openEndpoint());
    assert.equal(State, 'paused after 3 failures: connection refused, back at 12:01 (since 11:59:42)');
    assert.equal(lastError, 'connection refused · 10 s ago');
    assert.equal(breaker, 'open · failures in a row: 3');
  });

  it('say what waits for a free place', () => {
    assert.equal(lines({ inFlight: 4, waiting: 2 })['Requests'], '128 in total · 4 running · 2 waiting');
  });

  it('have a line for each cooldown, with what it holds for', () => {
    const scopes = ['endpoint', 'key', 'family:opus', 'model:gpt-4o'];
    const shown = lines({ cooldowns: scopes.map((scope) => ({ ...cooldown, scope })) });
    assert.equal(shown['Cooldown of the endpoint'], 'until 12:01 · 429 rate_limit_error');
    assert.equal(shown['Cooldown of the key'], 'until 12:01 · 429 rate_limit_error');
    assert.equal(shown['Cooldown of opus'], 'until 12:01 · 429 rate_limit_error');
    assert.equal(shown['Cooldown of gpt-4o'], 'until 12:01 · 429 rate_limit_error');
  });

  it('say when a documented limit ends that is longer than the cooldown', () => {
    const long = { ...cooldown, quotaUntilMs: nowMs + 5 * 3_600_000 };
    assert.equal(
      lines({ cooldowns: [long] })['Cooldown of opus'],
      'until 12:01 · 429 rate_limit_error · the limit ends 17:00',
    );
  });

  // A request may name no model; its family has no name then.
  it('name a cooldown for requests without a model', () => {
    const [label = ''] = Object.keys(lines({ cooldowns: [{ ...cooldown, scope: 'family:' }] })).filter((one) =>
      one.startsWith('Cooldown'),
    );
    assert.match(label, /^Cooldown of \S/);
  });

  it('cut a model name that nobody would read to its end', () => {
    const cooldowns = [{ ...cooldown, scope: `model:${'very-long-'.repeat(25)}` }];
    for (const { label } of endpointDetails(endpointSnapshot({ cooldowns }), context)) {
      assert.ok(label.length <= 100, label);
    }
  });

  it('leave nothing untranslated', () => {
    const lastError = { class: 'transient', ...told({ code: 'connectionRefused' }), atMs: nowMs } as const;
    const breaker = { state: 'halfOpen', consecutiveFailures: 2, untilMs: null } as const;
    const endpoint = endpointSnapshot({
      lastError,
      breaker,
      waiting: 1,
      cooldowns: [{ ...cooldown, quotaUntilMs: nowMs + 1 }],
      lastWarmUp: warmUpResult(),
    });
    for (const text of textsOf(endpointDetails(endpoint, wordlessContext))) {
      assert.deepEqual(wordsIn(text, 'https://api.example.com', 'rate_limit_error', 'opus'), [], text);
    }
  });

  // A line without a label of its own is read out with its countdown, each time that it changes.
  it('let a screen reader say no countdown', () => {
    const endpoint = openEndpoint({ cooldowns: [cooldown] });
    const said = (atMs: number) =>
      endpointDetails(endpoint, englishContext(atMs))
        .filter(({ label }) => /State|Cooldown/.test(label))
        .map(spoken);
    assert.equal(said(nowMs).length, 2);
    assert.deepEqual(said(nowMs), said(nowMs + 7000));
  });

  it('is the last line but one of the details, with its age', () => {
    const shown = lines({ lastWarmUp: warmUpResult() });
    assert.equal(shown['Last check'], 'connected in 12 ms, answered in 35 ms, key accepted · 3 min ago');
  });
});
