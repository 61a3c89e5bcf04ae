import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConfig } from '../../../../../src/core/config/config.ts';
import type { Problem } from '../../../../../src/core/config/problem.ts';
import { problemPlace, settingOf } from '../../../../../src/ui/model/settings/problemPlace.ts';

const settings = `{
  // mine
  "editor.fontSize": 12,
  "signalbox.endpoints": [
    { "id": "first", "baseUrl": "https://api.example.com" }, /* good */
    {
      "baseUrl": "not a url",
      "priorty": 1,
      "modelMap": { "claude-3.5-*": "", "claude-3": "x" },
    },
  ],
  "signalbox.breaker.openSeconds": "soon",
  "signalbox.prices": { "my.model-*": { "input": -1 } },
  "http.proxy": "nonsense",
}
`;

/** The marked text; undefined where the setting is in another file. */
function marked(path: string, why?: Problem, text = settings): string | undefined {
  const place = problemPlace(text, { path, why });
  return place === undefined ? undefined : text.slice(place.offset, place.offset + place.length);
}

describe('the place of a problem in settings.json', () => {
  it('B7: is the value, or the name where that is wrong', () => {
    assert.equal(marked('endpoints[1].baseUrl'), '"not a url"');
    assert.equal(marked('endpoints[1].priorty', { code: 'unknownName' }), '"priorty"');
    assert.equal(marked('endpoints[1].priorty', { code: 'misspelt', name: 'priority' }), '"priorty"');
    assert.equal(marked('breaker.openSeconds'), '"soon"');
    assert.equal(marked('http.proxy'), '"nonsense"');
  });

  it('B7: is the object where a value is missing', () => {
    assert.equal(marked('endpoints[1].id'), '{');
    assert.equal(problemPlace(settings, { path: 'endpoints[1].id' })?.offset, settings.indexOf('{\n      "baseUrl"'));
    assert.equal(marked('endpoints[7].id'), '"signalbox.endpoints"');
  });

  it('B7: is found behind names with dots in them', () => {
    assert.equal(marked('endpoints[1].modelMap.claude-3.5-*'), '""');
    assert.equal(marked('prices.my.model-*.input'), '-1');
  });

  it('B7: is in no file that lacks the setting', () => {
    assert.equal(marked('retry.maxAttempts'), undefined);
    for (const text of ['', '[]', 'null', '{', '{ "signalbox.port" }'])
      assert.equal(marked('port', undefined, text), undefined);
  });

  it('B7: is found in a file with mistakes, and where a setting stands twice the last one counts', () => {
    assert.equal(marked('port', undefined, '{ "a": , "signalbox.port": 1 "signalbox.port": -2 '), '-2');
  });

  it('B7: belongs to a setting of the manifest', () => {
    const paths = ['endpoints[1].baseUrl', 'rules[0]', 'prices.a.b.input', 'breaker.openSeconds', 'port', 'http.proxy'];
    assert.deepEqual(paths.map(settingOf), [
      'signalbox.endpoints',
      'signalbox.rules',
      'signalbox.prices',
      'signalbox.breaker.openSeconds',
      'signalbox.port',
      'http.proxy',
    ]);
  });

  it('B7: is the text of the wrong value, whatever the layout and for each problem that the gateway finds (property)', () => {
    const wrong = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string(), fc.constant([]));
    const endpoint = fc.record(
      { id: wrong, name: wrong, baseUrl: wrong, dialect: wrong, priority: wrong, models: wrong, headers: wrong },
      { requiredKeys: [] },
    );
    const layout = fc.constantFrom(undefined, 2, '\t');
    fc.assert(
      fc.property(fc.array(endpoint, { minLength: 1, maxLength: 4 }), layout, (endpoints, space) => {
        const text = `// mine\n${JSON.stringify({ other: endpoints, 'signalbox.endpoints': endpoints }, undefined, space)}`;
        const result = parseConfig({ endpoints });
        for (const { path, why } of result.kind === 'bad' ? result.problems : []) {
          const place = problemPlace(text, { path, why });
          assert.ok(place !== undefined && place.offset >= text.indexOf('signalbox.endpoints') - 1, path);
          assert.ok(place.offset + place.length <= text.length);
          const [, index, name] = /^endpoints\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
          const value = (endpoints[Number(index)] as Record<string, unknown> | undefined)?.[name ?? ''];
          if (why?.code === 'missing' || value === undefined) continue;
          assert.deepEqual(JSON.parse(text.slice(place.offset, place.offset + place.length)), value);
        }
      }),
    );
  });
});
