import assert from 'node:assert/strict';
import type { SessionSnapshot } from '../../../../../src/contract/snapshot.ts';
import type { TreeNode } from '../../../../../src/ui/model/treeNode.ts';
import { sessionTree } from '../../../../../src/ui/model/trees/sessionTree.ts';
import {
  attemptRecord,
  endpointSnapshot,
  openEndpoint,
  requestRecord,
  sessionSnapshot,
  snapshot,
} from '../snapshotParts.ts';
import { englishContext, nowMs, wordlessContext, wordsIn } from '../viewContexts.ts';
import { hostileTexts, liveMarks, shown } from './liveMarkdown.ts';
import { spoken, textsOf, withChildren } from './nodeTexts.ts';

const endpoints = [
  endpointSnapshot({ id: 'second', name: 'Second', priority: 2, sessionCount: 1 }),
  endpointSnapshot({ sessionCount: 2 }),
  openEndpoint({ id: 'third', name: 'Third', priority: 3 }),
];
const sessions = [
  sessionSnapshot({ id: 's1' }),
  sessionSnapshot({ id: 's2', endpointId: 'second' }),
  sessionSnapshot({ id: 's3', client: 'curl/8.5.0' }),
];
const whole = snapshot({ endpoints, sessions });

function nodeOf(session: SessionSnapshot, atMs = nowMs): TreeNode {
  const [node, ...others] = sessionTree(snapshot({ endpoints, sessions: [session] }), false, englishContext(atMs));
  assert.ok(node !== undefined && others.length === 0);
  return node;
}

describe('a session whose last request was answered by translation', () => {
  const translated = attemptRecord({ translation: { to: 'chat', losses: [] } });
  const [of, native] = [{ sessionId: 's1' }, attemptRecord()];
  const shownAfter = (...attempts: (typeof native)[]) => {
    const requests = attempts.map((attempt) => requestRecord({ ...of, attempts: [attempt] }));
    const [node] = sessionTree(snapshot({ endpoints, sessions, requests }), false, englishContext());
    return node?.description ?? '';
  };

  it('says so beside its endpoint', () => {
    assert.match(shownAfter(translated, native), /^→ First party · by translation · 3 min ago/);
  });

  it('says it no longer once an answer is native again', () => {
    assert.doesNotMatch(shownAfter(native, translated), /translation/);
    assert.doesNotMatch(shownAfter(), /translation/);
  });
});

describe('sessionTree, flat', () => {
  it('shows client, endpoint, idle time and requests, in the order of the gateway', () => {
    const nodes = sessionTree(whole, false, englishContext());
    assert.deepEqual(
      nodes.map(({ label, description }) => [label, description]),
      [
        ['Claude Code · 11:00', '→ First party · 3 min ago · since 11:00:00 · requests: 17 · s1'],
        ['Claude Code · 11:00', '→ Second · 3 min ago · since 11:00:00 · requests: 17 · s2'],
        ['curl · 11:00', '→ First party · 3 min ago · since 11:00:00 · requests: 17 · s3'],
      ],
    );
    assert.deepEqual(
      nodes.map(({ subject }) => subject),
      ['s1', 's2', 's3'],
    );
  });

  it('D3: tells sessions of one client apart by model, begin and short name', () => {
    const known = sessionSnapshot({ id: 's1', model: 'claude-opus-4-6' });
    const [first, second] = sessionTree({ ...whole, sessions: [known, sessions[1] ?? known] }, false, englishContext());
    assert.equal(first?.label, 'opus-4-6 · 11:00');
    assert.match(first?.description ?? '', /^→ First party · Claude Code · /);
    assert.equal(second?.label, 'Claude Code · 11:00');
    assert.notEqual(first?.description, second?.description);
  });

  it('D3: says what a session has cost, where a price is known', () => {
    assert.match(nodeOf(sessionSnapshot({ costUsd: 1.234 })).description ?? '', / · 3 min ago · \$1\.23 · since /);
    assert.doesNotMatch(nodeOf(sessionSnapshot({ costUsd: null })).description ?? '', /\$/);
  });

  it('calls a session active that has just been used', () => {
    assert.match(nodeOf(sessionSnapshot({ lastUsedMs: nowMs - 3000 })).description ?? '', / · active · /);
  });

  it('names an endpoint that is no more by its id', () => {
    const node = nodeOf(sessionSnapshot({ endpointId: 'gone' }));
    assert.match(node.description ?? '', /^→ gone · /);
    assert.equal(spoken(node), 'Claude Code, bound to gone');
  });

  it('tells in the tooltip since when it is bound', () => {
    assert.match(shown(nodeOf(sessionSnapshot()).tooltip ?? ''), /11:00:00/);
  });

  it('shows a session whose client did not say what it is', () => {
    assert.equal(nodeOf(sessionSnapshot({ client: null })).label, 'unknown client · 11:00');
  });
});

