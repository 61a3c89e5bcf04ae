import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../../../src/contract/snapshot.ts';
import { normaliseBaseUrl } from '../../../../../src/core/config/baseUrl.ts';
import { told } from '../../../../../src/core/outcome/reason.ts';
import type { TreeNode } from '../../../../../src/ui/model/treeNode.ts';
import { endpointSummary, endpointTree, inOrder } from '../../../../../src/ui/model/trees/endpointTree.ts';
import { endpointSnapshot, openEndpoint, snapshot, warmUpResult } from '../snapshotParts.ts';
import { englishContext, nowMs, wordlessContext, wordsIn } from '../viewContexts.ts';
import { hostileTexts, liveMarks, shown } from './liveMarkdown.ts';
import { spoken, textsOf, withChildren } from './nodeTexts.ts';

const context = englishContext();
const untilMs = nowMs + 42_000;
const unused = { state: 'unused', requestCount: 0, firstByteMs: null, successRate: null } as const;

/** One endpoint in each state. */
const everyState: readonly EndpointSnapshot[] = [
  endpointSnapshot(),
  endpointSnapshot(unused),
  endpointSnapshot({
    state: 'degraded',
    ...told({
      code: 'rateLimitedFor',
      because: { code: 'statusAndType', status: 429, type: 'rate_limit_error' },
      model: 'opus',
    }),
    untilMs,
  }),
  endpointSnapshot({
    state: 'cooling',
    ...told({ code: 'overloaded', because: { code: 'statusAndType', status: 529, type: 'overloaded_error' } }),
    sinceMs: nowMs,
    untilMs,
  }),
  endpointSnapshot({
    state: 'halfOpen',
    ...told({ code: 'down', because: { code: 'connectionRefused' } }),
    sinceMs: nowMs,
    untilMs,
  }),
  openEndpoint(),
  endpointSnapshot({
    state: 'suspended',
    ...told({ code: 'keyRefused', because: { code: 'statusAndType', status: 401, type: 'authentication_error' } }),
    sinceMs: nowMs,
    untilMs,
  }),
  endpointSnapshot({ state: 'disabled', ...told({ code: 'disabled' }), isEnabled: false }),
  endpointSnapshot({ state: 'keyMissing', ...told({ code: 'keyMissing' }), hasKey: false }),
];

function nodeOf(endpoint: EndpointSnapshot, atMs = nowMs): TreeNode {
  const [node, ...others] = endpointTree(snapshot({ endpoints: [endpoint] }), englishContext(atMs));
  assert.ok(node !== undefined && others.length === 0);
  return node;
}

