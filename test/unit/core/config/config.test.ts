import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Config, parseConfig } from '../../../../src/core/config/config.ts';
import type { ConfigProblem } from '../../../../src/core/config/configProblems.ts';
import { problemInEnglish } from '../../../../src/core/config/problem.ts';

const endpoint = { id: 'first', baseUrl: 'https://api.example.com' };

function configOf(input: unknown): Config {
  const result = parseConfig(input);
  assert.ok(result.kind === 'ok', JSON.stringify(result));
  return result.config;
}

function problemsOf(input: unknown): readonly ConfigProblem[] {
  const result = parseConfig(input);
  assert.ok(result.kind === 'bad', 'was accepted');
  return result.problems;
}

/** The problem at this place; each has words and a code. */
function problemAt(path: string, input: unknown): ConfigProblem {
  const problems = problemsOf(input);
  const found = problems.find((problem) => problem.path === path);
  assert.ok(found !== undefined, `${path} is not among ${JSON.stringify(problems)}`);
  for (const { message, why } of problems) assert.equal(message, why && problemInEnglish(why));
  return found;
}

describe('parseConfig, defaults', () => {
  it('are those of the documentation', () => {
    const config = configOf({});
    assert.deepEqual(
      [config.port, config.strategy, config.endpoints, config.clientToken],
      [8417, 'priority', [], undefined],
    );
    assert.deepEqual(config.retry, { maxAttempts: 3, preCommitSeconds: 180 });
    assert.deepEqual(config.breaker, { failureThreshold: 3, openSeconds: 60, maxOpenSeconds: 300 });
    assert.deepEqual(config.affinity, { enabled: true, ttlMinutes: 300, goHomeAfterIdleSeconds: 300 });
    assert.deepEqual(config.recovery, { enabled: true, intervalSeconds: 60 });
    assert.deepEqual(config.warmup, { onStart: true });
    assert.deepEqual(config.timeouts, { connectMs: 5000, firstByteMs: 120_000, idleMs: 240_000 });
    assert.equal(config.limits.bodyBytes, 33_554_432);
    assert.equal(config.limits.connectionsPerEndpoint, 256);
    assert.equal(config.limits.keepAliveMs, 60_000);
    assert.deepEqual([config.rules, config.allowedHosts, config.httpProxy, config.lingerSeconds], [[], [], null, 1800]);
    assert.deepEqual([config.noProxy, config.caCertificates, config.httpProxyFrom], [[], [], undefined]);
    assert.equal(config.stream.breakStyle, 'destroy');
    assert.deepEqual(config.prices, {});
  });

  it('F21: take the break style of earlier settings, and say so', () => {
    const result = parseConfig({ stream: { breakStyle: 'auto' } });
    assert.ok(result.kind === 'ok');
    assert.equal(result.config.stream.breakStyle, 'destroy');
    assert.match(result.notes.join(), /^stream\.breakStyle: "auto"/);
    for (const breakStyle of ['destroy', 'event', undefined]) {
      const kept = parseConfig({ stream: { breakStyle } });
      assert.ok(kept.kind === 'ok');
      assert.deepEqual([kept.config.stream.breakStyle, kept.notes], [breakStyle ?? 'destroy', []]);
    }
  });

  it('fill what a section leaves out', () => {
    const config = configOf({ retry: { maxAttempts: 2 }, breaker: { openSeconds: 10 } });
    assert.deepEqual(config.retry, { maxAttempts: 2, preCommitSeconds: 180 });
    assert.deepEqual(config.breaker, { failureThreshold: 3, openSeconds: 10, maxOpenSeconds: 300 });
  });

  it('complete an endpoint, by its dialect', () => {
    const [first, second] = configOf({
      endpoints: [endpoint, { ...endpoint, id: 'second', dialect: 'openai' }],
    }).endpoints;
    assert.ok(first !== undefined && second !== undefined);
    const { name, dialect, auth, priority, weight, enabled, maxConcurrent, models, modelMap, headers } = first;
    assert.deepEqual([name, dialect, auth, priority, weight], ['first', 'anthropic', 'x-api-key', 1, 100]);
    assert.deepEqual([enabled, maxConcurrent, models, modelMap, headers], [true, null, undefined, {}, {}]);
    assert.equal(second.auth, 'bearer');
  });

  // Without the example's `metrics` section: that comes with the store.
  it('let the documented example be accepted', () => {
    const example = {
      port: 8417,
      clientToken: 'env:SIGNALBOX_TOKEN',
      strategy: 'priority',
      endpoints: [
        {
          ...{ id: 'first', name: 'First party', baseUrl: 'https://api.example.com', dialect: 'anthropic' },
          ...{
            auth: 'x-api-key',
            apiKey: 'env:FIRST_KEY',
            priority: 1,
            weight: 100,
            enabled: true,
            maxConcurrent: null,
          },
          ...{ models: ['claude-*'], modelMap: { 'claude-haiku-*': 'small-model' }, headers: {}, httpProxy: null },
        },
      ],
      retry: { maxAttempts: 3, preCommitSeconds: 180 },
      breaker: { failureThreshold: 3, openSeconds: 60, maxOpenSeconds: 300 },
      affinity: { enabled: true, ttlMinutes: 300, goHomeAfterIdleSeconds: 300 },
      recovery: { enabled: true, intervalSeconds: 60 },
      warmup: { onStart: true },
      timeouts: { connectMs: 5000, firstByteMs: 120_000, idleMs: 240_000 },
      limits: { bodyBytes: 33_554_432, connectionsPerEndpoint: 256, keepAliveMs: 60_000 },
      ...{ rules: [], allowedHosts: [], httpProxy: null, lingerSeconds: 1800 },
    };
    assert.equal(configOf(example).endpoints[0]?.name, 'First party');
  });

  it('stay the same when the result is parsed again', () => {
    const config = configOf({ endpoints: [endpoint], rules: [{ status: 400, class: 'billing' }] });
    assert.deepEqual(configOf(JSON.parse(JSON.stringify(config))), config);
  });
});

