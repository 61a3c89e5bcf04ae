import assert from 'node:assert/strict';
import type { Metrics } from '../../../../src/contract/metrics.ts';
import { type Look, MetricsAhead } from '../../../../src/ui/dashboard/metricsAhead.ts';
import { generatedMetrics } from '../../../support/store/generatedMetrics.ts';

const hour: Look = { range: { kind: 'last', span: 'hour' }, filter: {} };
const year: Look = { range: { kind: 'last', span: 'year' }, filter: { endpoint: 'relay' } };

describe('figures that are asked for ahead of the page', () => {
  let nowMs: number;
  let asked: Look[];
  let isFailing: boolean;
  let ahead: MetricsAhead;
  beforeEach(() => {
    nowMs = 0;
    asked = [];
    isFailing = false;
    ahead = new MetricsAhead(
      async (look) => {
        asked.push(look);
        if (isFailing) throw new Error('nobody answers');
        return figures(asked.length);
      },
      () => nowMs,
    );
  });

  /** Figures that tell by their end which question they answer. */
  function figures(nth: number): Metrics {
    return generatedMetrics({ fromMs: 0, toMs: nth, isEmpty: true });
  }

  it('are those of the last hour for a new page, and are used once', async () => {
    ahead.begin();
    assert.deepEqual(asked, [hour]);
    assert.equal((await ahead.of(hour)).toMs, 1);
    assert.equal((await ahead.of(hour)).toMs, 2);
  });

  it('are those that a page showed last when it is made anew', async () => {
    await ahead.of(year);
    ahead.begin();
    assert.deepEqual(asked, [year, year]);
    assert.equal((await ahead.of(year)).toMs, 2);
    assert.equal(asked.length, 2);
  });

  it('are left alone by a page that wants others', async () => {
    ahead.begin();
    assert.equal((await ahead.of(year)).toMs, 2);
    assert.deepEqual(asked, [hour, year]);
  });

  it('are asked for anew when the page has taken its time', async () => {
    ahead.begin();
    nowMs = 2000;
    assert.equal((await ahead.of(hour)).toMs, 2);
  });

  it('are asked for anew when they could not be had, which is told when they still cannot', async () => {
    isFailing = true;
    ahead.begin();
    await assert.rejects(ahead.of(hour), /nobody answers/);
    assert.equal(asked.length, 2);
    ahead.begin();
    isFailing = false;
    assert.equal((await ahead.of(hour)).toMs, 4);
  });
});
