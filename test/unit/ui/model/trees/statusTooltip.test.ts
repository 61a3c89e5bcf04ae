import assert from 'node:assert/strict';
import type { EndpointSnapshot, Snapshot } from '../../../../../src/contract/snapshot.ts';
import { told } from '../../../../../src/core/outcome/reason.ts';
import { statusTooltip, tooltipCommands, withFiguresOf } from '../../../../../src/ui/model/trees/statusTooltip.ts';
import { endpointSnapshot, openEndpoint, snapshot } from '../snapshotParts.ts';
import { englishContext, nowMs, wordlessContext, wordsIn } from '../viewContexts.ts';
import { hostileTexts, liveMarks, shown } from './liveMarkdown.ts';

const tooltip = (given: Snapshot, problems: readonly string[] = [], atMs = nowMs) =>
  statusTooltip(
    given,
    problems.map((message) => ({ path: '', message })),
    englishContext(atMs),
  );

/** The row of the table that is about the first endpoint, by its cells. */
function cells(parts: Partial<EndpointSnapshot>): string[] {
  const rows = tooltip(snapshot({ endpoints: [endpointSnapshot(parts)] }))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return (rows[2] ?? '')
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => shown(cell.trim()));
}

/** Label, command and arguments of each link. */
function links(text: string): [label: string, command: string, args: unknown][] {
  return [...text.matchAll(/\[([^\]]+)\]\(command:([\w.]+)(?:\?([^)]*))?\)/g)].map(
    ([, label = '', command = '', query]) => [
      label,
      command,
      query === undefined ? undefined : JSON.parse(decodeURIComponent(query)),
    ],
  );
}

describe('statusTooltip', () => {
  it('says where the gateway is', () => {
    assert.match(tooltip(snapshot()), /^\*\*Signalbox\*\* · `http:\/\/127\.0\.0\.1:8417`/);
  });

  it('has a row for each endpoint, in the order of their priority', () => {
    const second = openEndpoint({ id: 'second', name: 'Second', priority: 1 });
    const text = tooltip(snapshot({ endpoints: [endpointSnapshot({ priority: 2 }), second] }));
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    assert.equal(rows.length, 4);
    assert.match(rows[2] ?? '', /Second/);
    assert.match(rows[3] ?? '', /First party/);
    assert.equal(new Set(rows.map((row) => row.split('|').length)).size, 1, 'as many cells in each row');
  });

  it('shows state, time to first byte and success of each', () => {
    assert.deepEqual(cells({}).slice(0, 5), ['$(pass-filled)', 'First party', 'healthy', '412 ms', '99%']);
    const unused = { state: 'unused', firstByteMs: null, successRate: null } as const;
    assert.deepEqual(cells(unused).slice(2, 5), ['not used yet', '', '']);
  });

  it('says which endpoint serves Claude Code by translation', () => {
    const state = cells({ dialect: 'openai', alsoServes: ['anthropic'] })[2];
    assert.equal(state, 'healthy · Claude Code by translation');
  });

  it('says why an endpoint is not usable, and until what time of day', () => {
    assert.equal(cells(openEndpoint())[2], 'paused after 3 failures: connection refused, back at 12:01');
  });

  it('gives no end to the turn of a half-open endpoint', () => {
    assert.doesNotMatch(
      cells({
        state: 'halfOpen',
        ...told({ code: 'statusAndType', status: 500, type: 'api_error' }),
        untilMs: nowMs + 42_000,
      })[2] ?? '',
      /until/,
    );
  });

  it('stays the same while time passes, or it would close under the reader', () => {
    const given = snapshot({ endpoints: [endpointSnapshot(), openEndpoint({ id: 'second' })] });
    assert.equal(tooltip(given), tooltip(given, [], nowMs + 7000));
  });

  it('sums up what the gateway was good for', () => {
    const totals = { requests: 120, failedOver: 7, failed: 1 };
    assert.match(
      tooltip(snapshot({ endpoints: [endpointSnapshot()], totals })),
      /^120 requests · 7 saved by another endpoint · 1 failed$/m,
    );
    assert.doesNotMatch(tooltip(snapshot({ endpoints: [endpointSnapshot()] })), /requests/);
  });

  it('tells first what is wrong with the settings, with the way to them', () => {
    const text = tooltip(snapshot({ endpoints: [endpointSnapshot()] }), ['port: must be at least 0', 'second problem']);
    const plain = shown(text);
    assert.match(plain, /Settings not applied: 2 problems in .*command:signalbox\.showProblems/);
    assert.ok(plain.indexOf('not applied') < plain.indexOf('First party'));
  });

  it('leaves nothing untranslated', () => {
    const endpoints = [endpointSnapshot(), openEndpoint({ id: 'second' })];
    const text = statusTooltip(snapshot({ endpoints, totals: { requests: 3 } }), [], wordlessContext);
    const visible = text.replace(/\]\(command:[^)]*\)/g, ']').replace(/\$\([\w~-]+\)/g, '');
    assert.deepEqual(wordsIn(visible, 'Signalbox', 'http://127.0.0.1:8417', 'First party'), []);
  });
});

