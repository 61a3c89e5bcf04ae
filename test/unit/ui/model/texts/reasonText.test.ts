import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { Rule, Strategy } from '../../../../../src/core/config/config.ts';
import { classify } from '../../../../../src/core/outcome/classify.ts';
import type { AttemptResult, ErrorDetail } from '../../../../../src/core/outcome/outcome.ts';
import { type SelectionRequest, select } from '../../../../../src/core/routing/selection.ts';
import { wholeSnapshot } from '../../../../../src/gateway/windows/wholeSnapshot.ts';
import { reasonText } from '../../../../../src/ui/model/texts/reasonText.ts';
import { endpointsOf, hard, idsFor, now, soft, usual } from '../../../core/routing/selectionRig.ts';
import { snapshot } from '../snapshotParts.ts';
import { english, wordless, wordsIn } from '../viewContexts.ts';

const types = ['rate_limit_error', 'overloaded_error', 'invalid_request_error', 'insufficient_quota', 'api_error'];
const codes = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_SOCKET', 'ENOTFOUND'],
  ...['EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'HPE_INVALID', 'UND_ERR_INVALID_ARG', 'CERT_HAS_EXPIRED', 'REMOVED'],
  ...[
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', '407', '502', 'TypeError', 'SOCKS5_AUTH_REFUSED', 'SOCKS5_NOT_ALLOWED'],
  ...['SOCKS5_NOT_SUPPORTED', 'SOCKS5_NOT_SPOKEN', 'SOCKS5_TOO_LONG', 'SOCKS5_NETWORK_UNREACHABLE', 'SOCKS5_FAILURE'],
  ...['SOCKS5_HOST_UNREACHABLE', 'SOCKS5_CONNECTION_REFUSED', 'SOCKS5_TTL_EXPIRED'],
];
const phases = ['connect', 'firstByte', 'prelude', 'content'] as const;
const flags = [true, false];

/** Reasons that the data path gives in so many words. */
function literalReasons(): string[] {
  const folder = path.resolve(import.meta.dirname, '../../../../../src/proxy');
  const texts = globSync('*.ts', { cwd: folder }).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/\breason: '([^']+)'/g)].map(([, reason = '']) => reason));
}

function* results(): Generator<AttemptResult> {
  yield { kind: 'success' };
  yield { kind: 'clientAbort' };
  for (const phase of phases) {
    yield { kind: 'truncated', phase };
    for (const afterMs of [5000, 240_040]) yield { kind: 'timeout', phase, afterMs };
    for (const code of codes) {
      for (const isProxy of flags) yield { kind: 'connection', phase, code, isStaleSocket: false, isProxy };
    }
  }
  for (const reason of literalReasons()) yield { kind: 'malformed', reason };
  for (const type of [undefined, 'not one word', ...types]) {
    const error: ErrorDetail = { type, code: undefined, message: 'words of the endpoint' };
    yield { kind: 'streamError', phase: 'content', error };
    for (const status of [200, 302, 400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 504, 529, 600]) {
      for (const reset of [undefined, '30']) {
        const header = (name: string) => (name === 'retry-after' ? reset : undefined);
        yield { kind: 'response', status, header, error };
        yield { kind: 'response', status, header, error: undefined };
      }
    }
  }
}

/** Every reason that the classifier can give. */
function verdicts(): Set<string> {
  const reasons = new Set<string>();
  const ruleSets: Rule[][] = [[], [{ class: 'rateLimit' }], [{ class: 'billing' }], [{ class: 'overloaded' }]];
  for (const result of results()) {
    for (const rules of ruleSets) {
      for (const isOffline of flags) {
        const context = { endpointId: 'a', sentModel: 'claude-sonnet-4-5', wallMs: now.wall, isOffline, rules };
        reasons.add(classify(result, context).reason);
      }
    }
  }
  return reasons;
}

const strategies: readonly Strategy[] = [
  ...(['priority', 'weighted', 'roundRobin', 'random', 'leastConnections', 'fastest'] as const),
];

