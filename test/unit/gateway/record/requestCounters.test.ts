import assert from 'node:assert/strict';
import type { UserPrices } from '../../../../src/core/record/prices.ts';
import type { AttemptRecord, RequestRecord } from '../../../../src/core/record/record.ts';
import { exposition } from '../../../../src/gateway/record/exposition.ts';
import { RequestCounters } from '../../../../src/gateway/record/requestCounters.ts';
import { familiesOf, metricsProblems, samplesOf, sampleValue } from '../../../support/store/metricsText.ts';
import { attemptRecord, requestRecord } from '../../ui/model/snapshotParts.ts';

const attempt = (parts: Partial<AttemptRecord> = {}) => attemptRecord({ sentModel: 'claude-opus-5', ...parts });
/** One that tells no tokens, unless they are given. */
const request = (parts: Partial<RequestRecord> = {}) =>
  requestRecord({
    ...{ model: 'claude-opus-5', attempts: [attempt()], firstByteMs: 100, totalMs: 1000, usage: undefined },
    ...parts,
  });

/** The text after these requests. */
function textAfter(requests: readonly RequestRecord[], prices: UserPrices = {}): string {
  const counters = new RequestCounters();
  counters.prices = prices;
  for (const one of requests) counters.count(one);
  const text = exposition(counters.families);
  assert.deepEqual(metricsProblems(text), []);
  return text;
}

describe('RequestCounters', () => {
  const usage = { inputTokens: 1000, outputTokens: 200, cacheReadTokens: 600, cacheWriteTokens: 300 };
  const labels = { endpoint: 'first', model: 'claude-opus-5' };

  it('begins with nothing, and names all its families all the same', () => {
    const text = textAfter([]);
    assert.equal(familiesOf(text).length, 9);
    assert.deepEqual(samplesOf(text), []);
  });

  it('counts a request by endpoint, model, route and end, and its times', () => {
    const text = textAfter([request(), request(), request({ terminal: 'truncated' })]);
    assert.equal(sampleValue(text, 'signalbox_requests_total', { ...labels, route: 'messages', end: 'ok' }), 2);
    assert.equal(sampleValue(text, 'signalbox_requests_total', { ...labels, route: 'messages', end: 'truncated' }), 1);
    assert.equal(sampleValue(text, 'signalbox_first_byte_seconds_count', { endpoint: 'first', route: 'messages' }), 3);
    assert.match(text, /signalbox_first_byte_seconds_bucket\{endpoint="first",route="messages",le="0.1"\} 3/);
    assert.match(text, /signalbox_request_duration_seconds_sum\{endpoint="first",route="messages"\} 3\n/);
  });

  it('counts each attempt by its class, and a failover where the endpoint changed', () => {
    const attempts = [
      attempt({ class: 'overloaded' }),
      attempt({ class: 'transient' }),
      attempt({ endpointId: 'second' }),
    ];
    const text = textAfter([request({ attempts, endpointId: 'second' })]);
    assert.equal(sampleValue(text, 'signalbox_attempts_total', { endpoint: 'first', class: 'overloaded' }), 1);
    assert.equal(sampleValue(text, 'signalbox_attempts_total', { endpoint: 'first', class: 'transient' }), 1);
    assert.equal(sampleValue(text, 'signalbox_attempts_total', { endpoint: 'second', class: 'success' }), 1);
    assert.equal(sampleValue(text, 'signalbox_failovers_total', { from: 'first', to: 'second' }), 1);
    assert.equal(samplesOf(text).filter(({ name }) => name === 'signalbox_failovers_total').length, 1);
    assert.match(text, /requests_total\{endpoint="second",.*end="failedOver"\} 1\n/);
  });

  it('counts tokens in one meaning, and what they cost', () => {
    const openai = request({
      dialect: 'openai',
      route: 'chat',
      attempts: [attempt({ sentModel: 'gpt-5' })],
      usage,
    });
    const text = textAfter([request({ usage }), openai]);
    const tokens = (model: string, type: string) =>
      sampleValue(text, 'signalbox_tokens_total', { endpoint: 'first', model, type });
    assert.deepEqual(
      ['input', 'output', 'cache_read', 'cache_write'].map((type) => tokens('claude-opus-5', type)),
      [1000, 200, 600, 300],
    );
    assert.equal(tokens('gpt-5', 'input'), 100, 'OpenAI counts cached tokens among the input');
    const cost = (1000 * 5 + 200 * 25 + 600 * 0.5 + 300 * 6.25) / 1e6;
    assert.ok(Math.abs((sampleValue(text, 'signalbox_cost_usd_total', labels) ?? 0) - cost) < 1e-12);
    assert.equal(sampleValue(text, 'signalbox_unpriced_tokens_total', labels), undefined);
  });

  it('counts tokens without a price apart, and none where none are known', () => {
    const text = textAfter([request({ usage }), request()], { 'claude-*': null });
    assert.equal(sampleValue(text, 'signalbox_unpriced_tokens_total', labels), 2100);
    assert.equal(sampleValue(text, 'signalbox_cost_usd_total', labels), undefined);
  });

  it('tells a number of models apart that clients cannot raise, nor fill with long names', () => {
    const requests = Array.from({ length: 1000 }, (_, index) =>
      request({ attempts: [attempt({ sentModel: `model-${index}-${'x'.repeat(5000)}` })], usage }),
    );
    const text = textAfter([...requests, request()]);
    const samples = samplesOf(text).filter(({ name }) => name === 'signalbox_requests_total');
    const models = samples.map((sample) => sample.labels['model'] ?? '');
    assert.equal(models.length, 51);
    assert.ok(models.every((model) => model.length <= 100));
    assert.equal(
      sampleValue(text, 'signalbox_requests_total', { ...labels, model: 'other', route: 'messages', end: 'ok' }),
      951,
    );
  });

  it('has no label of what a client has made up for a path', () => {
    const text = textAfter([request({ route: '/v1/files/secret-name', attempts: [], endpointId: undefined })]);
    assert.ok(!text.includes('secret-name'));
    assert.match(text, /requests_total\{endpoint="",model="claude-opus-5",route="other",end="ok"\} 1\n/);
  });
});
