import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSpan } from '../../../src/dialect/jsonRead.ts';
import { arrayElements, fullSteps } from '../../../src/dialect/jsonScan.ts';
import { TopLevelFields } from '../../../src/dialect/topLevelFields.ts';

const wanted = ['model', 'stream', 'n', 'metadata', 'messages', 'prompt_cache_key', 'system'];

function found(body: Buffer, key: string): unknown {
  return parseSpan(body, new TopLevelFields(body).find(key));
}

/** The wanted keys as `JSON.parse` and as the fields read them. */
function assertSameAsParsed(text: string): void {
  const body = Buffer.from(text);
  const parsed = JSON.parse(text) as Record<string, unknown>;
  const fields = new TopLevelFields(body);
  for (const key of [...wanted].reverse()) {
    const span = fields.find(key);
    assert.deepEqual(parseSpan(body, span), Object.hasOwn(parsed, key) ? parsed[key] : undefined, key);
    if (span !== undefined) assert.notEqual(JSON.parse(body.toString('utf8', span.start, span.end)), undefined);
  }
}

const nasty = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '"model":"x"',
  '\\"',
  '😀',
  'é',
  '\u2028',
  '\0',
  'x'.repeat(900),
];
const nastyText = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string()), { maxLength: 12 })
  .map((parts) => parts.join(''));
const value = fc.oneof(
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  nastyText,
  fc.array(fc.record({ role: fc.constantFrom('user', 'system'), content: nastyText }), { maxLength: 12 }),
  fc.constantFrom<unknown>(-0.5, 1e21, 1e-7, true, null, '', [], {}, [[[]]], 'y'.repeat(5000)),
);
const space = fc.constantFrom('', '', ' ', '\n  ', '\t', '\r\n');
const key = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...wanted) }, fc.constantFrom('a', 'models', 'mode', ''));
const indent = fc.constantFrom<string | number | undefined>(undefined, 2, '\t');

/** An object as text, its keys in any order; each as often as it comes. */
function objectText(keys: fc.Arbitrary<string[]>, values: fc.Arbitrary<unknown> = value): fc.Arbitrary<string> {
  const field = (name: string) =>
    fc.tuple(space, space, space, space, values, indent).map(([first, second, third, last, content, by]) => {
      return `${first}${JSON.stringify(name)}${second}:${third}${JSON.stringify(content, null, by)}${last}`;
    });
  return keys
    .chain((names) => fc.tuple(space, space, ...names.map(field)))
    .map(([before, after, ...fields]) => `${before}{${fields.join(',')}}${after}`);
}

