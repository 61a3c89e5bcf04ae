import assert from 'node:assert/strict';
import { nextSorting, sortedRows, tableModels } from '../../../src/webview/tables/tableModels.ts';
import { failuresOf, tileModels } from '../../../src/webview/tables/tileModels.ts';
import { webviewFormats, webviewTexts } from '../../support/pages/webviewTexts.ts';
import { generatedMetrics } from '../../support/store/generatedMetrics.ts';

const toMs = Date.UTC(2026, 10, 25, 12);
const metrics = generatedMetrics({ fromMs: toMs - 7 * 86_400_000, toMs });
const nothing = generatedMetrics({ fromMs: toMs - 3_600_000, toMs, isEmpty: true });

describe('the key figures', () => {
  const textOf = (from: typeof metrics): Readonly<Record<string, string>> =>
    Object.fromEntries(
      tileModels(from, webviewTexts, webviewFormats).map((one) => [one.id, `${one.value} (${one.note})`]),
    );

  it('are those of the totals', () => {
    const told = textOf({
      ...metrics,
      totals: {
        ...metrics.totals,
        requests: 1000,
        ends: {
          ok: 900,
          failedOver: 50,
          clientFault: 20,
          aborted: 10,
          truncated: 5,
          endpointError: 10,
          gatewayError: 5,
        },
        reusedConnections: 930,
        knownConnections: 1000,
        sameEndpoint: 95,
        withPredecessor: 100,
        costUsd: 12.5,
        unpricedTokens: 0,
        meanTotalMs: 11_400,
        tokens: { input: 1000, cacheRead: 8000, cacheWrite: 1000, output: 500 },
      },
    });
    assert.equal(told['requests'], '1,000 (20 failed)');
    assert.equal(told['success'], '97.9% (excluding client errors)');
    assert.equal(told['total'], '11.4 s (mean · 95% within 33.0 s)');
    assert.equal(told['failovers'], '50 (5.0% of all requests)');
    assert.equal(told['failoverTime'], '940 ms (median · 95% within 3.10 s)');
    assert.equal(told['reuse'], '93.0% (930 of 1,000 attempts)');
    assert.equal(told['consistency'], '95.0% (stayed on their endpoint)');
    assert.equal(told['clientShare'], '50.0% (20 of 40 failures)');
    assert.equal(told['cacheHits'], '80.0% (of input tokens)');
    assert.equal(told['tokens'], '10.5k (10k in · 500 out)');
    assert.equal(told['cost'], '$12.50 (prices as of 11/1/26)');
  });

  it('say what has no price beside the cost', () => {
    assert.match(textOf(metrics)['cost'] ?? '', /184k tokens unpriced · 11\/1\/26/);
  });

  it('claim nothing where nothing was measured', () => {
    const told = textOf(nothing);
    for (const id of ['success', 'firstByte', 'total', 'failoverTime', 'reuse', 'consistency', 'clientShare']) {
      assert.match(told[id] ?? '', /^— /, id);
    }
  });

  it('do not count what clients broke off among the failures', () => {
    assert.deepEqual(failuresOf({ aborted: 7, clientFault: 2, endpointError: 1 }), {
      ofClients: 2,
      ofEndpoints: 1,
      all: 3,
    });
  });
});

describe('the tables', () => {
  const models = tableModels(metrics, (id) => id.toUpperCase(), webviewTexts, webviewFormats);

  it('have a cell for each column', () => {
    assert.deepEqual(
      models.map(({ id }) => id),
      ['endpoints', 'models', 'sessions', 'days'],
    );
    for (const { id, columns, rows } of models) {
      assert.ok(rows.length > 2, id);
      for (const row of rows) assert.equal(row.cells.length, columns.length, `${id} ${row.id}`);
    }
  });

  it('give no price to a model that has none', () => {
    const [, byModel] = models;
    assert.equal(byModel?.rows.find(({ id }) => id === 'local-small')?.cells.at(-1)?.text, 'no price');
  });

  it('are sorted by a column, one way and the other', () => {
    const rows = models[0]?.rows ?? [];
    const idsBy = (column: number, isDescending: boolean) =>
      sortedRows(rows, { column, isDescending }).map(({ id }) => id);
    assert.deepEqual(idsBy(0, false), ['anthropic', 'company', 'relay']);
    assert.deepEqual(idsBy(1, false), ['relay', 'company', 'anthropic']);
    assert.deepEqual(sortedRows(rows, undefined), rows);
    const first = nextSorting(undefined, 1, true);
    assert.deepEqual([first.isDescending, nextSorting(first, 1, true).isDescending], [true, false]);
    assert.equal(nextSorting(first, 0, false).isDescending, false);
  });
});
