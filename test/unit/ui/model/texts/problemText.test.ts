import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConfig } from '../../../../../src/core/config/config.ts';
import { problemText } from '../../../../../src/ui/model/texts/problemText.ts';
import type { Translate } from '../../../../../src/ui/model/viewContext.ts';
import { english } from '../viewContexts.ts';

const marking: Translate = (message, ...args) => `«${english(message, ...args)}»`;
const endpoint = { id: 'first', baseUrl: 'https://api.example.com' };
const withEndpoint = (more: object) => ({ endpoints: [{ ...endpoint, ...more }] });

/** The gateway's problems with a configuration. */
function messagesFor(input: unknown): string[] {
  const result = parseConfig(input);
  return result.kind === 'bad' ? result.problems.map(({ message }) => message) : [];
}

function assertTranslated(message: string): void {
  assert.match(problemText({ path: '', message }, marking), /^«.+»$/s, `"${message}" stays English`);
}

/** Every rule of the schema, broken. */
const broken: Readonly<Record<string, unknown>> = {
  'the document': 'text',
  'nothing at all': null,
  'a name that is not known': { endpoint: [] },
  'a section that is none': { retry: 3 },
  'a port that is text': { port: '8417' },
  'a port with a fraction': { port: 80.5 },
  'a port that is too large': { port: 70_000 },
  'a port that is too small': { port: -1 },
  'a number beyond all integers': { port: 1e300 },
  'a strategy that is not known': { strategy: 'best' },
  'endpoints that are no list': { endpoints: {} },
  'a proxy of another kind': { httpProxy: 'socks4://x' },
  'a path that is not a full one': { caCertificates: ['company.pem'] },
  'a proxy that is no URL': { httpProxy: 'x' },
  'a rule without a class': { rules: [{ status: 400 }] },
  'a rule for a status that is no error': { rules: [{ status: 200, class: 'request' }] },
  'prices that are none': { prices: [] },
  'a price of a model without a name': { prices: { '': null } },
  'a price that is a number': { prices: { 'a-*': 3 } },
  'a price without output': { prices: { 'a-*': { input: 3 } } },
  'a price below nothing': { prices: { 'a-*': { input: -1, output: 1 } } },
  'a price beyond all': { prices: { 'a-*': { input: 1e9, output: 1 } } },
  'an empty host name': { allowedHosts: [''] },
  'a longest open time below the first': { breaker: { openSeconds: 120, maxOpenSeconds: 60 } },
  'an id with capitals': withEndpoint({ id: 'First' }),
  'no id': withEndpoint({ id: undefined }),
  'an id twice': { endpoints: [endpoint, endpoint] },
  'no name': withEndpoint({ name: '' }),
  'a name that is too long': withEndpoint({ name: 'x'.repeat(81) }),
  'an address that is none': withEndpoint({ baseUrl: 'api.example.com' }),
  'an address of another kind': withEndpoint({ baseUrl: 'ftp://api.example.com' }),
  'an address with a password': withEndpoint({ baseUrl: 'https://me:secret@api.example.com' }),
  'an address with a query': withEndpoint({ baseUrl: 'https://api.example.com?a=1' }),
  'an address of our own': withEndpoint({ baseUrl: 'http://localhost:8417' }),
  'a dialect that is not known': withEndpoint({ dialect: 'gemini' }),
  'a key in the settings': withEndpoint({ apiKey: 'sk-ant-a-real-key' }),
  'models that are no list': withEndpoint({ models: 'claude-*' }),
  'an empty model': withEndpoint({ models: [''] }),
  'a model map that is none': withEndpoint({ modelMap: [] }),
  'enabled that is text': withEndpoint({ enabled: 'yes' }),
  'a header name that is none': withEndpoint({ headers: { 'a b': 'x' } }),
  'a header of the gateway': withEndpoint({ headers: { Host: 'x' } }),
  'a header of two lines': withEndpoint({ headers: { 'x-team': 'a\nb' } }),
};

