import assert from 'node:assert/strict';
import type { EndpointSnapshot, Snapshot } from '../../../../../src/contract/snapshot.ts';
import { toldProblem } from '../../../../../src/core/config/problem.ts';
import { proxyReason } from '../../../../../src/core/outcome/connectionReason.ts';
import { type Reason, told } from '../../../../../src/core/outcome/reason.ts';
import type { GatewayStatus } from '../../../../../src/ui/model/gatewayStatus.ts';
import { endpointItems, statusItem } from '../../../../../src/ui/model/trees/statusBarText.ts';
import { endpointSnapshot, openEndpoint, requestRecord, snapshot } from '../snapshotParts.ts';
import { englishContext, nowMs, wordlessContext, wordsIn } from '../viewContexts.ts';
import { hostileTexts, liveMarks, shown } from './liveMarkdown.ts';

const context = englishContext();
const badPort = { path: 'port', ...toldProblem({ code: 'tooSmall', limit: 0 }) };
const running = (given: Snapshot): GatewayStatus => ({ kind: 'running', snapshot: given });
const whole = (endpoints: readonly EndpointSnapshot[], more: Parameters<typeof snapshot>[0] = {}) =>
  statusItem(running(snapshot({ endpoints, ...more })), [], context);

const first = endpointSnapshot();
const second = endpointSnapshot({ id: 'second', name: 'Second', priority: 2 });
const off = endpointSnapshot({
  id: 'off',
  name: 'Off',
  isEnabled: false,
  state: 'disabled',
  ...told({ code: 'disabled' }),
});
const open = openEndpoint({ id: 'open', name: 'Relay', priority: 3 });

