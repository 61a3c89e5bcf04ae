import assert from 'node:assert/strict';
import { parseConfig } from '../../src/core/config/config.ts';
import { type JsonSchema, matchesSchema } from './jsonSchema.ts';
import { manifest, manifestTexts, settingSchemas } from './manifestFile.ts';

const settings = [...settingSchemas.keys()];

/** Settings of windows alone (`windowOnly` of settings.ts). */
const windowOnly = ['autoStart', 'statusBar.perEndpoint', 'terminal.inject'];

/** Settings that belong to one machine; all others are synced. */
const ofTheMachine = ['caCertificates', 'httpProxy', 'lingerSeconds', 'noProxy', 'port', 'terminal.inject'];

describe('settings', () => {
  const parsed = parseConfig({});
  assert.ok(parsed.kind === 'ok');
  const defaults = new Map(leaves(parsed.config));

  it('are the names of the configuration, but for the client token', () => {
    const ofTheGateway = settings.filter((name) => !windowOnly.includes(name));
    assert.deepEqual([...ofTheGateway].sort(), [...defaults.keys()].sort());
    assert.deepEqual(
      windowOnly.filter((name) => !settings.includes(name)),
      [],
    );
  });

  it('have the defaults of the configuration', () => {
    for (const [name, value] of defaults) assert.deepEqual(settingSchemas.get(name)?.default, value, name);
    for (const name of windowOnly) assert.equal(settingSchemas.get(name)?.default, true, name);
  });

  it('have the bounds of the configuration', () => {
    for (const [name, { type, minimum = 0, maximum = 0 }] of settingSchemas) {
      if (type !== 'integer') continue;
      assert.ok(isAccepted(name, minimum) && isAccepted(name, maximum), `${name}: within`);
      assert.ok(!isAccepted(name, maximum + 1), `${name}: above`);
      // Port 0 means any free one: of use to programs, but no place where clients would find a proxy again.
      assert.equal(isAccepted(name, minimum - 1), name === 'port', `${name}: below`);
    }
  });

  it('offer the values of the configuration', () => {
    for (const name of ['strategy', 'stream.breakStyle']) {
      assert.deepEqual(settingSchemas.get(name)?.enum, valuesOf(documentWith(name, '?')), name);
    }
  });

  it('F21: say in both languages where a value of earlier versions is, what it is read as, and what to do', () => {
    const result = parseConfig(documentWith('stream.breakStyle', 'auto'));
    assert.ok(result.kind === 'ok');
    const { breakStyle } = result.config.stream;
    const { errorMessage = '' } = settingSchemas.get('stream.breakStyle') ?? {};
    assert.match(errorMessage, /^%.+%$/);
    for (const texts of Object.values(manifestTexts)) {
      const text = texts[errorMessage.slice(1, -1)] ?? '';
      for (const word of ['signalbox.stream.breakStyle', '"auto"', `"${breakStyle}"`])
        assert.ok(text.includes(word), text);
      assert.match(text, /remove the line|删除这一行/);
    }
  });

  it('can be set by no workspace, and are synced but for those of the machine', () => {
    for (const [name, { scope }] of settingSchemas) {
      assert.equal(scope, ofTheMachine.includes(name) ? 'machine' : 'application', name);
    }
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  });

  it('are in order, and described with every value that they offer', () => {
    assert.deepEqual(
      manifest.contributes.configuration.map(({ order }) => order),
      manifest.contributes.configuration.map((_section, index) => index + 1),
    );
    for (const { properties } of manifest.contributes.configuration) {
      const schemas = Object.values(properties);
      assert.deepEqual(
        schemas.map(({ order }) => order),
        schemas.map((_schema, index) => index + 1),
      );
    }
    for (const [name, schema] of settingSchemas) {
      assert.ok(schema.markdownDescription, name);
      assert.equal(schema.markdownEnumDescriptions?.length, schema.enum?.length, name);
    }
  });
});

