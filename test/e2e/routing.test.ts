import assert from 'node:assert/strict';
import { until } from '../support/processes/startGateway.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { untilWritten, writtenEndpoints, writtenSettings } from '../support/windows/writtenSettings.ts';
import { inSteps } from '../support/workbench/inSteps.ts';
import type { TreeRow } from '../support/workbench/treeView.ts';
import { openWorkbench, type Workbench } from '../support/workbench/workbench.ts';

/** The row of a session: model and begin. */
const session = /^opus-4-6 · \d/;

describe('where requests go', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      viewport: { width: 1280, height: 1600 },
      parts: [
        { id: 'primary', setting: { name: 'Primary' } },
        { id: 'relay', setting: { name: 'Relay' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  const endpoints = () => scene.window.tree('Endpoints');
  const sessions = () => scene.window.tree('Sessions');

  /** The endpoint that answers a request of this session. */
  async function whoAnswers(session: string): Promise<unknown> {
    const { status, headers } = await scene.ask(session);
    assert.equal(status, 200);
    return headers['x-signalbox-endpoint'];
  }

  /** Opens what a click on the status bar offers. */
  async function openActions() {
    await scene.window.statusBar.click(statusId);
    await scene.window.quickInput.opened('Signalbox');
    return scene.window.quickInput.items();
  }

  async function useRelay(): Promise<void> {
    const menu = await endpoints().openContextMenu('Relay');
    await menu.choose('Use Endpoint for 30 Minutes');
    await scene.window.statusBar.until(
      statusId,
      'a target',
      ({ icons, text }) => icons.includes('target') && text === '2/2 · Relay',
    );
  }

  const untilFree = () =>
    scene.window.statusBar.until(
      statusId,
      'no target',
      ({ icons }) => icons.includes('pulse') && !icons.includes('target'),
    );

  it('is one endpoint for 30 minutes, when a person says so, and all views say it', async () => {
    assert.equal(await whoAnswers('before'), 'primary');
    await useRelay();
    const { text, buttons } = await scene.window.notifications.shown(/^Every request goes to/);
    assert.equal(text, 'Every request goes to Relay for 30 minutes, as long as it answers.');
    assert.deepEqual(buttons, ['Stop']);
    assert.match(await scene.window.statusBar.tooltip(statusId), /Everything goes to Relay until .+\. Stop/);
    await endpoints().until('the chosen endpoint', (rows) =>
      rows.some(({ label, description }) => label === 'Relay' && /^chosen by hand until \d+:\d\d/.test(description)),
    );
    assert.equal(await whoAnswers('chosen'), 'relay');
    assert.equal(await whoAnswers('before'), 'relay');
  });

  it('is as before after Stop', async () => {
    await scene.window.notifications.clickButton(/^Every request goes to/, 'Stop');
    await untilFree();
    assert.equal(await whoAnswers('after stop'), 'primary');
  });

  it('is as before after Stop in the list of actions, which offers it only then', async () => {
    const labels = (await openActions()).map(({ label }) => label);
    assert.ok(!labels.includes('Stop Using One Endpoint'));
    await scene.window.quickInput.cancel();
    await useRelay();
    await openActions();
    await scene.window.quickInput.pick('Stop Using One Endpoint');
    await untilFree();
    assert.equal(await whoAnswers('after another stop'), 'primary');
  });

  it('follows the strategy that is chosen, which the settings and the actions then name', async () => {
    const { quickInput } = scene.window;
    const shown = (await openActions()).find(({ label }) => label === 'Choose Strategy');
    assert.equal(shown?.description, 'Priority');
    await quickInput.pick('Choose Strategy');
    await quickInput.opened('Strategy');
    const current = (await quickInput.items()).filter(({ description }) => description === 'current');
    assert.deepEqual(
      current.map(({ label }) => label),
      ['Priority'],
    );
    await quickInput.pick('Round robin');
    await until(
      'the strategy in the settings file',
      () => writtenSettings(scene.server),
      (settings) => settings['signalbox.strategy'] === 'roundRobin',
    );
    const answering = new Set<unknown>();
    let count = 0;
    await until(
      'answers of both endpoints',
      async () => answering.add(await whoAnswers(`round ${count++}`)),
      ({ size }) => size === 2,
    );
    const next = (await openActions()).find(({ label }) => label === 'Choose Strategy');
    assert.equal(next?.description, 'Round robin');
    await quickInput.pick('Choose Strategy');
    await quickInput.opened('Strategy');
    await quickInput.pick('Priority');
    await until(
      'the strategy in the settings file',
      () => writtenSettings(scene.server),
      (settings) => settings['signalbox.strategy'] === 'priority',
    );
  });

  it('is another endpoint for a session that is moved, or dropped, there', async () => {
    const { quickInput } = scene.window;
    await scene.window.runCommand('Signalbox: Unbind All Sessions');
    await sessions().until('no session', (rows) => rows.length === 0);
    assert.equal(await whoAnswers('moving'), 'primary');
    await sessions().until(
      'a session at Primary',
      ([group, row]) => group?.label === 'Primary' && session.test(row?.label ?? ''),
    );
    const menu = await sessions().openContextMenu(session);
    await menu.choose('Move Session');
    await quickInput.opened('Move Session To');
    assert.deepEqual(
      (await quickInput.items()).map(({ label }) => label),
      ['Relay'],
    );
    await quickInput.pick('Relay');
    await sessions().until(
      'a session at Relay',
      ([group, row]) => group?.label === 'Relay' && session.test(row?.label ?? ''),
    );
    assert.equal(await whoAnswers('moving'), 'relay');
    const isAt = (name: string) => (rows: readonly TreeRow[]) =>
      rows[0]?.label === name && session.test(rows[1]?.label ?? '');
    await sessions().drag(session, 'Primary', scene.window.tree('Endpoints'));
    await sessions().until('the session at Primary', isAt('Primary'));
    assert.equal(await whoAnswers('moving'), 'primary');
    await sessions().drag(session, 'Relay', scene.window.tree('Endpoints'));
    await sessions().until('the session at Relay', isAt('Relay'));
    assert.equal(await whoAnswers('moving'), 'relay');
    assert.equal(await whoAnswers('staying'), 'primary');
  });

  it('is shown by endpoint or as a list', async () => {
    await sessions().until('two groups', (rows) => rows.filter(({ level }) => level === 1).length === 2);
    await scene.window.pane('Sessions').clickAction('Show Sessions as a List');
    const rows = await sessions().until('a list', (all) => all.length === 2 && all.every(({ level }) => level === 1));
    assert.deepEqual(
      new Set(rows.map(({ description }) => description.split(' · ')[0])),
      new Set(['→ Primary', '→ Relay']),
    );
    await scene.window.pane('Sessions').clickAction('Group Sessions by Endpoint');
    await sessions().until('two groups again', (all) => all.filter(({ level }) => level === 1).length === 2);
    await sessions().until('their sessions', (all) => all.filter(({ label }) => session.test(label)).length === 2);
  });

  it('is asked for by a command without a session', async () => {
    const { quickInput } = scene.window;
    await scene.window.runCommand('Signalbox: Move Session');
    await quickInput.opened('Move Session');
    const offered = (await quickInput.items()).map(({ label, description }) => [label, description].join(' '));
    assert.deepEqual(new Set(offered), new Set(['Claude Code · opus-4-6 → Primary', 'Claude Code · opus-4-6 → Relay']));
    await quickInput.type('Relay');
    await until(
      'one session',
      () => quickInput.items(),
      (items) => items.length === 1,
    );
    await quickInput.accept();
    await quickInput.opened('Move Session To');
    await quickInput.pick('Primary');
    await until(
      'the session at Primary',
      async () => (await scene.status()).sessions.map(({ endpointId }) => endpointId).join(),
      (where) => where === 'primary,primary',
    );
    assert.equal(await whoAnswers('moving'), 'primary');
  });

  it('is a new gateway after a restart, while the stream of the old one ends whole', async () => {
    scene.endpoint('primary').behaveNext({ kind: 'healthy', textEvents: 80, eventDelayMs: 50 });
    const stream = scene.converse('long');
    await until(
      'the stream to have begun',
      () => stream.byteCount(),
      (count) => count > 0,
    );
    await scene.restartProxy();
    const countAfterRestart = stream.byteCount();
    await scene.window.statusBar.until(statusId, 'the gateway', ({ text }) => text === '2/2 · Primary', 20_000);
    assert.equal(await whoAnswers('of the new one'), 'primary');
    const answer = await stream.end;
    assert.ok(answer.bytes.length > countAfterRestart, 'the stream was over before the new gateway was there');
    assert.ok(answer.isComplete);
    assert.match(answer.text, /event: message_stop\n/);
  });
});

describe('two windows', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;
  let other: Workbench;

  inWindowScene(
    {
      viewport: { width: 1280, height: 1600 },
      parts: [
        { id: 'primary', setting: { name: 'Primary' } },
        { id: 'relay', setting: { name: 'Relay' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  before(async function () {
    this.timeout(180_000);
    other = await openWorkbench(scene.server, scene.window.context);
    await other.openContainer('Signalbox');
    await other.tree('Endpoints').until('the endpoints', (rows) => rows.length === 2, 20_000);
  });

  const descriptions = async (window: Workbench) =>
    (await window.tree('Endpoints').rows()).map(({ label, description }) => `${label}: ${description}`);

  it('share one gateway', async () => {
    const { text } = await other.statusBar.until(statusId, 'both endpoints', (item) => item.text.startsWith('2/2'));
    assert.equal(text, '2/2 · Primary');
    assert.equal((await scene.ask('shared')).status, 200);
    for (const window of [scene.window, other]) {
      await window.tree('Endpoints').until('a healthy endpoint', ([row]) => row?.icon === 'pass-filled');
    }
  });

  it('see what is toggled in one of them', async () => {
    await other.tree('Endpoints').clickInlineAction('Primary', 'Disable Endpoint');
    for (const window of [other, scene.window]) {
      await window.tree('Endpoints').until('a disabled endpoint', ([row]) => row?.description === 'disabled');
      await window.statusBar.until(statusId, 'one of one', ({ text }) => text === '1/1 · Relay');
    }
    assert.equal((await scene.ask('while disabled')).headers['x-signalbox-endpoint'], 'relay');
    await scene.window.tree('Endpoints').clickInlineAction('Primary', 'Enable Endpoint');
    for (const window of [scene.window, other]) {
      await window.statusBar.until(statusId, 'two of two', ({ text }) => text.startsWith('2/2'));
    }
    await untilWritten(scene.server, 'an enabled endpoint', ([one]) => one?.enabled === true);
    const same = async (): Promise<boolean> => `${await descriptions(other)}` === `${await descriptions(scene.window)}`;
    await until('the same in both windows', same, (isSame) => isSame);
  });

  it('see in both that an endpoint was chosen, moved or removed in one', async () => {
    const menu = await other.tree('Endpoints').openContextMenu('Relay');
    await menu.choose('Move Endpoint Up');
    for (const window of [other, scene.window]) {
      await window.tree('Endpoints').until('another order', ([row]) => row?.label === 'Relay');
    }
    await scene.window.runCommand('Signalbox: Use Endpoint for 30 Minutes');
    await scene.window.quickInput.opened('Use Endpoint for 30 Minutes');
    await scene.window.quickInput.pick('Primary');
    for (const window of [scene.window, other]) {
      await window.statusBar.until(statusId, 'a target', ({ icons }) => icons.includes('target'));
    }
    await other.runCommand('Signalbox: Stop Using One Endpoint');
    for (const window of [scene.window, other]) {
      await window.statusBar.until(statusId, 'no target', ({ icons }) => icons.includes('pulse'));
    }
    const before = await writtenEndpoints(scene.server);
    assert.deepEqual(
      before.map(({ id, priority }) => [id, priority]),
      [
        ['relay', 1],
        ['primary', 2],
      ],
    );
  });

  it('are both told that one of them stopped the gateway, and that the other started it', async () => {
    await scene.window.runCommand('Signalbox: Stop Gateway');
    for (const window of [scene.window, other]) {
      await window.statusBar.until(statusId, 'a stopped gateway', ({ text }) => text === 'Signalbox: stopped');
      assert.match(await window.pane('Endpoints').welcome(), /The gateway is stopped/);
    }
    await assert.rejects(scene.ask('while stopped'), /ECONNREFUSED/);
    await other.pane('Endpoints').clickWelcomeButton('Start Gateway');
    for (const window of [other, scene.window]) {
      await window.statusBar.until(statusId, 'a running gateway', ({ text }) => text.startsWith('2/2'), 20_000);
    }
    assert.equal((await scene.ask('started')).headers['x-signalbox-endpoint'], 'relay');
  });

  it('do not lose the gateway when one of them is closed', async () => {
    const pid = scene.gatewayPid;
    await other.close();
    assert.equal((await scene.ask('one left')).status, 200);
    await scene.window.tree('Endpoints').clickInlineAction('Relay', 'Disable Endpoint');
    await scene.window.statusBar.until(statusId, 'one of one', ({ text }) => text === '1/1 · Primary');
    assert.equal(scene.gatewayPid, pid);
  });
});
