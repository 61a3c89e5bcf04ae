import assert from 'node:assert/strict';
import type { StoredRequest } from '../../../../../src/contract/metrics.ts';
import { told } from '../../../../../src/core/outcome/reason.ts';
import type { RequestRecord } from '../../../../../src/core/record/record.ts';
import type { TreeNode } from '../../../../../src/ui/model/treeNode.ts';
import { requestTree } from '../../../../../src/ui/model/trees/requestTree.ts';
import { attemptRecord, endpointSnapshot, requestRecord, snapshot } from '../snapshotParts.ts';
import { englishContext, wordlessContext, wordsIn } from '../viewContexts.ts';
import { hostileTexts, liveMarks, shown } from './liveMarkdown.ts';
import { spoken, textsOf, withChildren } from './nodeTexts.ts';

const endpoints = [endpointSnapshot(), endpointSnapshot({ id: 'second', name: 'Second' })];
const refused = attemptRecord({
  class: 'transient',
  ...told({ code: 'connectionRefused' }),
  status: undefined,
  firstByteMs: undefined,
  totalMs: 3,
  isReusedConnection: false,
});
const failedOver = requestRecord({
  endpointId: 'second',
  attempts: [
    refused,
    attemptRecord({ endpointId: 'second', chosenBecause: 'only one left', chosenWhy: { code: 'onlyOneLeft' } }),
  ],
});
const clientFault = requestRecord({
  terminal: 'endpointError',
  status: 400,
  endpointId: undefined,
  attempts: [
    attemptRecord({
      class: 'request',
      ...told({ code: 'statusAndType', status: 400, type: 'invalid_request_error' }),
      status: 400,
    }),
  ],
  firstByteMs: undefined,
  usage: undefined,
});
const exhausted = requestRecord({
  terminal: 'endpointError',
  status: 529,
  endpointId: undefined,
  attempts: [
    refused,
    attemptRecord({
      endpointId: 'second',
      class: 'overloaded',
      ...told({ code: 'statusAndType', status: 529, type: 'overloaded_error' }),
      status: 529,
    }),
  ],
  firstByteMs: undefined,
  usage: undefined,
});
const unanswered = requestRecord({
  terminal: 'gatewayError',
  status: 503,
  endpointId: undefined,
  attempts: [],
  firstByteMs: undefined,
  usage: undefined,
});
const broken = requestRecord({
  terminal: 'truncated',
  attempts: [attemptRecord({ class: 'transient', ...told({ code: 'truncated' }) })],
});
const aborted = requestRecord({
  terminal: 'clientAbort',
  status: undefined,
  endpointId: undefined,
  attempts: [attemptRecord({ class: 'clientAbort', ...told({ code: 'clientClosed' }), status: undefined })],
  firstByteMs: undefined,
  usage: undefined,
});
const everyEnd = { answered: requestRecord(), failedOver, clientFault, exhausted, unanswered, broken, aborted };

function nodeOf(request: StoredRequest): TreeNode {
  const [node, ...others] = requestTree(snapshot({ endpoints, requests: [request] }), englishContext());
  assert.ok(node !== undefined && others.length === 0);
  return node;
}

const parts = (request: StoredRequest) => (nodeOf(request).description ?? '').split(' · ');

it('requestTree says of an answer that it came by translation', () => {
  const translated = attemptRecord({ translation: { to: 'responses', losses: [] } });
  const request = requestRecord({ attempts: [attemptRecord(), translated] });
  const [node] = requestTree(snapshot({ endpoints: [endpointSnapshot()], requests: [request] }), englishContext());
  assert.match(node?.description ?? '', /→ First party at attempt 2 · by translation/);
  const [native] = requestTree(
    snapshot({ requests: [requestRecord({ attempts: [attemptRecord()] })] }),
    englishContext(),
  );
  assert.doesNotMatch(native?.description ?? '', /translation/);
});