describe('the elements of signalbox.endpoints', () => {
  const schema = settingSchemas.get('endpoints')?.items ?? {};
  const least = { id: 'a', baseUrl: 'https://api.example.com' };

  it('have the defaults of the configuration', () => {
    const parsed = parseConfig({ endpoints: [least] });
    assert.ok(parsed.kind === 'ok');
    const complete: Readonly<Record<string, unknown>> = { ...parsed.config.endpoints[0] };
    // Those two depend on others.
    const { name: _name, auth: _auth, ...fixed } = complete;
    for (const [name, { default: value }] of Object.entries(schema.properties ?? {})) {
      if (value !== undefined) assert.deepEqual(value, fixed[name], name);
    }
    assert.deepEqual(
      Object.keys(complete).filter((name) => schema.properties?.[name] === undefined),
      [],
    );
  });

  it('offer the values of the configuration', () => {
    for (const name of ['dialect', 'auth']) {
      assert.deepEqual(schema.properties?.[name]?.enum, valuesOf({ endpoints: [{ ...least, [name]: '?' }] }), name);
    }
  });

  const right: readonly object[] = [
    {},
    { name: '  Erste 中文  ', dialect: 'openai', auth: 'none', apiKey: 'env:A_KEY1', priority: 100, weight: 1000 },
    { baseUrl: ' HTTP://127.0.0.1:11434/v1/messages/ ', enabled: false, maxConcurrent: null, httpProxy: null },
    { baseUrl: 'https://relay.example.com/users/@me', maxConcurrent: 1, httpProxy: 'http://user:word@10.0.0.1:3128' },
    { httpProxy: 'socks5h://user:word@proxy.example:1080' },
    { models: [], modelMap: { 'claude-*': 'other' }, headers: { 'X-Team': 'blue\tgrün', 'te-st': '', 'x-via': 'a' } },
    { dialect: 'openai', formats: ['chat'], alsoServes: ['anthropic'], profile: 'deepseek' },
    {
      dialect: 'openai',
      formats: [],
      profile: { name: 'generic', images: false, maxOutputTokens: 8192, stopLimit: 0 },
    },
    { id: `a${'-'.repeat(31)}`, name: 'x'.repeat(80) },
  ];
  const wrong: readonly object[] = [
    { id: '' },
    { id: '-a' },
    { id: 'A' },
    { id: 'a'.repeat(33) },
    { id: undefined },
    { name: ' ' },
    { name: 'x'.repeat(81) },
    { baseUrl: undefined },
    { baseUrl: 'api.example.com' },
    { baseUrl: 'ftp://api.example.com' },
    { baseUrl: 'https://user@api.example.com' },
    { baseUrl: 'https://api.example.com/?a=1' },
    { baseUrl: 'https://api.example.com#part' },
    { dialect: 'other' },
    { auth: 'both' },
    { apiKey: 'sk-0123456789' },
    { apiKey: 'env:1A' },
    { priority: 0 },
    { priority: 101 },
    { priority: 1.5 },
    { weight: 0 },
    { weight: 1001 },
    { enabled: 'yes' },
    { maxConcurrent: 0 },
    { models: 'claude-*' },
    { models: [''] },
    { modelMap: { a: '' } },
    { modelMap: { '': 'a' } },
    { headers: { 'x team': 'blue' } },
    { headers: { Authorization: 'Bearer x' } },
    { headers: { 'x-api-key': 'x' } },
    { headers: { 'X-Api-Key': 'x' } },
    { headers: { te: 'trailers' } },
    { headers: { 'x-team': 'blue\nred' } },
    { httpProxy: 'socks4://127.0.0.1:1080' },
    { httpProxy: '127.0.0.1:1080' },
    { httpProxy: '' },
    { keys: ['sk-0123456789'] },
    { dialect: 'openai', formats: ['messages'] },
    { dialect: 'openai', alsoServes: ['openai'] },
    { dialect: 'openai', alsoServes: 'anthropic' },
    { dialect: 'openai', profile: 'other' },
    { dialect: 'openai', profile: { name: 'generic', pictures: true } },
    { dialect: 'openai', profile: { maxOutputTokens: 0 } },
  ];

  for (const [examples, isRight] of [
    [right, true],
    [wrong, false],
  ] as const) {
    it(`are ${isRight ? 'taken' : 'refused'} by schema and configuration alike`, () => {
      for (const example of examples) {
        // As settings.json would have it: what is undefined is not there.
        const endpoint: unknown = JSON.parse(JSON.stringify({ ...least, ...example }));
        const verdicts = [matchesSchema(schema, endpoint), parseConfig({ endpoints: [endpoint] }).kind === 'ok'];
        assert.deepEqual(verdicts, [isRight, isRight], JSON.stringify(example));
      }
    });
  }
});