describe('sessionTree, grouped', () => {
  it('has an open group for each endpoint that sessions are bound to, in the order of the endpoints', () => {
    const groups = sessionTree(whole, true, englishContext());
    assert.deepEqual(
      groups.map(({ label, description, isExpanded }) => [label, description, isExpanded]),
      [
        ['First party', '2 bound', true],
        ['Second', '1 bound', true],
      ],
    );
    assert.deepEqual(
      groups.map(({ children = [] }) => children.map(({ id }) => id)),
      [['s1', 's3'], ['s2']],
    );
  });

  it('does not repeat the endpoint', () => {
    const [group] = sessionTree(whole, true, englishContext());
    assert.equal(group?.children?.[0]?.description, '3 min ago · since 11:00:00 · requests: 17 · s1');
  });

  it('A6: keeps sessions that have lost their endpoint, as unbound', () => {
    const lost = [sessionSnapshot({ id: 's4', endpointId: 'third', isBound: false })];
    const [group] = sessionTree(snapshot({ endpoints, sessions: lost }), true, englishContext());
    assert.equal(group?.label, 'Unbound');
    assert.match(group?.children?.[0]?.description ?? '', /^unbound, was on Third · 3 min ago/);
    const [flat] = sessionTree(snapshot({ endpoints, sessions: lost }), false, englishContext());
    assert.match(flat?.description ?? '', /^unbound, was on Third · /);
    assert.equal(spoken(flat ?? { id: '', label: '' }), 'Claude Code, unbound, was on Third');
  });

  it('shows how the endpoint stands', () => {
    const bound = snapshot({ endpoints, sessions: [sessionSnapshot({ endpointId: 'third' })] });
    assert.equal(sessionTree(bound, true, englishContext())[0]?.icon?.id, 'error');
  });

  it('hides no session, also where its endpoint is no more', () => {
    const gone = sessionSnapshot({ id: 's4', endpointId: 'gone' });
    const nodes = withChildren(sessionTree({ ...whole, sessions: [...sessions, gone] }, true, englishContext()));
    const shown = nodes.filter(({ contextValue }) => contextValue === 'session').map(({ id }) => id);
    assert.deepEqual(shown.sort(), ['s1', 's2', 's3', 's4']);
  });

  it('tells how many there are besides those that the gateway lists', () => {
    const many = { ...whole, totals: { ...whole.totals, sessions: 1234 } };
    for (const isGrouped of [true, false]) {
      assert.equal(sessionTree(many, isGrouped, englishContext()).at(-1)?.label, '1231 more, used longer ago');
      assert.deepEqual(
        textsOf(sessionTree(many, isGrouped, wordlessContext)).filter((text) => /more/.test(text)),
        [],
      );
    }
  });

  it('is empty without sessions', () => {
    assert.deepEqual(sessionTree(snapshot({ endpoints }), true, englishContext()), []);
    assert.deepEqual(sessionTree(snapshot({ endpoints }), false, englishContext()), []);
  });
});

describe('sessionTree', () => {
  it('gives menus a word to go by, and no node twice', () => {
    for (const isGrouped of [true, false]) {
      const nodes = withChildren(sessionTree(whole, isGrouped, englishContext()));
      assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
      for (const node of nodes) {
        assert.equal(node.contextValue, node.subject === undefined ? 'sessionGroup' : 'session');
      }
    }
  });

  it('leaves nothing untranslated', () => {
    for (const isGrouped of [true, false]) {
      for (const text of textsOf(sessionTree(whole, isGrouped, wordlessContext))) {
        assert.deepEqual(
          wordsIn(text, 'First party', 'Second', 'Claude Code', 'claude-cli', 'curl', 's1', 's2', 's3'),
          [],
          text,
        );
      }
    }
  });

  it('has a screen reader say client and endpoint, and no time', () => {
    assert.equal(spoken(nodeOf(sessionSnapshot())), 'Claude Code, bound to First party');
  });

  // As the tooltip of an endpoint: one that changes closes under the reader's eyes.
  it('does not change its tooltip while time passes', () => {
    const young = sessionSnapshot({ boundAtMs: nowMs - 5000, lastUsedMs: nowMs - 1000 });
    assert.equal(nodeOf(young, nowMs + 7000).tooltip, nodeOf(young).tooltip);
  });

  it('lets the name of a client be words only', () => {
    const tooltip = (client: string) => nodeOf(sessionSnapshot({ client })).tooltip ?? '';
    for (const text of hostileTexts) assert.equal(liveMarks(tooltip(text)), liveMarks(tooltip('harmless')), text);
  });
});
