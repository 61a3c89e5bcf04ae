import assert from 'node:assert/strict';
import path from 'node:path';
import { until } from '../support/processes/startGateway.ts';
import type { WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

describe('the filter of the Requests view', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      viewport: { width: 1200, height: 1000 },
      theme: 'dark',
      parts: [
        { id: 'primary', setting: { name: 'Primary' } },
        { id: 'relay', setting: { name: 'Relay' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  const requests = () => scene.window.tree('Requests');
  const pane = () => scene.window.pane('Requests');
  /** Waits for as many requests, all of that endpoint. */
  const untilOnly = (count: number, endpoint: string) =>
    requests().until(
      `${count} requests of ${endpoint}`,
      (rows) => rows.length === count && rows.every(({ description }) => description.includes(` · → ${endpoint}`)),
    );
  const choose = async (action: string, condition: string): Promise<void> => {
    await pane().clickAction(action);
    await scene.window.quickInput.opened('Filter Requests');
    await scene.window.quickInput.pick(condition);
    await scene.window.quickInput.accept();
  };

  it('begins without one: all requests, and nothing to clear', async () => {
    for (const session of ['one', 'two', 'one']) assert.equal((await scene.ask(session)).status, 200);
    scene.endpoint('primary').behaveNext({ kind: 'status', status: 529 });
    assert.equal((await scene.ask('three')).headers['x-signalbox-endpoint'], 'relay');
    await scene.window.runCommand('Signalbox: Focus on Requests View');
    await requests().until('all requests', (rows) => rows.length === 4);
    const actions = await pane().actions();
    assert.ok(actions.includes('Filter Requests') && !actions.includes('Clear Filter'), actions.join());
  });

  it('shows those of one endpoint', async () => {
    await choose('Filter Requests', 'Primary');
    await untilOnly(3, 'Primary');
    await pane().message('Only: Primary (3 found)');
  });

  it('shows new ones that match as they come', async () => {
    // The overload keeps requests away from it for a while.
    await scene.window.runCommand('Signalbox: Reset All Endpoints');
    await until(
      'Primary to be asked again',
      async () => (await scene.status()).endpoints.find(({ id }) => id === 'primary')?.cooldowns.length,
      (cooldowns) => cooldowns === 0,
    );
    assert.equal((await scene.ask('four')).headers['x-signalbox-endpoint'], 'primary');
    await pane().message('Only: Primary (4 found)');
    await untilOnly(4, 'Primary');
  });

  it('says that nothing matches, and is cleared by what it offers then', async () => {
    await choose('Change Filter', 'overloaded');
    await pane().message('Only: Primary · overloaded (0 found)');
    await requests().until('ways out', (rows) => rows[0]?.label === 'No request matches the filter');
    await scene.window.screenshot(path.join(screenshotFolder, 'requests.nothing.en.png'));
    await requests().click('Clear Filter');
    await requests().until('all requests', (rows) => rows.length === 5);
    assert.ok(!(await pane().actions()).includes('Clear Filter'));
  });

  it('shows those with one kind of failure', async () => {
    await choose('Filter Requests', 'overloaded');
    await untilOnly(1, 'Relay');
    await pane().message('Only: overloaded (1 found)');
    await scene.window.screenshot(path.join(screenshotFolder, 'requests.filtered.en.png'));
    await pane().clickAction('Clear Filter');
    await requests().until('all requests', (rows) => rows.length === 5);
  });

  it('is set from the menu of an endpoint, and of a session', async () => {
    const endpoint = await scene.window.tree('Endpoints').openContextMenu('Relay');
    await endpoint.choose('Show Its Requests');
    await pane().message('Only: Relay (1 found)');
    await untilOnly(1, 'Relay');
    const session = await scene.window.tree('Sessions').openContextMenu(/^opus-4-6 · /);
    await session.choose('Show Its Requests');
    await pane().message(/^Only: Claude Code 2\.1\.330, Session \w{8} \([1-9] found\)$/);
  });
});
