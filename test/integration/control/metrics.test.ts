import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type Reply, send, type TestGateway } from '../../support/processes/startGateway.ts';
import { endpointConfig, messages, TestBed } from '../../support/processes/testBed.ts';
import { familiesOf, metricsProblems, samplesOf, sampleValue } from '../../support/store/metricsText.ts';

const docs = path.resolve(import.meta.dirname, '../../../docs');
const model = 'claude-opus-5';
const usage = { inputTokens: 1000, outputTokens: 200, cacheReadTokens: 600, cacheWriteTokens: 300 };

/** The series that a document lists: name, type, labels. */
function documented(file: string): string[] {
  const text = readFileSync(path.join(docs, file), 'utf8');
  return [...text.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(([, name, type, labels = '']) =>
    [name, type, ...labels.split(',').map((label) => label.trim().replaceAll('`', ''))].join(' ').trim(),
  );
}

/** The series of a scrape, in the same form; what a histogram adds of its own is left out. */
function series(text: string): string[] {
  const samples = samplesOf(text);
  return familiesOf(text).map(({ name, type }) => {
    const of = samples.find((one) => one.name === name || one.name === `${name}_sum`);
    assert.ok(of !== undefined, `${name} has no sample`);
    return [name, type, ...Object.keys(of.labels)].join(' ');
  });
}

describe('GET /metrics', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.gateway([first, second], { recovery: { enabled: false } });
  });
  afterEach(() => bed.close());

  const scrape = (): Promise<Reply> => gateway.control('GET', '/metrics');
  const say = (more: object = {}, text = 'hi') =>
    send(`${gateway.url}/v1/messages`, { json: { ...messages(text), model, ...more } });
  const value = async (name: string, labels: Readonly<Record<string, string>>) =>
    sampleValue((await scrape()).text, name, labels);

  /** Requests of all sorts: every series has a sample after them. */
  async function traffic(): Promise<void> {
    for (const one of [first, second]) one.behave({ kind: 'healthy', usage });
    assert.equal((await say()).status, 200);
    assert.equal((await say({ model: 'model-of-"nobody"\\\n' })).status, 200);
    first.behaveNext(anthropicError('overloaded_error'));
    assert.equal((await say({}, 'another')).status, 200);
    await gateway.until('all are recorded', ({ totals }) => totals.requests === 3);
  }

  it('is text that Prometheus can read and its linter has nothing against', async () => {
    assert.deepEqual(metricsProblems((await scrape()).text), [], 'before the first request');
    await traffic();
    const { status, headers, text } = await scrape();
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    assert.deepEqual(metricsProblems(text), []);
    assert.ok(samplesOf(text).some(({ labels }) => labels['model'] === 'model-of-"nobody"\\\\u{a}'));
  });

  it('has the series that its documentation lists, in both languages', async () => {
    const other = await bed.endpoint('other');
    const translated = endpointConfig(other, { dialect: 'openai', alsoServes: ['anthropic'], priority: 3 });
    const endpoints = [first, second].map((one, index) => endpointConfig(one, { priority: index + 1 }));
    const config = { recovery: { enabled: false }, endpoints: [...endpoints, translated] };
    gateway = await bed.gateway([first, second, other], config);
    await traffic();
    for (const one of [first, second]) one.behave(anthropicError('overloaded_error'));
    assert.equal((await say({ model: 'gpt' }, 'a third')).status, 200);
    await gateway.until('it is recorded', ({ totals }) => totals.requests === 4);
    const found = series((await scrape()).text);
    assert.deepEqual(documented('prometheus.md'), found);
    assert.deepEqual(documented('prometheus.zh-CN.md'), found);
  });

  it('counts what has happened when it is asked', async () => {
    await traffic();
    const { text } = await scrape();
    const at = (name: string, labels: Readonly<Record<string, string>>) => sampleValue(text, name, labels);
    const requests = { model, route: 'messages' };
    assert.equal(at('signalbox_requests_total', { ...requests, endpoint: 'first', end: 'ok' }), 1);
    assert.equal(at('signalbox_requests_total', { ...requests, endpoint: 'second', end: 'failedOver' }), 1);
    assert.equal(at('signalbox_attempts_total', { endpoint: 'first', class: 'overloaded' }), 1);
    assert.equal(at('signalbox_failovers_total', { from: 'first', to: 'second' }), 1);
    assert.equal(at('signalbox_tokens_total', { endpoint: 'first', model, type: 'cache_read' }), 600);
    const cost = (1000 * 5 + 200 * 25 + 600 * 0.5 + 300 * 6.25) / 1e6;
    assert.ok(Math.abs((at('signalbox_cost_usd_total', { endpoint: 'first', model }) ?? 0) - cost) < 1e-9);
    const unpriced = samplesOf(text).filter(({ name }) => name === 'signalbox_unpriced_tokens_total');
    assert.deepEqual(
      unpriced.map((one) => one.value),
      [2100],
    );
    assert.equal(at('signalbox_first_byte_seconds_count', { endpoint: 'second', route: 'messages' }), 1);
  });

  it('shows each endpoint and its breaker in one state, the one of the snapshot', async () => {
    await traffic();
    assert.equal((await gateway.control('POST', '/signalbox/endpoints/second/disable')).status, 200);
    const { text } = await scrape();
    const { endpoints } = await gateway.status();
    for (const name of ['signalbox_endpoint_state', 'signalbox_breaker_state']) {
      const set = samplesOf(text).filter((one) => one.name === name && one.value === 1);
      assert.deepEqual(
        set.map(({ labels }) => [labels['endpoint'], labels['state']]),
        endpoints.map(({ id, state, breaker }) => [id, name === 'signalbox_endpoint_state' ? state : breaker.state]),
      );
    }
    assert.equal(await value('signalbox_endpoint_state', { endpoint: 'second', state: 'disabled' }), 1);
  });

  it('shows what is under way, bound and open', async () => {
    first.behave({ kind: 'hang', at: { afterEvents: 1 } });
    const stream = await bed.stream(gateway, messages('hi', true));
    await gateway.until('it is under way', ({ endpoints }) => endpoints[0]?.sessionCount === 1);
    assert.equal(await value('signalbox_requests_in_flight', {}), 1);
    assert.equal(await value('signalbox_endpoint_requests_in_flight', { endpoint: 'first' }), 1);
    assert.equal(await value('signalbox_sessions', { endpoint: 'first' }), 1);
    assert.equal(await value('signalbox_connections_open', { endpoint: 'first' }), 1);
    stream.destroy();
    await gateway.until('it is over', ({ totals }) => totals.inFlight === 0);
    assert.equal(await value('signalbox_requests_in_flight', {}), 0);
    const labels = { endpoint: 'first', model: 'claude-simulated-1', route: 'messages', end: 'aborted' };
    assert.equal(await value('signalbox_requests_total', labels), 1);
  });

  it('takes prices of the configuration from the moment on that they hold', async () => {
    const window = await bed.windowGateway([first], { prices: { [model]: { input: 1, output: 0 } } });
    first.behave({ kind: 'healthy', usage: { ...usage, cacheReadTokens: 0, cacheWriteTokens: 0 } });
    const clientToken = readFileSync(path.join(window.stateDir, 'client-token'), 'utf8');
    const reply = await send(`${window.url}/v1/messages`, {
      json: { ...messages(), model },
      headers: { 'x-api-key': clientToken },
    });
    assert.equal(reply.status, 200, reply.text);
    const { text } = await window.control('GET', '/metrics');
    assert.equal(sampleValue(text, 'signalbox_cost_usd_total', { endpoint: 'first', model }), 0.001);
  });

  it('is for those who have the control token, and for GET', async () => {
    for (const headers of [{}, { authorization: 'Bearer x' }, { 'x-api-key': gateway.controlToken }]) {
      const { status, text } = await send(`${gateway.url}/metrics`, { method: 'GET', headers });
      assert.equal(status, 401);
      assert.ok(!text.includes('signalbox_'));
    }
    assert.equal((await gateway.control('POST', '/metrics', {})).status, 404);
    assert.equal((await gateway.control('GET', '/metrics/')).status, 404);
    assert.equal((await gateway.control('GET', '/metrics?x=1')).status, 200);
  });
});
