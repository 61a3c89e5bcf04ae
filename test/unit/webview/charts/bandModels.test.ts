import assert from 'node:assert/strict';
import type { Metrics } from '../../../../src/contract/metrics.ts';
import { bandAt, bandText, bindingModel, stateModel } from '../../../../src/webview/charts/bandModels.ts';
import { webviewFormats, webviewTexts } from '../../../support/pages/webviewTexts.ts';
import { generatedMetrics } from '../../../support/store/generatedMetrics.ts';

const toMs = Date.UTC(2026, 10, 25, 12);
const fromMs = toMs - 3_600_000;
const empty = generatedMetrics({ fromMs, toMs, isEmpty: true });
const metrics: Metrics = {
  ...empty,
  states: [
    { endpointId: 'first', state: 'healthy', reason: '', fromMs, toMs: fromMs + 600_000 },
    { endpointId: 'second', state: 'healthy', reason: '', fromMs, toMs },
    { endpointId: 'first', state: 'open', reason: 'connection refused', fromMs: fromMs + 600_000, toMs },
  ],
  bindings: [
    { sessionId: 'abcdef1234567890', client: 'curl 8', endpointId: 'second', fromMs, toMs, requests: 1234 },
    { sessionId: 'feedfeedfeed', client: null, endpointId: 'first', fromMs, toMs, requests: 1 },
  ],
};
const nameOf = (id: string): string => (id === 'first' ? 'First' : id);

describe('the states of endpoints', () => {
  const model = stateModel(metrics, nameOf, webviewTexts, webviewFormats);

  it('are one row each, by name, with a legend of what is there', () => {
    assert.deepEqual(
      model.rows.map(({ label, bands }) => `${label}: ${bands.map((band) => band.label).join(', ')}`),
      ['First: healthy, paused', 'second: healthy'],
    );
    assert.deepEqual(
      model.legend.map(({ label }) => label),
      ['healthy', 'paused'],
    );
  });

  it('are told with their reason and their time', () => {
    const [row] = model.rows;
    const band = bandAt(row, fromMs + 600_000);
    assert.ok(row !== undefined && band !== undefined);
    const [head, reason, time] = bandText(row, band, webviewFormats);
    assert.deepEqual([head, reason], ['First: paused', 'connection refused']);
    assert.match(time ?? '', /\(50 min\)$/);
    assert.match(model.stepText(model.steps.atMs.length - 1), /, First paused \(connection refused\), second healthy$/);
    assert.equal(bandAt(row, toMs), undefined);
  });

  it('are summed up in words', () => {
    assert.equal(model.summary, 'First: paused 50 min, healthy 10 min. second: healthy 60 min.');
    const none = stateModel(empty, nameOf, webviewTexts, webviewFormats);
    assert.deepEqual([none.rows, none.summary], [[], 'No data for this range']);
    assert.equal(none.emptyText, 'No data for this range');
  });

  it('can be read as a table, a row for each band', () => {
    const { heads, rows } = model.table();
    assert.deepEqual(heads, ['Name', 'State', 'Reason', 'From', 'Until', 'Duration']);
    assert.equal(rows.length, 3);
    for (const row of rows) assert.equal(row.length, heads.length);
    assert.ok(rows.some(([name, state, reason]) => `${name} ${state} ${reason}` === 'First paused connection refused'));
  });
});

describe('where sessions went', () => {
  it('is one row a session, in the colours of endpoints that do not depend on who comes first', () => {
    const model = bindingModel(metrics, nameOf, webviewTexts, webviewFormats);
    assert.deepEqual(
      model.rows.map(({ label, bands }) => [label, bands[0]?.label, bands[0]?.ink, bands[0]?.detail]),
      [
        ['curl 8 · abcdef12', 'second', 'second', 'Requests: 1,234'],
        ['unknown · feedfeed', 'First', 'first', 'Requests: 1'],
      ],
    );
  });

  it('E: gives no two endpoints one colour: those that were used least are others', () => {
    const bindings = Array.from({ length: 9 }, (_, nth) => ({
      sessionId: `session-${nth}`,
      client: 'curl 8',
      endpointId: `endpoint-${nth}`,
      fromMs,
      toMs,
      requests: 10 + nth,
    }));
    const { rows, legend } = bindingModel({ ...metrics, bindings }, nameOf, webviewTexts, webviewFormats);
    const inks = rows.map(({ bands }) => bands[0]?.ink);
    assert.deepEqual(inks.slice(0, 3), ['quiet', 'quiet', 'quiet']);
    assert.equal(new Set(inks.slice(3)).size, 6);
    assert.deepEqual(legend.at(-1), { label: 'Other endpoints', ink: 'quiet' });
    assert.equal(legend.length, 7);
  });
});