/** The same for what is easily overlooked. */
const easilyMissed: Readonly<Record<string, unknown>> = {
  'a client token that is too short': { clientToken: 'short' },
  'a model without a name in a map': withEndpoint({ modelMap: { '': 'x' } }),
  'no id twice': {
    endpoints: [
      { ...endpoint, id: '' },
      { ...endpoint, id: '' },
    ],
  },
  'an id of two lines twice': {
    endpoints: [
      { ...endpoint, id: 'a\nb' },
      { ...endpoint, id: 'a\nb' },
    ],
  },
};

describe('problemText', () => {
  it('has words for each rule that can be broken', () => {
    for (const [name, input] of Object.entries(broken)) {
      const messages = messagesFor(input);
      assert.ok(messages.length > 0, `${name} was accepted`);
      for (const message of messages) assertTranslated(message);
    }
  });

  for (const [name, input] of Object.entries(easilyMissed)) {
    it(`has words for ${name}`, () => {
      for (const message of messagesFor(input)) assertTranslated(message);
    });
  }

  it('has words for what the gateway finds besides', () => {
    const others = [
      '8417 is taken by another program',
      '80 cannot be had (EACCES)',
      'this gateway runs with its own configuration (it was started with --config or --demo)',
      'points at this gateway itself (port 8417)',
    ];
    for (const message of others) assertTranslated(message);
  });

  it('says where the problem is', () => {
    const problem = { path: 'endpoints[1].baseUrl', message: 'is not a URL' };
    assert.equal(problemText(problem, english), 'endpoints[1].baseUrl: is not a URL');
    assert.equal(problemText({ path: '', message: 'is not a URL' }, english), 'is not a URL');
  });

  it('loses no number, name or code', () => {
    const facts: [string, RegExp][] = [
      ['must be at least 16 characters', /\b16\b/],
      ['must be at most -1', /-1/],
      ['must be one of "anthropic", "openai"', /"anthropic", "openai"/],
      ['must be of type boolean', /boolean/],
      ['"first" is already the id of endpoints[0]; each endpoint needs its own', /"first".*endpoints\[0\]/],
      ['must not be less than breaker.openSeconds (120)', /breaker\.openSeconds.*120/],
      ['8417 is taken by another program', /8417/],
      ['80 cannot be had (EACCES)', /80.*EACCES/],
    ];
    for (const [message, fact] of facts) assert.match(problemText({ path: '', message }, english), fact);
  });

  it('passes on what it does not know', () => {
    assert.equal(problemText({ path: 'a', message: 'is of the wrong colour' }, english), 'a: is of the wrong colour');
  });

  it('has words for whatever the gateway finds, and never throws', () => {
    const isKnown = ({ message }: { message: string }) => problemText({ path: '', message }, marking) !== message;
    const sections = ['retry', 'breaker', 'affinity', 'timeouts', 'limits', 'stream', 'rules', 'port', 'clientToken'];
    const fields = [
      'id',
      'name',
      'baseUrl',
      'auth',
      'apiKey',
      'priority',
      'models',
      'modelMap',
      'headers',
      'httpProxy',
    ];
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>('https://a.example', 'first', '', 1),
    );
    const input = fc.record({
      endpoints: fc.array(fc.dictionary(fc.constantFrom(...fields), value), { maxLength: 2 }),
      rest: fc.dictionary(fc.constantFrom(...sections, 'other'), value),
    });
    const property = fc.property(input, ({ endpoints, rest }) => {
      const result = parseConfig({ endpoints, ...rest });
      if (result.kind === 'ok') return;
      assert.deepEqual(
        result.problems.filter((one) => !isKnown(one)).map(({ message }) => message),
        [],
      );
    });
    fc.assert(property, { numRuns: 500 });
    fc.assert(fc.property(fc.string(), fc.string(), (path, message) => void problemText({ path, message }, english)));
  });
});
