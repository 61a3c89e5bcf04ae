import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ClientSight, type DrillDone, type DrillRow, drillFaults } from '../../../../../src/contract/drill.ts';
import {
  type DrillResult,
  drillDocument,
  drillProgressText,
  emptyDrillDocument,
} from '../../../../../src/ui/model/drill/drillText.ts';
import type { Translate } from '../../../../../src/ui/model/viewContext.ts';
import { english, wordless, wordsIn } from '../viewContexts.ts';

const bundle = path.resolve(import.meta.dirname, '../../../../../l10n/bundle.l10n.zh-cn.json');
const inChinese: Readonly<Record<string, string>> = JSON.parse(readFileSync(bundle, 'utf8'));
const chinese: Translate = (message, ...args) => english(inChinese[message] ?? message, ...args);

const goodRow: DrillRow = {
  event: 'fault',
  fault: 'refused',
  requests: 1,
  failed: 'first',
  answeredBy: 'second',
  lostMs: 3.4,
  clientSaw: 'wholeAnswer',
  isAsDesigned: true,
  differences: [],
};
const badRow: DrillRow = {
  ...goodRow,
  fault: 'cutAfterContent',
  requests: 3,
  clientSaw: 'falseEnd',
  isAsDesigned: false,
  differences: [
    { request: 1, aspect: 'clientSaw', expected: 'brokenAnswer', seen: 'falseEnd' },
    { request: 2, aspect: 'endpointsSaw', expected: 'second answered', seen: 'first answered' },
  ],
};
const finished: DrillDone = {
  event: 'done',
  end: 'finished',
  isAsDesigned: true,
  played: 17,
  failed: 0,
  healthyMs: 2.7,
  totalMs: 3041,
};
const sights: readonly ClientSight[] = [
  ...(['wholeAnswer', 'brokenAnswer', 'errorEvent', 'falseEnd', 'garbledAnswer'] as const),
  ...(['endpointsError', 'otherError', 'nothing', 'left'] as const),
];

/** Every fault, and every sight that there is. */
const allRows = drillFaults.map((fault, index) => ({
  ...goodRow,
  fault,
  clientSaw: sights[index % sights.length] ?? 'nothing',
}));
const whole: DrillResult = { rows: allRows, done: finished };
const bad: DrillResult = { rows: [goodRow, badRow], done: { ...finished, isAsDesigned: false, played: 2, failed: 1 } };

const document = (result: DrillResult, t: Translate = english) => drillDocument(result, drillFaults.length, t);
const heading = (result: DrillResult, t?: Translate) => document(result, t).split('\n')[0];
/** The cells of the table, row by row, without its head. */
const cells = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.replaceAll('\u00a0', ' ').trim()));

