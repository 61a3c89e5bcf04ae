import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConfig } from '../../../../../src/core/config/config.ts';
import type { ConfigProblem } from '../../../../../src/core/config/configProblems.ts';
import {
  englishProblems,
  type Problem,
  type ProblemCode,
  toldProblem,
} from '../../../../../src/core/config/problem.ts';
import { problemsText, problemText, problemTexts } from '../../../../../src/ui/model/texts/problemText.ts';
import { problemSamples } from '../../../core/config/problemSamples.ts';
import { chinese, english } from '../viewContexts.ts';

const endpoint = { id: 'first', baseUrl: 'https://api.example.com' };
const withEndpoint = (more: object) => ({ endpoints: [{ ...endpoint, ...more }] });
const codes = Object.keys(englishProblems) as ProblemCode[];

function problemsOf(input: unknown): readonly ConfigProblem[] {
  const result = parseConfig(input);
  return result.kind === 'bad' ? result.problems : [];
}

/** Fails if a problem is not worded by its code. */
function assertTranslated({ message, why }: Pick<ConfigProblem, 'message' | 'why'>): void {
  assert.ok(why !== undefined, `"${message}" has no code`);
  const text = problemText({ path: '', message: 'untranslated', why }, chinese);
  assert.match(text, /\p{Script=Han}/u, `"${message}" stays English`);
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

/** The same for easily overlooked ones. */
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
  it('says the same as the gateway in English, and has Chinese with the same data, for each code', () => {
    for (const code of codes) {
      assert.equal(problemTexts[code](english), englishProblems[code]);
      const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(places(problemTexts[code](chinese)), places(englishProblems[code]), code);
    }
  });

  it('has words for each rule that can be broken', () => {
    for (const [name, input] of Object.entries(broken)) {
      const problems = problemsOf(input);
      assert.ok(problems.length > 0, `${name} was accepted`);
      for (const problem of problems) assertTranslated(problem);
    }
  });

  for (const [name, input] of Object.entries(easilyMissed)) {
    it(`has words for ${name}`, () => {
      for (const problem of problemsOf(input)) assertTranslated(problem);
    });
  }

  it('has words for everything that the gateway refuses', () => {
    for (const [why] of problemSamples) assertTranslated(toldProblem(why));
  });

  it('says where the problem is', () => {
    const problem = { path: 'endpoints[1].baseUrl', ...toldProblem({ code: 'notUrl' }) };
    assert.equal(problemText(problem, english), 'endpoints[1].baseUrl: is not a URL');
    assert.equal(problemText({ ...problem, path: '' }, english), 'is not a URL');
  });

  it('loses no number, name or code', () => {
    for (const [why] of problemSamples) {
      const { code: _, ...data } = why;
      const text = problemText({ path: '', ...toldProblem(why) }, chinese);
      for (const fact of Object.values(data)) assert.ok(text.includes(String(fact)), `${fact} of "${text}"`);
    }
  });

  it('shows the words of an earlier gateway as they came', () => {
    assert.equal(problemText({ path: 'a', message: 'is of the wrong colour' }, chinese), 'a：is of the wrong colour');
  });

  it('shows the words of a later gateway where its code or data are not known here', () => {
    for (const why of [{ code: 'later' }, { code: 'constructor' }, { code: 'tooSmall' }, {}, 'notUrl', null]) {
      const problem = { path: '', message: 'words', why: why as Problem };
      assert.equal(problemText(problem, chinese), 'words', JSON.stringify(why));
    }
  });

  it('has words for whatever the gateway finds, and never throws', () => {
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
      for (const problem of problemsOf({ endpoints, ...rest })) assertTranslated(problem);
    });
    fc.assert(property, { numRuns: 500 });
    const junk = fc.property(fc.string(), fc.string(), fc.jsonValue(), (path, message, why) => {
      assert.equal(typeof problemText({ path, message, why: why as Problem }, english), 'string');
    });
    fc.assert(junk);
  });
});

describe('B7: the short sentence about all problems', () => {
  const one = { path: 'endpoints[1].baseUrl', message: 'is not a URL' };
  const other = { path: 'endpoints[1].priorty', message: 'is not a known name' };

  it('says a single one, and else how many there are and where', () => {
    assert.equal(problemsText([], english), '');
    assert.equal(problemsText([one], english), 'Settings not applied: endpoints[1].baseUrl: is not a URL.');
    assert.equal(problemsText([one, other], english), 'Settings not applied: 2 problems in signalbox.endpoints.');
    const many = problemsText([one, other, { path: 'port', message: 'must be at least 0' }], english);
    assert.equal(many, 'Settings not applied: 3 problems in signalbox.endpoints, signalbox.port.');
  });

  it('tells a setting that is left out from settings that are not applied at all', () => {
    const proxy = { path: 'http.proxy', message: 'is not a URL', isSkipped: true };
    assert.equal(problemsText([proxy], english), 'A setting is not applied: http.proxy: is not a URL.');
    assert.match(problemsText([proxy, one], english), /^Settings not applied: 2 problems/);
  });
});
