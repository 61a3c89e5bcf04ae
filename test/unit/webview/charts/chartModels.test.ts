import assert from 'node:assert/strict';
import { chartModels, stepRange, successOf } from '../../../../src/webview/charts/chartModels.ts';
import { webviewFormats, webviewTexts } from '../../../support/pages/webviewTexts.ts';
import { generatedMetrics } from '../../../support/store/generatedMetrics.ts';

const dayMs = 86_400_000;
const toMs = Date.UTC(2026, 10, 25, 12);
const ranges = [1 / 24, 0.25, 1, 7, 30, 90, 365].map((days) => toMs - days * dayMs);

describe('the charts', () => {
  for (const fromMs of ranges) {
    const metrics = generatedMetrics({ fromMs, toMs });
    const models = chartModels(metrics, webviewTexts, webviewFormats);

    it(`show every request once over ${(toMs - fromMs) / 3_600_000} hours`, () => {
      const ends = models.find(({ name }) => name === 'ends');
      const shown = ends?.series.reduce(
        (all, { values }) => all + values.reduce<number>((sum, one) => sum + (one ?? 0), 0),
        0,
      );
      const expected = Object.values(metrics.series.ends)
        .flat()
        .reduce((all, one) => all + one, 0);
      assert.equal(shown, expected);
    });

    it(`have as many values as steps over ${(toMs - fromMs) / 3_600_000} hours`, () => {
      for (const { name, series, steps } of models) {
        for (const { label, values } of series) assert.equal(values.length, steps.atMs.length, `${name} ${label}`);
      }
    });
  }

  it('say in words what they show', () => {
    for (const { name, summary } of chartModels(
      generatedMetrics({ fromMs: toMs - dayMs, toMs }),
      webviewTexts,
      webviewFormats,
    )) {
      assert.match(summary, /\d/, name);
      assert.doesNotMatch(summary, /[{}]|undefined|NaN/, name);
    }
  });

  it('are empty, and say so, where nothing happened', () => {
    const nothing = generatedMetrics({ fromMs: toMs - dayMs, toMs, isEmpty: true });
    for (const { name, emptyText, summary } of chartModels(nothing, webviewTexts, webviewFormats)) {
      assert.ok(emptyText, name);
      assert.equal(summary, 'Nothing in this range', name);
    }
  });

  it('tell each step to who cannot see it', () => {
    const metrics = generatedMetrics({ fromMs: toMs - dayMs, toMs });
    const model = chartModels(metrics, webviewTexts, webviewFormats).find(({ name }) => name === 'firstByte');
    assert.ok(model);
    assert.match(model.stepText(0), /^Nov \d+, \d\d:\d\d, median .+, 95th percentile .+$/);
    assert.equal(model.stepText(10_000), '');
  });
});

describe('a step', () => {
  it('stands for the time until the next one, within what was asked for', () => {
    const steps = { atMs: [100, 200, 300], stepMs: 100 };
    const within = { fromMs: 150, toMs: 350 };
    assert.deepEqual(
      [0, 1, 2].map((index) => stepRange(steps, index, within)),
      [
        { fromMs: 150, toMs: 200 },
        { fromMs: 200, toMs: 300 },
        { fromMs: 300, toMs: 350 },
      ],
    );
  });
});

describe('the success rate', () => {
  it('leaves out what clients broke off or spoiled', () => {
    assert.equal(successOf({ ok: 8, failedOver: 1, aborted: 50, clientFault: 50, truncated: 1 }), 0.9);
    assert.equal(successOf({ aborted: 5, clientFault: 3 }), null);
  });
});