describe('parseConfig, what is wrong', () => {
  const withEndpoint = (more: object) => ({ endpoints: [endpoint, { ...endpoint, id: 'second', ...more }] });

  it('has a place, words and an example', () => {
    const cases: [string, unknown][] = [
      ['port', { port: 70_000 }],
      ['port', { port: '8417' }],
      ['port', { port: 80.5 }],
      ['strategy', { strategy: 'best' }],
      ['clientToken', { clientToken: 'short' }],
      ['httpProxy', { httpProxy: 'socks4://x' }],
      ['httpProxy', { httpProxy: 'x' }],
      ['httpProxy', { httpProxy: 'socks5://' }],
      ['noProxy', { noProxy: 'localhost' }],
      ['noProxy[1]', { noProxy: ['a', ''] }],
      ['caCertificates[0]', { caCertificates: ['company.pem'] }],
      ['endpoints', { endpoints: {} }],
      ['prices', { prices: [] }],
      ['prices.a-*', { prices: { 'a-*': 3 } }],
      ['prices.a-*.output', { prices: { 'a-*': { input: 3 } } }],
      ['prices.gpt-4.1.cacheRead', { prices: { 'gpt-4.1': { input: 3, output: 1, cacheRead: -1 } } }],
      ['endpoints[1].id', withEndpoint({ id: 'Second' })],
      ['endpoints[1].id', withEndpoint({ id: '-x' })],
      ['endpoints[1].id', withEndpoint({ id: 'x'.repeat(33) })],
      ['endpoints[1].id', withEndpoint({ id: undefined })],
      ['endpoints[1].baseUrl', withEndpoint({ baseUrl: 'api.example.com' })],
      ['endpoints[1].baseUrl', withEndpoint({ baseUrl: 'ftp://api.example.com' })],
      ['endpoints[1].baseUrl', withEndpoint({ baseUrl: undefined })],
      ['endpoints[1].baseUrl', withEndpoint({ baseUrl: 'http://localhost:8417' })],
      ['endpoints[1].dialect', withEndpoint({ dialect: 'gemini' })],
      ['endpoints[1].auth', withEndpoint({ auth: 'basic' })],
      ['endpoints[1].apiKey', withEndpoint({ apiKey: 'sk-ant-a-real-key' })],
      ['endpoints[1].priority', withEndpoint({ priority: 0 })],
      ['endpoints[1].weight', withEndpoint({ weight: -1 })],
      ['endpoints[1].models', withEndpoint({ models: 'claude-*' })],
      ['endpoints[1].enabled', withEndpoint({ enabled: 'yes' })],
    ];
    for (const [path, input] of cases) {
      const { message, example } = problemAt(path, input);
      assert.match(message, /\w/);
      assert.equal(typeof example, 'string', `${path}: ${message}`);
    }
  });

  it('is told for an element, with its place in the list', () => {
    const rules = [{ class: 'billing' }, { status: 400, class: 'bad luck' }];
    const { why } = problemAt('rules[1].class', { rules });
    assert.match(why?.code === 'notOneOf' ? why.values : '', /"billing", /);
    problemAt('rules[0].status', { rules: [{ status: 200, class: 'request' }] });
    problemAt('endpoints[0].models[1]', { endpoints: [{ ...endpoint, models: ['a', 5] }] });
    problemAt('breaker.openSeconds', { breaker: { openSeconds: -1 } });
    problemAt('retry', { retry: 3 });
    problemAt('(document)', 'text');
    problemAt('(document)', null);
  });

  it('is a name that is not known', () => {
    assert.deepEqual(problemAt('colour', { colour: [] }).why, { code: 'unknownName' });
    problemAt('endpoints[0].url', { endpoints: [{ ...endpoint, url: 'x' }] });
    problemAt('breaker.treshold', { breaker: { treshold: 3 } });
  });

  it('C8: a misspelt name is told with the one that was meant, once, and with an example', () => {
    const names: Readonly<Record<string, string>> = {
      baseURL: 'baseUrl',
      base_url: 'baseUrl',
      url: 'baseUrl',
      api_key: 'apiKey',
      key: 'apiKey',
      wieght: 'weight',
      modelsMap: 'modelMap',
    };
    for (const [given, meant] of Object.entries(names)) {
      const one = { id: 'first', ...(meant === 'baseUrl' ? {} : { baseUrl: 'https://api.example.com' }), [given]: 1 };
      const problems = problemsOf({ endpoints: [one] });
      assert.equal(problems.length, 1, `${given}: ${JSON.stringify(problems)}`);
      assert.deepEqual(problems[0]?.why, { code: 'misspelt', name: meant });
      assert.equal(problems[0]?.path, `endpoints[0].${given}`);
    }
    assert.match(problemsOf({ endpoints: [{ id: 'a', baseURL: 'x' }] })[0]?.example ?? '', /"baseUrl": "https:/);
    assert.deepEqual(problemAt('retry.maxAtempts', { retry: { maxAtempts: 3 } }).why, {
      code: 'misspelt',
      name: 'maxAttempts',
    });
    assert.deepEqual(problemAt('endpoint', { endpoint: [] }).why, { code: 'misspelt', name: 'endpoints' });
    const price = problemAt('prices.a-*.outputs', { prices: { 'a-*': { input: 1, output: 1, outputs: 1 } } });
    assert.deepEqual(price.why, { code: 'misspelt', name: 'output' });
    for (const other of ['x', 'zz', 'completely-different', '', '日本']) {
      assert.deepEqual(problemAt(other, { [other]: 1 }).why, { code: 'unknownName' }, other);
    }
  });

  it('C8: a variable as a shell writes it is told with its reference; a key is not repeated', () => {
    for (const apiKey of ['$OTHER_KEY', `\${OTHER_KEY}`, '%OTHER_KEY%']) {
      assert.equal(problemAt('endpoints[1].apiKey', withEndpoint({ apiKey })).example, '"apiKey": "env:OTHER_KEY"');
    }
    assert.doesNotMatch(JSON.stringify(problemsOf(withEndpoint({ apiKey: 'sk-planted-0123' }))), /planted/);
  });

  it('C8: an address that lacks only the scheme is told so', () => {
    for (const baseUrl of ['127.0.0.1:9001', 'api.example.com', 'localhost:11434', 'relay.example.com/api/v1']) {
      assert.deepEqual(problemAt('endpoints[1].baseUrl', withEndpoint({ baseUrl })).why, { code: 'notHttpUrl' });
    }
    for (const baseUrl of ['', 'not an address', 'https://']) {
      assert.deepEqual(problemAt('endpoints[1].baseUrl', withEndpoint({ baseUrl })).why, { code: 'notUrl' }, baseUrl);
    }
  });

  it('is an id that is used twice', () => {
    const { why, example } = problemAt('endpoints[2].id', {
      endpoints: [endpoint, { ...endpoint, id: 'b' }, endpoint],
    });
    assert.deepEqual(why, { code: 'repeatedId', id: 'first', place: 'endpoints[0]' });
    assert.equal(typeof example, 'string');
  });

  it('is a longest open time below the first', () => {
    const { why } = problemAt('breaker.maxOpenSeconds', { breaker: { openSeconds: 120, maxOpenSeconds: 60 } });
    assert.deepEqual(why, { code: 'belowOpenSeconds', limit: 120 });
  });

  it('is told all at once', () => {
    const input = { port: -1, strategy: 'x', endpoints: [{ id: 'A', baseUrl: 'x' }], retry: { maxAttempts: 0 } };
    const paths = problemsOf(input)
      .map(({ path }) => path)
      .sort();
    assert.deepEqual(paths, ['endpoints[0].baseUrl', 'endpoints[0].id', 'port', 'retry.maxAttempts', 'strategy']);
  });

  it('is told all at once also where one problem is between two fields', () => {
    const paths = problemsOf({ port: -1, endpoints: [endpoint, endpoint] }).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['endpoints[1].id', 'port']);
  });

  it('never shows a key that was written into the file', () => {
    const secret = 'sk-ant-api03-secret-secret-secret';
    const text = JSON.stringify(problemsOf({ clientToken: 5, endpoints: [{ ...endpoint, apiKey: secret }] }));
    assert.equal(text.includes(secret), false);
  });
});

