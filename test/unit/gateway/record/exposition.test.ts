import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visibleText } from '../../../../src/base/visibleText.ts';
import { Counter, counter, exposition, gauge, Histogram } from '../../../../src/gateway/record/exposition.ts';
import { metricsProblems, samplesOf, sampleValue } from '../../../support/store/metricsText.ts';

describe('exposition', () => {
  it('writes each family with its help, its type and its samples', () => {
    const text = exposition([
      gauge('signalbox_a', 'What a is.', [[{}, 1.5]]),
      counter('signalbox_b_total', 'What b is.', [
        [{ endpoint: 'x', class: 'y' }, 2],
        [{ endpoint: 'z', class: 'y' }, 0],
      ]),
    ]);
    assert.equal(
      text,
      '# HELP signalbox_a What a is.\n# TYPE signalbox_a gauge\nsignalbox_a 1.5\n' +
        '# HELP signalbox_b_total What b is.\n# TYPE signalbox_b_total counter\n' +
        'signalbox_b_total{endpoint="x",class="y"} 2\nsignalbox_b_total{endpoint="z",class="y"} 0\n',
    );
  });

  it('gives whatever a label holds in what can be seen of it, escaped', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, two) => {
      const hits = new Counter('signalbox_hits_total', 'Hits,\nwith a \\ in it.');
      hits.add({ model: one, endpoint: two }, 3);
      const text = exposition([hits.family]);
      assert.deepEqual(metricsProblems(text), []);
      assert.equal(text.split('\n').length, 4, 'a line each');
      const labels = { model: visibleText(one), endpoint: visibleText(two) };
      assert.equal(sampleValue(text, 'signalbox_hits_total', labels), 3);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('is refused by the rules of Prometheus where it breaks them', () => {
    const bad: readonly (readonly [string, RegExp])[] = [
      ['# TYPE signalbox_a gauge\nsignalbox_a 1\n', /TYPE without HELP/],
      ['# HELP signalbox_a b\n# TYPE signalbox_a counter\nsignalbox_a 1\n', /_total/],
      ['# HELP signalbox_a_ms b\n# TYPE signalbox_a_ms gauge\nsignalbox_a_ms 1\n', /base unit/],
      ['# HELP signalbox_a b\n# TYPE signalbox_a gauge\nsignalbox_a{x="1"} 1\nsignalbox_a{x="1"} 2\n', /twice/],
      ['# HELP signalbox_a b\n# TYPE signalbox_a gauge\nsignalbox_a{x="a"b"} 1\n', /not a sample/],
      ['# HELP signalbox_a b\n# TYPE signalbox_a gauge\nsignalbox_c 1\n', /stands below/],
      ['# HELP signalbox_a b\n# TYPE signalbox_a gauge\nsignalbox_a 1', /no end/],
      [
        '# HELP signalbox_a b\n# TYPE signalbox_a histogram\nsignalbox_a_bucket{le="1"} 2\nsignalbox_a_sum 1\nsignalbox_a_count 2\n',
        /\+Inf/,
      ],
      [
        '# HELP signalbox_a b\n# TYPE signalbox_a histogram\nsignalbox_a_bucket{le="1"} 2\nsignalbox_a_bucket{le="+Inf"} 1\nsignalbox_a_sum 1\nsignalbox_a_count 1\n',
        /do not rise/,
      ],
    ];
    for (const [text, problem] of bad) assert.match(metricsProblems(text).join('; '), problem, text);
  });
});

describe('Counter', () => {
  it('has a sum of its own for each set of labels, also where their values run together', () => {
    const hits = new Counter('signalbox_hits_total', 'Hits.');
    const sets = [
      { model: 'ab', endpoint: 'c' },
      { model: 'a', endpoint: 'bc' },
      { model: '', endpoint: 'abc' },
      { model: 'abc', endpoint: '' },
    ];
    for (const [index, labels] of sets.entries()) hits.add(labels, index + 1);
    for (const labels of sets) hits.add(labels, 10);
    const text = exposition([hits.family]);
    const sums = sets.map((labels) => sampleValue(text, 'signalbox_hits_total', labels));
    assert.deepEqual(sums, [11, 12, 13, 14]);
  });
});

describe('Histogram', () => {
  const bounds = [0.1, 1, 10];

  it('counts a value in each bucket that is not below it', () => {
    const times = new Histogram('signalbox_times_seconds', 'Times.', bounds);
    for (const value of [0.05, 0.1, 0.5, 10, 99]) times.observe({ endpoint: 'a' }, value);
    const samples = samplesOf(exposition([times.family]));
    assert.deepEqual(
      samples.map(({ name, labels, value }) => [name.replace('signalbox_times_seconds', ''), labels['le'], value]),
      [
        ['_bucket', '0.1', 2],
        ['_bucket', '1', 3],
        ['_bucket', '10', 4],
        ['_bucket', '+Inf', 5],
        ['_sum', undefined, 0.05 + 0.1 + 0.5 + 10 + 99],
        ['_count', undefined, 5],
      ],
    );
  });

  it('is as Prometheus wants it, whatever was observed', () => {
    const values = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.double({ min: 0, max: 1e6, noNaN: true })));
    const property = fc.property(values, (observed) => {
      const times = new Histogram('signalbox_times_seconds', 'Times.', bounds);
      for (const [endpoint, value] of observed) times.observe({ endpoint }, value);
      const text = exposition([times.family]);
      assert.deepEqual(metricsProblems(text), []);
      const counts = samplesOf(text).filter(({ name }) => name.endsWith('_count'));
      const sum = counts.reduce((before, { value }) => before + value, 0);
      assert.equal(sum, observed.length);
    });
    fc.assert(property, { numRuns: 200 });
  });
});