describe('TopLevelFields', () => {
  it('finds what JSON.parse finds, in bodies of every size and shape', () => {
    const keys = fc.uniqueArray(key, { maxLength: 10 });
    fc.assert(fc.property(objectText(keys), assertSameAsParsed), { numRuns: 1500 });
  });

  it('takes the last of a key that is repeated, in a body that is read whole', () => {
    assert.equal(found(Buffer.from('{"model":"a","model":"b"}'), 'model'), 'b');
    const keys = fc.array(key, { maxLength: 6 });
    fc.assert(fc.property(objectText(keys, fc.jsonValue({ maxDepth: 2 })), assertSameAsParsed), { numRuns: 1500 });
  });

  it('does not take a key from inside a value', () => {
    for (const inner of ['{"model":"x"}', '"\\"model\\":\\"x\\""', '[{"model":"x"}]', '[["model","x"]]', '"model"']) {
      const pad = 'z'.repeat(9000);
      for (const text of [
        `{"a":${inner}}`,
        `{"p":"${pad}","a":${inner},"q":"${pad}"}`,
        `{"p":"${pad}","a":${inner}}`,
      ]) {
        assert.equal(found(Buffer.from(text), 'model'), undefined, inner);
      }
    }
  });

  it('costs nothing by depth', () => {
    const depth = 100_000;
    for (const deep of ['['.repeat(depth) + ']'.repeat(depth), `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`]) {
      const fields = new TopLevelFields(Buffer.from(`{"system":1,"messages":${deep},"model":"m"}`));
      assert.notEqual(fields.find('model'), undefined);
      assert.notEqual(fields.find('messages'), undefined);
      assert.notEqual(fields.find('system'), undefined);
    }
  });

  it('gives nothing for what is no object', () => {
    for (const text of ['', ' ', '[]', '"model"', 'null', '5', '<html>', 'model', '\ufeff{"model":"a"}']) {
      assert.equal(found(Buffer.from(text), 'model'), undefined, text);
    }
  });

  it('ends, without an exception, whatever the bytes', () => {
    const look = (body: Buffer) => {
      const fields = new TopLevelFields(body);
      for (const name of wanted) {
        const span = fields.find(name);
        if (span !== undefined) assert.ok(span.start >= 0 && span.end > span.start && span.end <= body.length);
      }
    };
    const whole = objectText(fc.uniqueArray(key, { maxLength: 6 })).map((text) => Buffer.from(text));
    const cut = fc.tuple(whole, fc.nat()).map(([body, at]) => body.subarray(0, at % (body.length + 1)));
    const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'model', '1', ' ', 'x'.repeat(3000));
    const noise = fc.array(piece, { maxLength: 40 }).map((parts) => Buffer.from(`{${parts.join('')}`));
    fc.assert(fc.property(fc.oneof(cut, noise), look), { numRuns: 2500 });
  });

  it('ends soon for bytes that are made to take long', () => {
    const many = 300_000;
    for (const text of [
      `{"a":"${'\\'.repeat(many)}`,
      `{${'"'.repeat(many)}`,
      `{"a":${'['.repeat(many)}`,
      `{"a":"${'\\"'.repeat(many)}`,
    ]) {
      for (const end of ['', '"}', '}', ',"model":1}']) {
        const fields = new TopLevelFields(Buffer.from(text + end));
        for (const name of wanted) fields.find(name);
      }
    }
  });

  it('knows an escaped quote from the end of a text at the place where reading first stops', () => {
    for (let shift = 0; shift < 4; shift += 1) {
      const body = { [`a${'x'.repeat(shift)}`]: '"'.repeat(4000), model: 'm', rest: 'y'.repeat(9000) };
      assertSameAsParsed(JSON.stringify(body));
    }
  });

  it('reads on for each key that is only in the middle, in any order', () => {
    const long = 'y'.repeat(9000);
    const text = JSON.stringify({ a: long, stream: true, b: { n: 1, system: 2 }, n: 3, c: long, system: 's', d: long });
    for (const keys of [
      ['system', 'stream', 'n'],
      ['n', 'system', 'stream', 'metadata'],
      ['metadata', 'stream', 'system', 'n'],
    ]) {
      const fields = new TopLevelFields(Buffer.from(text));
      const values = keys.map((name) => parseSpan(Buffer.from(text), fields.find(name)));
      const expected = JSON.parse(text) as Record<string, unknown>;
      assert.deepEqual(
        values,
        keys.map((name) => expected[name]),
      );
    }
  });
});

describe('arrayElements', () => {
  it('gives each element as JSON.parse would', () => {
    const property = fc.property(fc.array(value, { maxLength: 8 }), indent, space, (list, by, before) => {
      const body = Buffer.from(`{"messages":${before}${JSON.stringify(list, null, by)}}`);
      const span = new TopLevelFields(body).find('messages');
      assert.ok(span !== undefined);
      const elements = [...arrayElements(body, span, fullSteps())].map((one) => parseSpan(body, one));
      assert.deepEqual(elements, JSON.parse(JSON.stringify(list)));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('gives nothing for what is no array', () => {
    const body = Buffer.from('{"messages":{"a":1}}');
    const span = new TopLevelFields(body).find('messages');
    assert.ok(span !== undefined);
    assert.deepEqual([...arrayElements(body, span, fullSteps())], []);
  });
});