describe('statusItem', () => {
  it('counts the usable ones of those that are wanted, and names the one in use', () => {
    assert.equal(whole([first, second, off]).text, '$(pulse) 2/2 · First party');
    assert.equal(whole([first, second, open]).text, '$(pulse) 2/3 · First party');
    assert.equal(whole([first]).accessibilityLabel, 'Signalbox: 1 of 1 endpoints usable, in use: First party');
  });

  it('names the endpoint of the last answer rather than the first one', () => {
    const requests = [
      requestRecord({ endpointId: undefined }),
      requestRecord({ endpointId: 'second' }),
      requestRecord(),
    ];
    assert.match(whole([first, second], { requests }).text, /· Second$/);
    assert.match(whole([first, second], { requests: [requestRecord({ endpointId: 'gone' })] }).text, /· First party$/);
  });

  it('does not name one that takes no request now', () => {
    const requests = [requestRecord({ endpointId: 'open' })];
    assert.match(whole([first, open], { requests }).text, /· First party$/);
  });

  it('names the one that was chosen by hand before all, while it is usable', () => {
    const gateway = (endpointId: string) => ({ override: { endpointId, untilMs: nowMs + 1_800_000 } });
    const requests = [requestRecord()];
    assert.match(whole([first, second], { requests, gateway: gateway('second') }).text, /· Second$/);
    assert.match(whole([first, open], { requests, gateway: gateway('open') }).text, /· First party$/);
  });

  it('says that the machine is offline, or that its proxy fails, instead of naming an endpoint', () => {
    const trouble = (kind: 'offline' | 'proxy' | 'machine', reason: Reason) => ({
      network: { kind, ...told(reason), proxyFrom: kind === 'proxy' ? 'http.proxy' : null, sinceMs: nowMs },
    });
    const offline = whole([first, second], { gateway: trouble('offline', { code: 'offline', error: 'ENOTFOUND' }) });
    assert.equal(offline.text, '$(warning) 2/2 · offline');
    assert.equal(offline.severity, 'warning');
    assert.match(
      offline.accessibilityLabel,
      /Since 12:00:00: this machine is offline: ENOTFOUND\. No endpoint is penalised/,
    );
    assert.match(shown(offline.tooltip), /this machine is offline/);
    const short = whole([first], { gateway: trouble('machine', { code: 'machineShort', error: 'EMFILE' }) });
    assert.equal(short.text, '$(warning) 1/1 · machine out of connections');
    assert.match(shown(short.tooltip), /no descriptor, port or memory left .* raise the limit of open files/);
    const proxy = whole([first, second], { gateway: trouble('proxy', proxyReason('407', 'http.proxy')) });
    assert.equal(proxy.text, '$(warning) 2/2 · network proxy fails');
    assert.match(
      shown(proxy.tooltip),
      /network proxy \(http\.proxy\) failed: 407\. Check that proxy, or the setting http\.proxy\./,
    );
  });

  it('A1: warns while something that is wanted is not usable, and is an error when nothing is', () => {
    const severity = (...endpoints: EndpointSnapshot[]) => whole(endpoints).severity;
    assert.equal(severity(first, second, off), 'none');
    assert.equal(severity(first, open), 'warning');
    assert.equal(
      severity(first, { ...second, isUsable: false, state: 'suspended', ...told({ code: 'status', status: 401 }) }),
      'warning',
    );
    const out = { isUsable: false } as const;
    assert.equal(severity({ ...first, state: 'degraded' }), 'none', 'one model is limited, others are served');
    assert.equal(severity(second, { ...first, state: 'halfOpen', ...told({ code: 'back' }) }), 'none');
    assert.equal(severity(second, { ...first, ...out, state: 'halfOpen' }), 'warning');
    assert.equal(severity(second, { ...first, ...out, state: 'degraded' }), 'warning', 'its check failed');
    assert.equal(severity(second, { ...first, ...out, state: 'keyMissing', hasKey: false }), 'warning');
    assert.equal(severity(open), 'error');
    assert.equal(severity({ ...first, ...out, state: 'keyMissing', hasKey: false }, open, off), 'error');
    assert.equal(severity({ ...first, ...out, state: 'cooling', ...told({ code: 'status', status: 529 }) }), 'error');
  });

  it('counts nothing where nothing is wanted', () => {
    for (const item of [whole([]), whole([off])]) {
      assert.equal(item.text, '$(pulse) Signalbox');
      assert.equal(item.severity, 'none');
      assert.match(item.accessibilityLabel, /^Signalbox/);
    }
  });

  it('names nothing where nothing is usable', () => {
    assert.equal(whole([open]).text, '$(pulse) 0/1');
    assert.equal(whole([open]).accessibilityLabel, 'Signalbox: 0 of 1 endpoints usable');
  });

  it('warns of settings that are not in force, and says what is wrong with them', () => {
    const item = statusItem(running(snapshot({ endpoints: [first] })), [badPort], context);
    assert.equal(item.text, '$(warning) 1/1 · First party');
    assert.equal(item.severity, 'warning');
    assert.match(item.accessibilityLabel, /port: must be at least 0$/);
    assert.equal(statusItem(running(snapshot()), [badPort], context).severity, 'warning');
    assert.equal(statusItem(running(snapshot({ endpoints: [open] })), [badPort], context).severity, 'error');
  });

  it('stays the same while time passes', () => {
    const status = running(snapshot({ endpoints: [first, open] }));
    assert.deepEqual(statusItem(status, [], englishContext(nowMs + 7000)), statusItem(status, [], context));
  });
});