/** Endpoints in every state that keeps a request away, two that are well, and one that is full. */
function manyEndpoints() {
  const own = { disabled: { enabled: false }, other: { dialect: 'openai' }, choosy: { models: ['gpt-*'] } };
  const inTrouble = { keyless: {}, open: {}, trial: {}, cooling: {}, hot: {}, suspended: {} };
  const endpoints = endpointsOf({ ...own, ...inTrouble, full: { maxConcurrent: 1 }, well: {}, better: {}, tried: {} });
  const { find, failed } = idsFor(endpoints);
  find('keyless').hasKey = false;
  find('full').inFlight = 1;
  const refused = { reason: 'connection refused', countsAgainstBreaker: true };
  failed('open', refused, 3);
  failed('trial', refused, 3);
  find('trial').breaker.halfOpenNow(now.mono);
  find('trial').acquire(now);
  failed('cooling', { class: 'billing', reason: '402 billing_error', cooldown: hard });
  failed('hot', { class: 'overloaded', reason: '529 overloaded_error', cooldown: soft });
  const strike = {
    class: 'auth',
    reason: '401 authentication_error',
    cooldown: { scope: 'key', kind: 'strike' },
  } as const;
  failed('suspended', strike, 1, { mono: now.mono - 2000, wall: now.wall - 2000 });
  failed('suspended', strike);
  return endpoints;
}

/** Every reason that the selection can give, for and against an endpoint. */
function decisions(): Set<string> {
  const reasons = new Set<string>();
  const note = (ids: readonly string[] | undefined, more: Partial<SelectionRequest>): void => {
    const endpoints = manyEndpoints().filter(({ config }) => ids === undefined || ids.includes(config.id));
    const selection = select(endpoints, { ...usual, tried: new Set(['tried']), ...more });
    if (selection.kind === 'chosen') reasons.add(selection.reason);
    for (const { reason } of selection.passedOver) reasons.add(reason);
  };
  for (const strategy of strategies) note(undefined, { strategy });
  note(undefined, { override: 'well' });
  note(undefined, { boundTo: 'better' });
  note(undefined, { boundTo: 'better', idleMs: 900_000 });
  note(undefined, { parentBoundTo: 'better' });
  note(['well'], { tried: new Set() });
  note(['well', 'tried'], {});
  return reasons;
}

/** Every reason that a snapshot can give for an endpoint's state. */
function stateReasons(): Set<string> {
  const endpoints = manyEndpoints();
  const { failed } = idsFor(endpoints);
  const limit = { class: 'rateLimit', reason: '429 rate_limit_error' } as const;
  for (const [id, scope] of [
    ['well', 'family'],
    ['better', 'model'],
    ['tried', 'key'],
  ] as const) {
    failed(id, { ...limit, cooldown: { scope, kind: 'until', forMs: 30_000 } });
  }
  const stats = { open: 0, free: 0, queued: 0, requestCount: 0, connectCount: 0, lastConnectMs: undefined };
  const { gateway, totals } = snapshot();
  const seen = wholeSnapshot({
    gateway,
    totals,
    endpoints: endpoints.map((state) => ({ state, pool: { stats: () => stats } })),
    sessions: [],
    requests: [],
    lastWarmUp: () => undefined,
    redact: (text) => text,
    now,
  });
  return new Set(seen.endpoints.flatMap(({ reason, cooldowns }) => [reason, ...cooldowns.map((one) => one.reason)]));
}

/** Reasons with words from elsewhere; `error` stands for a type that is not a plain word. */
const names = [...codes, ...types, 'billing_error', 'authentication_error', 'openai', 'error', 'opus', 'sonnet'];
const longestFirst = ['claude-sonnet-4-5', ...names].sort((a, b) => b.length - a.length);

/** The words of a reason that are the gateway's own and were not translated. A status with its type needs no words. */
function untranslated(reason: string): string[] {
  return /^\d{3}(?: [\w.-]+)?$/.test(reason) ? [] : wordsIn(reasonText(reason, wordless), ...longestFirst);
}

