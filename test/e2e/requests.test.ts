import assert from 'node:assert/strict';
import path from 'node:path';
import { inSteps } from '../support/inSteps.ts';
import type { WindowScene } from '../support/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windowSuite.ts';

describe('the filter of the Requests view', function () {
  // Each step begins where the one before has ended.
  inSteps();
  this.timeout(60_000);
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
      (rows) => rows.length === count && rows.every(({ description }) => description.startsWith(endpoint)),
    );
  const choose = async (action: string, condition: string): Promise<void> => {
    await pane().clickAction(action);
    await scene.window.quickInput.opened('Filter Requests');
    await scene.window.quickInput.pick(condition);
  };

  it('begins without one: all requests, and nothing to clear', async () => {
    for (const session of ['one', 'two', 'one']) assert.equal((await scene.ask(session)).status, 200);
    scene.endpoint('primary').behaveNext({ kind: 'status', status: 529 });
    assert.equal((await scene.ask('three')).headers['x-signalbox-endpoint'], 'relay');
    await scene.window.runCommand('Requests: Focus on Requests View').catch(() => undefined);
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
    assert.equal((await scene.ask('one')).status, 200);
    const [latest] = await scene.status().then(({ requests: last }) => last);
    const isPrimary = latest?.endpointId === 'primary';
    await pane().message(`Only: Primary (${isPrimary ? 4 : 3} found)`);
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
    await requests().until('requests of the relay', (rows) => rows.every((row) => row.description.startsWith('Relay')));
    const { requests: last } = await scene.status();
    const count = last.filter(({ endpointId }) => endpointId === 'relay').length;
    await pane().message(`Only: Relay (${count} found)`);
  });
});