describe('parseConfig, whatever it is given', () => {
  it('never throws, and gives a place and words for each problem', () => {
    const names = fc.constantFrom(
      'endpoints',
      'port',
      'rules',
      'prices',
      'id',
      'baseUrl',
      'headers',
      'modelMap',
      'constructor',
      '__proto__',
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.anything(),
        fc.constantFrom<unknown>('https://a.example', 'first', 1),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(names, tie('any'), { noNullPrototype: true }),
      ),
    }));
    const property = fc.property(any, (input) => {
      const result = parseConfig(input);
      if (result.kind === 'ok') return;
      assert.ok(result.problems.length > 0);
      for (const { path, message, why, example } of result.problems) {
        assert.ok(typeof path === 'string' && typeof message === 'string' && message !== '');
        assert.equal(why && problemInEnglish(why), message);
        assert.ok(example === undefined || typeof example === 'string', String(example));
      }
    });
    fc.assert(property, { numRuns: 1500 });
  });

  it('takes names that objects have by nature for names', () => {
    const strange = JSON.parse('{"modelMap":{"constructor":5,"__proto__":6},"headers":{"toString":7}}') as object;
    for (const { example } of problemsOf({ endpoints: [{ ...endpoint, ...strange }] })) {
      assert.ok(example === undefined || typeof example === 'string', String(example));
    }
  });
});
