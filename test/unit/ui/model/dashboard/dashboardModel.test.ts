import assert from 'node:assert/strict';
import { metricsRequest, requestsRequest } from '../../../../../src/contract/metrics.ts';
import { dashboardHtml } from '../../../../../src/ui/model/dashboard/dashboardHtml.ts';
import {
  exportName,
  instantsOf,
  metricsQuery,
  requestsQuery,
} from '../../../../../src/ui/model/dashboard/dashboardRange.ts';
import { standingOf } from '../../../../../src/ui/model/dashboard/dashboardStanding.ts';
import { metricsInWords, requestsInWords } from '../../../../../src/ui/model/dashboard/dashboardWords.ts';
import { generatedMetrics } from '../../../../support/store/generatedMetrics.ts';
import { generatedRequests } from '../../../../support/store/generatedRequests.ts';

const nowMs = Date.UTC(2026, 10, 25, 12);
const t = (message: string, ...args: (string | number)[]): string =>
  `<${message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]))}>`;

describe('a range of the dashboard', () => {
  it('ends now, or where it was drawn', () => {
    assert.deepEqual(instantsOf({ kind: 'last', span: 'week' }, nowMs), {
      fromMs: nowMs - 7 * 86_400_000,
      toMs: nowMs,
    });
    assert.deepEqual(instantsOf({ kind: 'between', fromMs: 10.7, toMs: 20.2 }, nowMs), { fromMs: 10, toMs: 21 });
    assert.deepEqual(instantsOf({ kind: 'between', fromMs: 30, toMs: 20 }, nowMs), { fromMs: 30, toMs: 30 });
  });

  it('asks in the words of the contract', () => {
    const range = { kind: 'last', span: 'hour' } as const;
    const asked = Object.fromEntries(new URLSearchParams(metricsQuery(range, { model: 'a/b & c' }, nowMs)));
    assert.deepEqual(metricsRequest.parse(asked), { from: nowMs - 3_600_000, to: nowMs, model: 'a/b & c' });
    const query = { range, session: 's', end: 'truncated', class: 'auth', cursor: 'x+y' } as const;
    assert.deepEqual(requestsRequest.parse(Object.fromEntries(new URLSearchParams(requestsQuery(query, 50, nowMs)))), {
      from: nowMs - 3_600_000,
      to: nowMs,
      session: 's',
      end: 'truncated',
      class: 'auth',
      cursor: 'x+y',
      limit: 50,
    });
  });

  it('names the file that it is exported to', () => {
    assert.match(
      exportName({ kind: 'last', span: 'week' }, 'csv', nowMs),
      /^signalbox-2026-11-18-to-2026-11-2[56]\.csv$/,
    );
    assert.match(
      exportName({ kind: 'between', fromMs: nowMs, toMs: nowMs + 1 }, 'json', nowMs),
      /^signalbox-2026-11-2\d\.json$/,
    );
  });
});

describe('the page', () => {
  const html = dashboardHtml({
    script: 'https://host/a.js?"<',
    style: 'https://host/a.css',
    cspSource: 'https://host',
    nonce: 'abc',
    language: 'zh-cn',
    title: 'A & B',
  });

  it('may load its own script and style sheet and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
    assert.equal(
      policy,
      "default-src 'none'; script-src 'nonce-abc'; style-src https://host; base-uri 'none'; form-action 'none'",
    );
    assert.doesNotMatch(html, /unsafe|\son\w+=|style="/);
  });

  it('takes nothing for markup that is an address or a title', () => {
    assert.match(html, /src="https:\/\/host\/a\.js\?&quot;&lt;"/);
    assert.match(html, /<title>A &amp; B<\/title>/);
  });
});

describe('what the gateway says in English', () => {
  it('reaches the page in the language of the window', () => {
    const metrics = metricsInWords(generatedMetrics({ fromMs: nowMs - 86_400_000, toMs: nowMs }), t);
    assert.ok(metrics.states.some(({ reason }) => reason === '<connection refused>'));
    assert.ok(metrics.sessions.every(({ client }) => client !== null));
    const [, , saved] = requestsInWords(generatedRequests(nowMs - 1000, nowMs), t).requests;
    assert.equal(saved?.client, 'Claude Code 2.1.330');
    assert.deepEqual(
      saved?.attempts.map(({ chosenBecause, reason }) => [chosenBecause, reason]),
      [
        ['<session is bound here>', '529 overloaded_error'],
        ['<priority 2>', '<ok>'],
      ],
    );
    assert.equal(saved?.attempts[0]?.passedOver[0]?.reason, '<paused after failures: <connection refused>>');
  });
});

describe('how the gateway stands', () => {
  it('comes with what helps when it fails', () => {
    const standing = standingOf({ kind: 'failed', failure: { kind: 'portTaken', port: 8417 } }, false, t);
    assert.equal(standing.kind, 'failed');
    assert.deepEqual(standing.kind === 'failed' && standing.offers.map(({ command }) => command), [
      'choosePort',
      'start',
    ]);
    assert.deepEqual(standingOf({ kind: 'stopped' }, true, t), { kind: 'stopped' });
  });
});