describe('the elements of signalbox.rules', () => {
  const schema: JsonSchema = settingSchemas.get('rules')?.items ?? {};

  it('offer the classes of the configuration', () => {
    assert.deepEqual(schema.properties?.['class']?.enum, valuesOf({ rules: [{ class: '?' }] }));
  });

  it('are judged by schema and configuration alike', () => {
    const examples: readonly (readonly [isRight: boolean, rule: object])[] = [
      [true, { class: 'billing' }],
      [true, { status: 400, errorType: 'a', message: 'b', endpoint: 'c', class: 'model' }],
      [true, { status: 599, class: 'request' }],
      [false, {}],
      [false, { status: 399, class: 'request' }],
      [false, { status: 600, class: 'request' }],
      [false, { status: '403', class: 'request' }],
      [false, { class: 'success' }],
      [false, { class: 'billing', path: '/v1' }],
    ];
    for (const [isRight, rule] of examples) {
      const verdicts = [matchesSchema(schema, rule), parseConfig({ rules: [rule] }).kind === 'ok'];
      assert.deepEqual(verdicts, [isRight, isRight], JSON.stringify(rule));
    }
  });
});

describe('signalbox.prices', () => {
  it('is judged by schema and configuration alike', () => {
    const price = { input: 3, output: 15 };
    const examples: readonly (readonly [isRight: boolean, prices: unknown])[] = [
      [true, {}],
      [true, { 'a-*': price, b: null, 'gpt-4.1': { input: 0, output: 0 } }],
      [true, { a: { ...price, cacheRead: 0.3, cacheWrite: 3.75, cacheWrite1h: 6 } }],
      [false, { a: { input: 3 } }],
      [false, { a: { ...price, cached: 1 } }],
      [false, { a: { ...price, cacheRead: -1 } }],
      [false, { a: { ...price, cacheRead: null } }],
      [false, { a: { ...price, output: 1_000_001 } }],
      [false, { a: { ...price, output: '15' } }],
      [false, { a: 3 }],
      [false, { '': price }],
      [false, []],
      [false, null],
    ];
    for (const [isRight, prices] of examples) {
      const verdicts = [
        matchesSchema(settingSchemas.get('prices') ?? {}, prices),
        parseConfig({ prices }).kind === 'ok',
      ];
      assert.deepEqual(verdicts, [isRight, isRight], JSON.stringify(prices));
    }
  });
});

/** The values of a document by the names of their settings; sections have one level, lists and empty objects are values. */
function leaves(document: object): [name: string, value: unknown][] {
  return Object.entries(document).flatMap(([name, value]: [string, unknown]) => {
    const isSection =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    return isSection
      ? leaves(value).map(([below, one]): [string, unknown] => [`${name}.${below}`, one])
      : [[name, value]];
  });
}

function documentWith(name: string, value: unknown): object {
  const [first = '', second] = name.split('.');
  return { [first]: second === undefined ? value : { [second]: value } };
}

/** Whether the configuration takes a value; what it says about how settings fit together does not matter. */
function isAccepted(name: string, value: unknown): boolean {
  const result = parseConfig(documentWith(name, value));
  if (result.kind === 'ok') return true;
  return !result.problems.some(({ path: place, why }) => place === name && why?.code !== 'belowOpenSeconds');
}

/** The values that the configuration names where it got another one. */
function valuesOf(document: object): readonly unknown[] {
  const result = parseConfig(document);
  const why = result.kind === 'bad' ? result.problems[0]?.why : undefined;
  return why?.code === 'notOneOf' ? (JSON.parse(`[${why.values}]`) as readonly unknown[]) : [];
}
