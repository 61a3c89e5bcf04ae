import assert from 'node:assert/strict';
import { noticesFor, type Situation } from '../../../src/webview/noticeModels.ts';
import { webviewTexts } from '../../support/pages/webviewTexts.ts';
import { generatedMetrics } from '../../support/store/generatedMetrics.ts';

const toMs = Date.UTC(2026, 10, 25, 12);
const some = generatedMetrics({ fromMs: toMs - 86_400_000, toMs });
const none = generatedMetrics({ fromMs: toMs - 86_400_000, toMs, isEmpty: true });
const calm: Situation = {
  standing: { kind: 'running' },
  hasEndpoints: true,
  metrics: some,
  refused: undefined,
  isNarrow: true,
};
const noticed = (change: Partial<Situation>) => noticesFor({ ...calm, ...change }, webviewTexts);
const labels = (change: Partial<Situation>): readonly string[] =>
  Object.entries(noticed(change)).map(
    ([place, one]) => `${place}: ${one?.title} [${one?.buttons.map((b: { label: string }) => b.label)}]`,
  );

describe('what the dashboard says instead of figures', () => {
  it('is nothing while all is well', () => {
    assert.deepEqual(noticed({}), {});
  });

  it('is that it loads, that the gateway is stopped, starts, fails or is too old, while there are none', () => {
    const metrics = undefined;
    assert.deepEqual(labels({ metrics }), ['whole: Loading []']);
    assert.deepEqual(labels({ metrics, standing: { kind: 'starting' } }), ['whole: Starting the gateway []']);
    assert.deepEqual(labels({ metrics, standing: { kind: 'stopped' } }), [
      'whole: The gateway is stopped [Start Gateway]',
    ]);
    assert.deepEqual(labels({ metrics, standing: { kind: 'old' } }), [
      'whole: The running gateway records no metrics [Restart Gateway]',
    ]);
    const offers = [{ label: 'Use Another Port', command: 'choosePort' as const }];
    assert.deepEqual(labels({ metrics, standing: { kind: 'failed', message: 'Port taken', offers } }), [
      'whole: The gateway is not running [Use Another Port]',
    ]);
    assert.deepEqual(labels({ metrics, refused: 'no' }), ['whole: The metrics could not be read [Try Again,Show Log]']);
  });

  it('leaves the figures where they are when the gateway goes away, and says that they are old', () => {
    const { banner, whole } = noticed({ standing: { kind: 'stopped' } });
    assert.equal(whole, undefined);
    assert.match(banner?.body ?? '', /Showing earlier data\./);
  });

  it('is how to begin, where nothing was ever recorded', () => {
    assert.deepEqual(labels({ metrics: none }), ['whole: No requests yet [Copy Base URL]']);
    assert.deepEqual(labels({ metrics: none, hasEndpoints: false }), ['whole: No requests yet [Add Endpoint]']);
  });

  it('is where to look, where only this range or filter has nothing', () => {
    const metrics = { ...none, store: { kind: 'ok', sizeBytes: 1, oldestMs: toMs - 1e9 } as const };
    assert.deepEqual(labels({ metrics }), ['whole: No requests in this range [Show the last year]']);
  });

  it('is the setting, where metrics are off', () => {
    const metrics = { ...none, store: { kind: 'off' } as const };
    assert.deepEqual(labels({ metrics }), ['whole: Metrics are switched off [Open the setting]']);
    assert.deepEqual(labels({ metrics: { ...some, store: { kind: 'off' } } }), [
      'banner: Metrics are switched off [Open the setting]',
    ]);
  });

  it('is why records are in memory only, and what to do, for each cause', () => {
    const causes = ['missing', 'locked', 'readOnly', 'full', 'newer', 'corrupt', 'failed'] as const;
    const bodies = causes.map((cause) => {
      const metrics = { ...some, store: { kind: 'degraded', cause, reason: 'EWHY' } as const };
      const { banner } = noticed({ metrics });
      assert.equal(banner?.kind, 'warning');
      assert.match(banner?.body ?? '', /System error: EWHY$/, cause);
      return banner?.body;
    });
    assert.equal(new Set(bodies).size, causes.length);
  });
});
