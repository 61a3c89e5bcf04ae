import assert from 'node:assert/strict';
import { requestEnd } from '../../../../src/core/record/requestEnd.ts';
import { requestDetails, requestRow } from '../../../../src/webview/requests/requestModels.ts';
import { webviewFormats, webviewTexts } from '../../../support/pages/webviewTexts.ts';
import { generatedRequests } from '../../../support/store/generatedRequests.ts';

const toMs = Date.UTC(2026, 10, 25, 12);
const { requests } = generatedRequests(toMs - 3_600_000, toMs);
const nameOf = (id: string): string => id.toUpperCase();

describe('a request in the list', () => {
  it('ended as the store counts it', () => {
    const ends = new Set<string>();
    for (const request of requests) {
      const { end } = requestRow(request, nameOf, webviewTexts, webviewFormats);
      const text = webviewTexts.ends[requestEnd(request)];
      assert.ok(end === text || end === `${request.status} · ${text}`, end);
      ends.add(text);
    }
    assert.ok(ends.size > 3);
  });

  it('says where it went, how it ended and what it used', () => {
    const saved = requests[2];
    assert.ok(saved);
    const { endpoint, end, ink, tokens, model } = requestRow(saved, nameOf, webviewTexts, webviewFormats);
    assert.deepEqual([endpoint, end, ink, model], ['COMPANY', 'succeeded after failover', 'saved', 'claude-haiku-4-5']);
    assert.equal(tokens, '51.1k → 382');
    const failed = requests[4];
    assert.ok(failed);
    const row = requestRow(failed, nameOf, webviewTexts, webviewFormats);
    assert.deepEqual([row.endpoint, row.end, row.cost], ['ANTHROPIC', '400 · client error', '—']);
  });
});

describe('the waterfall of a request', () => {
  it('lies within its whole time, each attempt after the one before', () => {
    for (const request of requests) {
      const { attempts } = requestDetails(request, nameOf, webviewTexts, webviewFormats);
      assert.equal(attempts.length, request.attempts.length);
      let before = 0;
      for (const { stretches } of attempts) {
        for (const { from, width } of stretches) {
          assert.ok(from >= before - 0.01 && from + width <= 100.01, `${from} + ${width}`);
          before = from + width;
        }
      }
    }
  });

  it('tells why an endpoint was chosen and others were not, on what connection, and what may have been billed', () => {
    const saved = requests[2];
    assert.ok(saved);
    const [first, second] = requestDetails(saved, nameOf, webviewTexts, webviewFormats).attempts;
    assert.equal(first?.outcome, 'overloaded: 529 overloaded_error');
    assert.deepEqual(first?.facts, [
      ['Chosen', 'bound'],
      ['', 'new connection'],
      ['', 'may have been billed'],
      ['Skipped', 'RELAY: paused after failures: connection refused'],
    ]);
    assert.equal(second?.outcome, 'ok');
    assert.deepEqual(
      second?.stretches.map(({ kind }) => kind),
      ['waiting', 'answering'],
    );
  });
});