describe('requestTree', () => {
  it('D4: shows model, time of day, endpoint, first byte, cost and tokens of a request', () => {
    const node = nodeOf(requestRecord({ costUsd: 0.0563 }));
    assert.equal(node.label, 'sonnet-4-5');
    assert.equal(node.description, '11:59:00 · → First party · 812 ms · $0.056 · 300 in, 840 out');
  });

  it('keeps the order of the gateway: newest first', () => {
    const requests = ['a1-3', 'a1-2', 'a1-1'].map((id) => requestRecord({ id }));
    assert.deepEqual(
      requestTree(snapshot({ endpoints, requests }), englishContext()).map(({ id }) => id),
      ['a1-3', 'a1-2', 'a1-1'],
    );
  });

  it('says how a request ended that did not end well', () => {
    assert.deepEqual(parts(clientFault).slice(1), ['400 from First party']);
    assert.deepEqual(parts(exhausted).slice(1), ['529 from Second']);
    assert.deepEqual(parts({ ...exhausted, status: undefined }).slice(1), ['failed: Second']);
    assert.equal(parts(broken)[1], 'stream broke: First party');
    assert.deepEqual(parts(aborted).slice(1), ['cancelled by the client']);
  });

  it('A4: names the endpoint that said what the client got, and none where the gateway said it', () => {
    const passedOn = { ...exhausted, endpointId: 'first', status: 400 };
    assert.deepEqual(parts(passedOn).slice(1), ['400 from First party'], 'though the second was tried last');
    const own = requestRecord({ ...exhausted, terminal: 'gatewayError', status: 503, attempts: [refused] });
    assert.deepEqual(parts(own).slice(1), ['no endpoint left', 'last: connection refused']);
    assert.deepEqual(parts(unanswered).slice(1), ['no endpoint left']);
    const paused = { endpointId: 'second', ...told({ code: 'keyMissing' }), untilMs: undefined };
    assert.deepEqual(parts({ ...unanswered, passedOver: [paused] }).slice(1), [
      'no endpoint left',
      'Second: key missing',
    ]);
  });

  it('A4: does not say that an endpoint was skipped which was tried', () => {
    const skipped = (endpointId: string) => ({ endpointId, ...told({ code: 'open' }), untilMs: undefined });
    const own = requestRecord({
      terminal: 'gatewayError',
      attempts: [refused],
      passedOver: [skipped('first'), skipped('second')],
    });
    assert.deepEqual(
      nodeOf(own).children?.map(({ label }) => label),
      ['1. First party', 'Skipped: Second'],
    );
  });

  it('says that another endpoint has saved a request', () => {
    assert.deepEqual(parts(failedOver).slice(0, 2), ['11:59:00', '→ Second at attempt 2']);
    assert.notEqual(nodeOf(failedOver).icon?.id, nodeOf(requestRecord()).icon?.id);
  });

  it('is red for what is the trouble of an endpoint or of the gateway, and for nothing else', () => {
    const red = Object.entries(everyEnd).filter(([, one]) => nodeOf(one).icon?.color === 'list.errorForeground');
    assert.deepEqual(
      red.map(([name]) => name),
      ['exhausted', 'unanswered'],
    );
  });

  it('names an endpoint that is no more by its id', () => {
    assert.equal(parts(requestRecord({ endpointId: 'gone' }))[1], '→ gone');
  });

  it('names what was asked for where it was no model', () => {
    assert.equal(nodeOf(requestRecord({ model: undefined, route: '/v1/files' })).label, '/v1/files');
    assert.notEqual(nodeOf(requestRecord({ model: '' })).label, '');
  });

  it('tells client, duration and time of day in the tooltip', () => {
    const tooltip = shown(nodeOf(requestRecord()).tooltip ?? '');
    for (const part of [/11:59:00/, /messages/, /Claude Code 2\.1\.330/, /6\.4 s/]) {
      assert.match(tooltip, part);
    }
    assert.match(nodeOf(requestRecord({ client: undefined })).tooltip ?? '', /unknown client/);
  });

  it('has no node twice', () => {
    const requests = Object.values(everyEnd).map((one, index) => ({ ...one, id: `a1-${index}` }));
    const ids = withChildren(requestTree(snapshot({ endpoints, requests }), englishContext())).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('leaves nothing untranslated', () => {
    const names = [
      'First party',
      'Second',
      'claude-sonnet-4-5',
      'sonnet-4-5',
      'messages',
      'Claude Code',
      'invalid_request_error',
    ];
    for (const text of textsOf(
      requestTree(snapshot({ endpoints, requests: Object.values(everyEnd) }), wordlessContext),
    )) {
      assert.deepEqual(wordsIn(text, ...names, 'overloaded_error'), [], text);
    }
  });
});

describe('requestTree, tokens', () => {
  const tokens = (
    usage: Partial<NonNullable<RequestRecord['usage']>>,
    dialect: 'anthropic' | 'openai' = 'anthropic',
  ) => {
    const none = {
      inputTokens: undefined,
      outputTokens: undefined,
      cacheReadTokens: undefined,
      cacheWriteTokens: undefined,
    };
    return parts(requestRecord({ dialect, usage: { ...none, ...usage } })).at(-1) ?? '';
  };

  it('counts what was read from a cache or written to it as input', () => {
    const usage = { inputTokens: 300, cacheReadTokens: 18_000, cacheWriteTokens: 1700, outputTokens: 840 };
    assert.match(tokens(usage), /^20(?:\.0)?k in, 840 out$/);
  });

  // OpenAI's prompt_tokens hold the cached ones already; Anthropic's input_tokens do not.
  it('counts nothing twice where the input holds the cached tokens already', () => {
    const usage = { inputTokens: 1000, cacheReadTokens: 900, outputTokens: 50 };
    assert.equal(tokens(usage, 'openai'), '1.0k in, 50 out');
  });

  it('says nothing where the endpoint has not counted', () => {
    const nothing = requestRecord({ usage: undefined });
    assert.equal(parts(nothing).at(-1), '812 ms');
    assert.doesNotMatch(tokens({}), /\b0\b/);
    assert.doesNotMatch(tokens({ inputTokens: 300 }), /\b0 out/);
    assert.doesNotMatch(tokens({ outputTokens: 300 }), /\b0 in/);
  });
});

describe('requestTree, attempts', () => {
  const children = (request: StoredRequest) => nodeOf(request).children ?? [];
  const described = (nodes: readonly TreeNode[] = []) =>
    nodes.map(({ label, description }) => `${label}: ${description}`);

  it('are listed in their order, with endpoint, reason and milliseconds', () => {
    const [first, second] = children(failedOver);
    assert.equal(first?.label, '1. First party');
    assert.match(first?.description ?? '', /connection refused.* · 3 ms$/);
    assert.equal(second?.label, '2. Second');
    assert.match(second?.description ?? '', /^ok · 6\.4 s$/);
    assert.deepEqual([first?.icon?.color, second?.icon?.color], ['list.errorForeground', 'testing.iconPassed']);
  });

  // interface.md: "the attempts with class and reason"; behaviour.md §9: "attempts with class and milliseconds".
  it('tell the class of a failure', () => {
    const byRule = told({ code: 'byRule', status: 500 });
    const texts = (['transient', 'overloaded', 'auth'] as const).map((name) =>
      textsOf(children(requestRecord({ attempts: [attemptRecord({ class: name, ...byRule, status: 500 })] }))).join(
        '\n',
      ),
    );
    assert.equal(new Set(texts).size, texts.length, texts[0]);
  });

  it('are none where no endpoint could be asked', () => {
    assert.deepEqual(children(unanswered), []);
  });

  it('are followed by why none could be asked', () => {
    const passedOver = [
      { endpointId: 'second', ...told({ code: 'paused', because: { code: 'connectionRefused' } }), untilMs: 5 },
    ];
    assert.deepEqual(described(children({ ...unanswered, passedOver })), [
      'Skipped: Second: paused after failures: connection refused',
    ]);
  });

  it('say why the endpoint was chosen, and why each other one was not', () => {
    const passedOver = [
      { endpointId: 'second', ...told({ code: 'paused', because: { code: 'connectionRefused' } }), untilMs: 5 },
      { endpointId: 'gone', ...told({ code: 'otherDialect', dialect: 'openai' }), untilMs: undefined },
    ];
    const [attempt] = children(requestRecord({ attempts: [attemptRecord({ passedOver })] }));
    assert.deepEqual(described(attempt?.children), [
      'Chosen: priority 1',
      'Skipped: Second: paused after failures: connection refused',
      'Skipped: gone: speaks another API (openai)',
      'Connection: reused connection',
    ]);
  });

  it('say whether a connection had to be made', () => {
    const [attempt] = children(failedOver);
    assert.ok(described(attempt?.children).includes('Connection: a new one'));
  });

  it('are not red for a fault of the client', () => {
    assert.notEqual(children(clientFault)[0]?.icon?.color, 'list.errorForeground');
  });
});

describe('requestTree, for a screen reader', () => {
  it('names model, end and time of day', () => {
    assert.match(spoken(nodeOf(requestRecord())), /^claude-sonnet-4-5, First party, 11:59:00$/);
    assert.match(spoken(nodeOf(failedOver)), /Second at attempt 2/);
    assert.match(spoken(nodeOf(unanswered)), /no endpoint left/);
  });

  it('names the same endpoint as is shown', () => {
    for (const [name, request] of Object.entries(everyEnd)) {
      const end = parts(request)[1]?.replace('→ ', '') ?? '?';
      if (request.attempts.length > 0) assert.ok(spoken(nodeOf(request)).includes(end), name);
    }
  });
});

describe('requestTree, with odd names', () => {
  it('lets the name of a client be words only', () => {
    const tooltip = (client: string) => nodeOf(requestRecord({ client })).tooltip ?? '';
    for (const text of hostileTexts) assert.equal(liveMarks(tooltip(text)), liveMarks(tooltip('harmless')), text);
  });

  it('keeps what a client sends as a model to one short line', () => {
    const node = nodeOf(requestRecord({ model: `claude\n\u0007${'-very-long'.repeat(24)}` }));
    for (const text of [node.label, spoken(node)]) {
      assert.doesNotMatch(text, /\p{Cc}/u);
      assert.ok(text.length <= 160, text);
    }
  });
});