describe('statusItem without a gateway', () => {
  it('says that it is stopped, or starts', () => {
    const stopped = statusItem({ kind: 'stopped' }, [], context);
    assert.match(stopped.text, /^\$\([a-z-]+\) .*stopped$/);
    const starting = statusItem({ kind: 'starting' }, [], context);
    assert.match(starting.text, /^\$\([a-z-]+~spin\) Signalbox$/);
    for (const item of [stopped, starting]) {
      assert.equal(item.severity, 'none');
      assert.notEqual(item.tooltip, '');
      assert.notEqual(item.accessibilityLabel, '');
    }
  });

  it('says why it could not start', () => {
    const item = statusItem({ kind: 'failed', failure: { kind: 'portTaken', port: 8417 } }, [], context);
    assert.equal(item.severity, 'error');
    for (const text of [item.tooltip, item.accessibilityLabel]) assert.match(text, /8417/);
  });

  // The tooltip is Markdown that may run commands, and the last words of a process are anybody's.
  it('lets the last words of a gateway be words only', () => {
    const item = (detail: string) => statusItem({ kind: 'failed', failure: { kind: 'crashed', detail } }, [], context);
    for (const text of [...hostileTexts, 'TypeError: x at Object.<anonymous> (a.js:1)']) {
      assert.equal(liveMarks(item(text).tooltip), liveMarks(item('harmless').tooltip), text);
    }
  });

  it('gives a screen reader the last words without marks', () => {
    const failure = { kind: 'crashed', detail: 'Error: no_such_file (a.js)' } as const;
    assert.match(
      statusItem({ kind: 'failed', failure }, [], context).accessibilityLabel,
      /Error: no_such_file \(a\.js\)$/,
    );
  });

  it('leaves nothing untranslated', () => {
    const failure = { kind: 'portTaken', port: 8417 } as const;
    const statuses: GatewayStatus[] = [
      { kind: 'stopped' },
      { kind: 'starting' },
      { kind: 'failed', failure },
      running(snapshot({ endpoints: [first, open] })),
    ];
    for (const status of statuses) {
      const { text, accessibilityLabel } = statusItem(status, [badPort], wordlessContext);
      for (const shown of [text.replace(/\$\([\w~-]+\)/g, ''), accessibilityLabel]) {
        assert.deepEqual(wordsIn(shown, 'Signalbox', 'First party', 'Relay', 'port'), [], shown);
      }
    }
  });
});

describe('endpointItems', () => {
  const items = (...endpoints: EndpointSnapshot[]) => endpointItems(running(snapshot({ endpoints })), context);

  it('are there for endpoints that are wanted and not usable, and for no other', () => {
    const states = ['healthy', 'unused', 'degraded', 'halfOpen', 'open', 'suspended', 'cooling', 'keyMissing'] as const;
    const shown = items(...states.map((state) => endpointSnapshot({ id: state, state, reason: 'x' })), off);
    assert.deepEqual(
      shown.map(({ endpointId }) => endpointId),
      ['halfOpen', 'open', 'suspended', 'cooling', 'keyMissing'],
    );
    assert.deepEqual(items({ ...open, isEnabled: false, state: 'disabled' }), []);
  });

  it('are in the order of the priorities', () => {
    const shown = items(open, openEndpoint({ id: 'a', priority: 1 }));
    assert.deepEqual(
      shown.map(({ endpointId }) => endpointId),
      ['a', 'open'],
    );
  });

  it('A5: show state, name and until when, to the minute', () => {
    const [item] = items(open);
    assert.equal(item?.text, '$(error) Relay until 12:01');
    assert.equal(item?.severity, 'none');
    assert.equal(
      items({ ...first, isUsable: false, state: 'keyMissing', hasKey: false })[0]?.text,
      '$(key) First party',
    );
    assert.equal(items({ ...open, untilMs: nowMs - 1 })[0]?.text, '$(error) Relay');
  });

  it('A2: stay the same while time passes, and tell a screen reader why and until when', () => {
    const [item] = items(open);
    assert.equal(item?.accessibilityLabel, 'Relay: paused after 3 failures: connection refused, back at 12:01');
    const later = endpointItems(running(snapshot({ endpoints: [open] })), englishContext(nowMs + 7000))[0];
    assert.deepEqual(later, item);
  });

  it('tell in the tooltip about this endpoint alone', () => {
    const [item] = items(first, open);
    assert.match(item?.tooltip ?? '', /Relay/);
    assert.doesNotMatch(item?.tooltip ?? '', /First party/);
  });

  it('are none without a gateway', () => {
    for (const status of [{ kind: 'stopped' }, { kind: 'starting' }] as const) {
      assert.deepEqual(endpointItems(status, context), []);
    }
  });
});

describe('texts of the status bar, with odd names', () => {
  // Texts in the status bar can show icons too.
  it('have no icons but their own, and one line', () => {
    const icons = (text: string) => text.match(/(?<!\\)\$\([\w~-]+\)/g);
    for (const name of ['$(flame) Relay', 'x $(sync~spin)', 'two\nlines']) {
      const shown = [
        whole([{ ...first, name }]),
        ...endpointItems(running(snapshot({ endpoints: [{ ...open, name }] })), context),
      ];
      for (const { text } of shown) {
        assert.equal(icons(text)?.length, 1, text);
        assert.doesNotMatch(text, /\p{Cc}/u);
      }
    }
  });
});