describe('endpointTree', () => {
  it('D2: shows an endpoint that is well by numbers that have a name', () => {
    const node = nodeOf(endpointSnapshot());
    assert.equal(node.label, 'First party');
    assert.equal(node.description, 'first byte 412 ms · 99% succeed · priority 1');
    assert.equal(node.subject, 'first');
    assert.equal(spoken(node), 'First party, healthy, priority 1');
  });

  it('shows what runs on it now', () => {
    assert.equal(
      nodeOf(endpointSnapshot({ inFlight: 2 })).description,
      '2 running · first byte 412 ms · 99% succeed · priority 1',
    );
  });

  it('D1: says until when an endpoint is not usable and why, and nothing else', () => {
    assert.equal(nodeOf(openEndpoint()).description, '42 s left · paused: connection refused');
    const [, , , cooling, , , suspended, disabled, keyMissing] = everyState;
    const descriptions = [cooling, suspended, disabled, keyMissing].map((one) => one && nodeOf(one).description);
    assert.deepEqual(descriptions, ['42 s left · overloaded', '42 s left · key refused', 'disabled', 'key missing']);
  });

  it('says what is the matter with one that serves all the same', () => {
    const node = nodeOf(
      endpointSnapshot({
        state: 'degraded',
        ...told({
          code: 'rateLimitedFor',
          because: { code: 'statusAndType', status: 429, type: 'rate_limit_error' },
          model: 'opus',
        }),
        untilMs,
      }),
    );
    assert.equal(node.description, '42 s left · rate limited (opus) · first byte 412 ms · 99% succeed · priority 1');
  });

  it('puts the endpoints in the order of their priority, equals as they are in the settings', () => {
    const named = (id: string, priority: number) => endpointSnapshot({ id, priority });
    const endpoints = [named('c', 2), named('a', 1), named('d', 2), named('b', 1)];
    const ids = endpointTree(snapshot({ endpoints }), context).map(({ id }) => id);
    assert.deepEqual(ids, ['a', 'b', 'c', 'd']);
    assert.deepEqual(
      inOrder(endpoints).map(({ id }) => id),
      ids,
    );
    assert.deepEqual(
      endpoints.map(({ id }) => id),
      ['c', 'a', 'd', 'b'],
      'the settings stay as they are',
    );
  });

  it('marks the one that was chosen by hand', () => {
    const override = { endpointId: 'first', untilMs: nowMs + 1_800_000 };
    const endpoints = [endpointSnapshot(), endpointSnapshot({ id: 'second' })];
    const [first, second] = endpointTree(snapshot({ endpoints, gateway: { override } }), context);
    assert.match(first?.description ?? '', /^chosen by hand until 12:30 · first byte/);
    assert.doesNotMatch(second?.description ?? '', /chosen/);
  });

  // interface.md, Settings: a runtime override is shown as such.
  it('shows that an endpoint was enabled at run time, against the settings', () => {
    const plain = textsOf([nodeOf(endpointSnapshot())]);
    assert.notDeepEqual(textsOf([nodeOf(endpointSnapshot({ isOverridden: true }))]), plain);
  });

  it('gives menus the words to go by', () => {
    const words = (parts: Partial<EndpointSnapshot>, owner: 'window' | 'config' = 'window') =>
      endpointTree(snapshot({ endpoints: [endpointSnapshot(parts)], gateway: { owner } }), context)[0]?.contextValue;
    assert.equal(words({}), 'endpoint enabled keyed ours');
    assert.equal(words({ isEnabled: false, state: 'disabled' }), 'endpoint disabled keyed ours');
    assert.equal(words({ hasKey: false, state: 'keyMissing' }, 'config'), 'endpoint enabled keyless foreign');
  });

  it('has no node twice', () => {
    const endpoints = everyState.map((one, index) => ({ ...one, id: `e${index}` }));
    const ids = withChildren(endpointTree(snapshot({ endpoints }), context)).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('leaves nothing untranslated', () => {
    const names = ['First party', 'https://api.example.com', 'rate_limit_error', 'overloaded_error', 'opus'];
    for (const text of textsOf(endpointTree(snapshot({ endpoints: everyState }), wordlessContext))) {
      assert.deepEqual(wordsIn(text, ...names, 'authentication_error', 'ms'), [], text);
    }
  });
});

describe('endpointSummary of an endpoint that was not used yet', () => {
  const summary = (parts: Partial<EndpointSnapshot>) =>
    endpointSummary(endpointSnapshot({ ...unused, ...parts }), context);

  it('says so', () => {
    assert.equal(summary({}), 'not used yet · priority 1');
  });

  // The time to first byte begins before the connection does: it holds the time to connect.
  it('says how long the warm-up took', () => {
    assert.equal(summary({ lastWarmUp: warmUpResult() }), 'ready in 35 ms · priority 1');
    const onOpenSocket = warmUpResult({ connectMs: null });
    assert.equal(summary({ lastWarmUp: onOpenSocket }), 'ready in 35 ms · priority 1');
  });

  it('does not call it ready when the warm-up was told that the key is wrong', () => {
    const refused = warmUpResult({
      isGood: false,
      key: 'refused',
      class: 'auth',
      ...told({ code: 'statusAndType', status: 401, type: 'authentication_error' }),
    });
    assert.doesNotMatch(summary({ lastWarmUp: refused }), /ready/);
  });

  it('does not call it ready when the warm-up did not reach it', () => {
    const unreachable = {
      isGood: false,
      isReachable: false,
      key: 'unknown',
      connectMs: null,
      firstByteMs: null,
    } as const;
    const lastWarmUp = warmUpResult({ ...unreachable, class: 'transient', ...told({ code: 'connectionRefused' }) });
    assert.doesNotMatch(summary({ lastWarmUp }), /ready/);
  });
});

describe('endpointTree, while time passes', () => {
  it('changes descriptions of what waits for a moment, and nothing else', () => {
    const changing = everyState.filter((one) => nodeOf(one).description !== nodeOf(one, nowMs + 7000).description);
    assert.deepEqual(
      changing.map(({ state }) => state),
      ['degraded', 'cooling', 'open', 'suspended'],
    );
    assert.deepEqual(
      everyState.map((one) => nodeOf(one).tooltip),
      everyState.map((one) => nodeOf(one, nowMs + 7000).tooltip),
    );
  });

  it('has a screen reader say the same of each endpoint', () => {
    for (const one of everyState) {
      assert.equal(spoken(nodeOf(one)), spoken(nodeOf(one, nowMs + 7000)), one.state);
      assert.doesNotMatch(spoken(nodeOf(one)), /\d+ (?:s|min|h|d)\b/, one.state);
    }
  });

  it('names name, state and priority to a screen reader', () => {
    const said = everyState.map((one) => spoken(nodeOf(one)));
    for (const text of said) assert.match(text, /^First party, .+, priority 1$/);
    assert.ok(said.includes('First party, paused after 3 failures: connection refused, priority 1'));
  });
});

describe('an endpoint that serves Claude Code by translation', () => {
  const translating = { dialect: 'openai', alsoServes: ['anthropic'] } as const;

  it('says so in its row, to a screen reader and in its tooltip', () => {
    const node = nodeOf(endpointSnapshot(translating));
    assert.match(node.description ?? '', / · Claude Code by translation$/);
    assert.match(spoken(node), /, Claude Code by translation$/);
    assert.match(node.tooltip ?? '', /OpenAI API, Claude Code by translation/);
  });

  it('is told from one that serves OpenAI clients only', () => {
    for (const alsoServes of [[], undefined]) {
      const node = nodeOf(endpointSnapshot({ dialect: 'openai', ...(alsoServes === undefined ? {} : { alsoServes }) }));
      assert.doesNotMatch(JSON.stringify(node), /by translation/);
    }
  });
});

describe('the tooltip of an endpoint', () => {
  const tooltip = (parts: Partial<EndpointSnapshot>) => nodeOf(openEndpoint(parts)).tooltip ?? '';

  it('says name, state, until what time of day, address and API', () => {
    const text = shown(tooltip({}));
    assert.match(text, /First party/);
    assert.match(text, /paused after 3 failures: connection refused/);
    assert.match(text, /back at 12:01/);
    assert.match(text, /`https:\/\/api\.example\.com` · Anthropic API/);
    assert.match(tooltip({ dialect: 'openai' }), /OpenAI API/);
  });

  it('gives no end where there is none to wait for', () => {
    for (const one of everyState.filter(({ state }) => ['halfOpen', 'disabled', 'keyMissing'].includes(state))) {
      assert.doesNotMatch(nodeOf(one).tooltip ?? '', /12:/, one.state);
    }
  });

  it('lets names and reasons be words only', () => {
    for (const text of hostileTexts) {
      assert.equal(liveMarks(tooltip({ name: text })), liveMarks(tooltip({})), text);
      assert.equal(liveMarks(tooltip({ reason: text })), liveMarks(tooltip({})), text);
    }
  });

  it('lets an address be an address only', () => {
    const read = normaliseBaseUrl('http://a`b.example/[click](https://evil.example)');
    assert.ok(read.kind === 'ok');
    assert.equal(liveMarks(tooltip({ baseUrl: read.url })), liveMarks(tooltip({})), read.url);
  });
});

describe('endpointTree, with odd names', () => {
  it('keeps labels and what is said to one line', () => {
    const node = nodeOf(endpointSnapshot({ name: 'first\nline\u0007' }));
    for (const text of [node.label, spoken(node)]) assert.doesNotMatch(text, /\p{Cc}/u);
  });

  it('cuts a model name that nobody would read to its end', () => {
    const because = { code: 'status', status: 429 } as const;
    const reason = told({ code: 'rateLimitedFor', because, model: 'very-long-'.repeat(25) });
    const node = nodeOf(endpointSnapshot({ state: 'degraded', ...reason, untilMs }));
    assert.ok(spoken(node).length <= 160, spoken(node));
  });
});