describe('drillDocument', () => {
  it('says in its heading, in one sentence, whether all was as designed', () => {
    assert.equal(heading(whole), '# All 17 faults went as designed.');
    assert.equal(heading(bad), '# 1 of 2 faults did not go as designed.');
    const done = { ...finished, end: 'deadline', isAsDesigned: false, played: 4 } as const;
    assert.equal(heading({ rows: [], done }), '# The drill did not finish: 4 of 17 faults were played.');
    assert.equal(heading({ rows: [], done: { ...done, end: 'stopped' } }), heading({ rows: [], done }));
    assert.equal(heading(whole, chinese), '# 全部 17 种故障的处理均符合预期。');
    assert.equal(heading(bad, chinese), '# 2 种故障中有 1 种的处理不符合预期。');
  });

  it('has a row for each fault: who failed, who answered, what it cost, what the client saw', () => {
    const rows = cells(document(whole));
    assert.equal(rows.length, 17);
    assert.deepEqual(cells(document({ ...whole, rows: [goodRow] }))[0], [
      '',
      'An endpoint that refuses connections',
      'first',
      'second',
      '3 ms',
      'the whole answer',
      '✓ yes',
      '',
    ]);
    assert.equal(new Set(rows.map(([, fault]) => fault)).size, 17);
    assert.equal(new Set(rows.map(([, , , , , sight]) => sight)).size, sights.length);
  });

  it('leaves out what there is not', () => {
    const row: DrillRow = { ...goodRow, fault: 'clientLeaves', failed: null, answeredBy: null, lostMs: null };
    assert.deepEqual(cells(document({ ...whole, rows: [row] }))[0]?.slice(2, 5), ['–', '–', '–']);
    assert.doesNotMatch(document({ ...whole, done: { ...finished, healthyMs: null } }), /healthy/i);
  });

  it('does not claim that something took no time at all', () => {
    const row = { ...goodRow, lostMs: 0 };
    assert.equal(cells(document({ ...whole, rows: [row] }))[0]?.[4], '< 1 ms');
    assert.doesNotMatch(document({ ...whole, done: { ...finished, healthyMs: 0.3 } }), /\b0 ms/);
  });

  it('tells what was different, request by request, and what to do about it', () => {
    const text = document(bad);
    assert.match(text, /✗\u00a0\*\*no\*\*/);
    const at = 'A connection that breaks in the middle of the answer';
    const [, part = ''] = text.split('## Differences');
    assert.ok(part.includes(`- **${at}**`));
    const saw = 'expected an answer that broke off visibly, got a partial answer that looked complete';
    assert.ok(part.includes(`request 1 of 3: what the client saw: ${saw}`), part);
    assert.ok(part.includes('expected `second answered`, got `first answered`'), part);
    assert.match(text, /run the drill again/);
    assert.match(document(bad, chinese), /请再次运行演练/);
  });

  it('says nothing of differences and remedies when there are none', () => {
    assert.doesNotMatch(document(whole), /different|run the drill again/);
  });

  it('explains each fault below the table', () => {
    const [, part = ''] = document(whole).split('## The faults');
    const items = part.split('\n- **').slice(1);
    assert.equal(items.length, 17);
    for (const item of items) assert.match(item, /\*\* {2}\n {2}\S.{40,}\.$/m, item);
    assert.equal(new Set(items).size, 17);
  });

  // Text from a pipe is not Markdown.
  it('keeps the words of the program out of the Markdown', () => {
    const [difference] = badRow.differences;
    assert.ok(difference);
    const seen = '`[click](command:x)`';
    const row = { ...badRow, differences: [{ ...difference, aspect: 'end', seen } as const] };
    assert.ok(document({ ...bad, rows: [row] }).includes("got `'[click](command:x)'`"));
  });

  it('leaves nothing untranslated', () => {
    const names = ['second answered', 'first answered', 'ms'];
    for (const result of [whole, bad]) assert.deepEqual(wordsIn(document(result, wordless), ...names), []);
    assert.deepEqual(wordsIn(emptyDrillDocument(wordless)), []);
  });

  it('has no English sentence in Chinese', () => {
    const sameInBoth = ['Signalbox', 'Claude Code', 'API', 'second answered', 'first answered', 'ms'];
    for (const result of [whole, bad]) {
      const latin = wordsIn(document(result, chinese), ...sameInBoth).filter((word) => /[a-z]/i.test(word));
      assert.deepEqual(latin, []);
    }
  });
});

describe('drillProgressText', () => {
  it('names what is being played, and how many there are', () => {
    assert.equal(drillProgressText(drillFaults, 3, english), '4 of 17: an endpoint that refuses connections');
    assert.equal(drillProgressText(drillFaults, 3, chinese), '第 4 项，共 17 项：端点拒绝连接');
    assert.equal(drillProgressText(drillFaults, drillFaults.length, english), '');
  });
});

describe('emptyDrillDocument', () => {
  it('says how to get a result', () => {
    assert.match(emptyDrillDocument(english), /^# No fault drill has been run[\s\S]*Signalbox: Run Fault Drill/);
  });
});