const gathered = { verdicts: verdicts(), decisions: decisions(), states: stateReasons() };

describe('reasonText', () => {
  it('is tried with all that the gateway says', () => {
    const examples = {
      verdicts: ['connection refused', '200 with a web page', '429 by your rule without a reset', 'network proxy: 407'],
      decisions: [
        ...['bound', 'going home, priority ', 'chosen by hand', 'its parent is bound there', 'priority ', 'fastest'],
        ...[
          'only one',
          'only one left',
          'not chosen: bound',
          'already tried',
          'speaks openai',
          'does not serve the model',
        ],
        ...['has as many requests as it takes', 'disabled', 'open: connection refused', 'halfOpen: connection refused'],
        ...['cooling: 402 billing_error', 'cooling: 529 overloaded_error', 'suspended: 401 authentication_error'],
      ],
      states: ['key missing', 'connection refused', '429 rate_limit_error (family:sonnet)', '529 overloaded_error'],
    } as const;
    for (const [name, reasons] of Object.entries(gathered)) {
      const missing = examples[name as keyof typeof examples].filter(
        (one) => ![...reasons].some((reason) => reason.startsWith(one)),
      );
      assert.deepEqual(missing, [], `${name}: ${[...reasons].join(' | ')}`);
    }
  });

  for (const [name, reasons] of Object.entries(gathered)) {
    it(`leaves nothing untranslated of ${name}`, () => {
      assert.deepEqual(
        [...reasons].filter((reason) => untranslated(reason).length > 0),
        [],
      );
    });
  }

  it('translates a verdict within whatever words of the gateway', () => {
    const around = ['cooling: *', 'open: *', 'halfOpen: *', 'suspended: *', 'not chosen: *', '* (endpoint)', '* (key)'];
    for (const words of [...around, '* (family:opus)', '* (model:claude-sonnet-4-5)']) {
      for (const reason of [
        'connection refused',
        '429 rate_limit_error',
        '529 by your rule',
        'no first byte after 120 s',
      ]) {
        assert.deepEqual(untranslated(words.replace('*', reason)), [], words.replace('*', reason));
      }
    }
  });

  it('loses no status, code or type', () => {
    for (const reason of gathered.verdicts) {
      const facts = reason.match(/\b\d[\d.]*\b|\b[A-Z][A-Z_]{3,}\b|\b[a-z]+_[a-z_]+\b/g) ?? [];
      for (const fact of facts) assert.ok(reasonText(reason, english).includes(fact), `${fact} of "${reason}"`);
    }
  });

  it('says things as a person would', () => {
    const cases: [string, string][] = [
      ['connection refused', 'connection refused'],
      ['429 rate_limit_error', '429 rate_limit_error'],
      ['no first byte after 120 s', 'no first byte after 120 s'],
      ['429 rate_limit_error (family:opus)', '429 rate_limit_error (only opus)'],
      ['429 rate_limit_error (endpoint)', '429 rate_limit_error'],
      ['cooling: 529 overloaded_error', 'cooling down: 529 overloaded_error'],
      ['halfOpen', 'half-open'],
      ['not chosen: priority 1', 'not chosen: priority 1'],
      ['speaks openai', 'speaks another API (openai)'],
    ];
    for (const [reason, text] of cases) assert.equal(reasonText(reason, english), text);
  });

  it('does not speak in the names of the code', () => {
    for (const reason of [...gathered.decisions, ...gathered.states]) {
      assert.doesNotMatch(reasonText(reason, english), /[a-z][A-Z]/, reason);
    }
  });

  it('has something to say of a limit for requests without a model', () => {
    assert.doesNotMatch(reasonText('429 rate_limit_error (family:)', english), /\(only \)/);
  });

  it('passes on what it does not know, and never throws', () => {
    assert.equal(reasonText('some_new_error', english), 'some_new_error');
    assert.equal(reasonText('', english), '');
    fc.assert(fc.property(fc.string(), (reason) => void reasonText(reason, english)));
  });
});