describe('A2: the figures of the tooltip', () => {
  it('are those of an earlier moment, while the states are those of now', () => {
    const earlier = snapshot({ endpoints: [endpointSnapshot({ successRate: 0.5 })], totals: { requests: 3 } });
    const gone = openEndpoint({ successRate: 0.9 });
    const now = snapshot({ endpoints: [gone, endpointSnapshot({ id: 'new' })], totals: { requests: 9 } });
    const { endpoints, totals } = withFiguresOf(now, earlier);
    assert.deepEqual(endpoints, [{ ...gone, successRate: 0.5 }, endpointSnapshot({ id: 'new' })]);
    assert.equal(totals.requests, 3);
  });
});

describe('statusTooltip, links', () => {
  const remedy = (parts: Partial<EndpointSnapshot>) =>
    links(cells(parts)[5] ?? '').map(([label, ...rest]) => [label?.replaceAll('\u00a0', ' '), ...rest]);

  it('offer for each endpoint the one thing that helps', () => {
    assert.deepEqual(remedy({}), [['Check Now', 'signalbox.checkEndpoint', ['first']]]);
    const failedCheck = { state: 'degraded', isUsable: false } as const;
    assert.deepEqual(remedy(failedCheck), [['Check Now', 'signalbox.checkEndpoint', ['first']]]);
    assert.deepEqual(remedy(openEndpoint()), [['Reset', 'signalbox.resetEndpoint', ['first']]]);
    assert.deepEqual(remedy({ state: 'cooling', ...told({ code: 'status', status: 529 }) }), [
      ['Reset', 'signalbox.resetEndpoint', ['first']],
    ]);
    assert.deepEqual(remedy({ state: 'disabled', isEnabled: false }), [
      ['Enable', 'signalbox.enableEndpoint', ['first']],
    ]);
    for (const state of ['keyMissing', 'suspended'] as const) {
      assert.deepEqual(remedy({ state, ...told({ code: 'status', status: 401 }) }), [
        ['Set API Key', 'signalbox.setApiKey', ['first']],
      ]);
    }
  });

  it('lead to commands that tooltips may run', () => {
    const everywhere = [
      snapshot(),
      snapshot({ endpoints: [endpointSnapshot()] }),
      snapshot({ endpoints: [openEndpoint()] }),
    ];
    for (const [label, command] of everywhere.flatMap((one) => links(tooltip(one, ['x'])))) {
      assert.ok((tooltipCommands as readonly string[]).includes(command), `${label}: ${command}`);
    }
  });

  it('run nothing that loses anything', () => {
    for (const command of tooltipCommands) assert.doesNotMatch(command, /remove|stop$|unbind|disable/i);
  });

  it('are for a first endpoint where there is none', () => {
    const text = tooltip(snapshot());
    assert.deepEqual(links(text), [['Add Endpoint', 'signalbox.addEndpoint', undefined]]);
    assert.doesNotMatch(text, /\|/);
  });
});

describe('statusTooltip, with odd names', () => {
  it('lets names, reasons and problems be words only', () => {
    const text = (parts: Partial<EndpointSnapshot>, problem: string) =>
      liveMarks(tooltip(snapshot({ endpoints: [openEndpoint(parts)] }), [problem]));
    const usual = text({}, 'problem');
    for (const hostile of hostileTexts) {
      assert.equal(text({ name: hostile }, 'problem'), usual, hostile);
      assert.equal(text({ reason: hostile }, 'problem'), usual, hostile);
      assert.equal(text({}, hostile), usual, hostile);
    }
  });

  it('keeps each row on its line and in its cells', () => {
    assert.equal(cells({ name: 'a | b\nc' })[1], 'a | b c');
  });
});
