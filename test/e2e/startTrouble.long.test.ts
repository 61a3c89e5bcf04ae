import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { portForLater } from '../support/portForLater.ts';
import { until } from '../support/processes/startGateway.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { writtenMachineSettings } from '../support/windows/writtenSettings.ts';
import { inSteps } from '../support/workbench/inSteps.ts';
import type { StatusBarItem } from '../support/workbench/statusBar.ts';
import { writeSettings } from '../support/workbench/writeSettings.ts';

describe('a proxy whose port is taken', () => {
  inSteps();
  let scene: WindowScene;
  let squatter: Server;
  /** The port that the button names. */
  let offered = 0;
  const heard: string[] = [];

  async function portOfMachine(): Promise<unknown> {
    return (await writtenMachineSettings(scene.server))['signalbox.port'];
  }

  function gatewayFile(): string {
    const [file = ''] = globSync('signalbox/*/gateway.json', { cwd: scene.server.folders.state });
    return path.join(scene.server.folders.state, file);
  }

  before(async () => {
    squatter = createServer((request, response) => {
      heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      response.end('another program');
    });
  });

  inWindowScene(
    {
      beforeStart: async (port) => {
        squatter.listen(port, '127.0.0.1');
        await once(squatter, 'listening');
      },
    },
    (opened) => {
      scene = opened;
    },
  );

  after(async () => {
    squatter?.close();
  });

  it('says so in a notification, in the view and in the status bar', async () => {
    const { window, port } = scene;
    const { text, buttons, severity } = await window.notifications.shown(/is used by another program/);
    assert.equal(text, `Port ${port} is used by another program, so the gateway cannot start there.`);
    assert.equal(severity, 'error');
    const [first = '', ...others] = buttons;
    assert.match(first, /^Use Port \d+$/);
    assert.deepEqual(others, ['Use Another Port', 'Try Again']);
    offered = Number(first.slice('Use Port '.length));
    assert.ok(offered > port && offered <= port + 20, first);
    assert.match(await window.pane('Endpoints').welcome(), /Another program uses the gateway's port/);
    await window.statusBar.until(
      statusId,
      'an error',
      (item) => item.kind === 'error' && item.text === 'Signalbox: not running',
    );
  });

  it('B5: loses nothing that was entered in the wizard, and says it once', async () => {
    const { quickInput, notifications } = scene.window;
    await scene.window.runCommand('Signalbox: Add Endpoint');
    await quickInput.opened('Add Endpoint (1/4)');
    await quickInput.type('api.example.invalid');
    await quickInput.accept();
    await quickInput.opened('Add Endpoint (2/4)');
    await quickInput.accept();
    await quickInput.opened('Add Endpoint (3/4)');
    await quickInput.type('sk-test-kept');
    await quickInput.accept();
    const { title } = await quickInput.opened('How do you want to continue?');
    assert.match(title, /is used by another program/);
    const choices = (await quickInput.items()).map(({ label }) => label);
    assert.deepEqual(choices, ['Try Again', 'Use Another Port', 'Change the Key', 'Change the Address', 'Save Anyway']);
    await quickInput.pick('Change the Key');
    assert.equal((await quickInput.opened('Add Endpoint (3/4)')).value, 'sk-test-kept');
    await quickInput.cancel();
    await scene.window.runCommand('Signalbox: Add Endpoint');
    assert.equal((await quickInput.opened('Add Endpoint (1/4)')).value, 'https://api.example.invalid');
    await quickInput.cancel();
    const told = (await notifications.list()).filter(({ text }) => text.includes('is used by another program'));
    assert.equal(told.length, 1);
  });

  it('B5: says so again, once and with the remedies, for each command that needs it', async () => {
    const { window } = scene;
    const plain = /^Port \d+ is used by another program/;
    for (const command of ['Signalbox: Copy Base URL', 'Signalbox: Start Gateway']) {
      await window.notifications.dismiss(plain);
      await window.runCommand(command);
      const { buttons } = await window.notifications.shown(plain, 20_000);
      assert.deepEqual(buttons, [`Use Port ${offered}`, 'Use Another Port', 'Try Again']);
    }
    await window.notifications.clickButton(plain, 'Try Again');
    await window.notifications.shown(plain, 20_000);
    assert.equal((await window.notifications.list()).filter(({ text }) => plain.test(text)).length, 1);
  });

  it('starts on the next free port by one click, and remembers it for this machine', async () => {
    const { window } = scene;
    await window.notifications.clickButton(/is used by another program/, `Use Port ${offered}`);
    await window.statusBar.until(statusId, 'a running gateway', (item) => item.icons.includes('pulse'), 20_000);
    await window.tree('Endpoints').until('no endpoint', (rows) => rows.length === 0);
    assert.equal(await portOfMachine(), offered);
  });

  it('is on that port again in a window that is loaded anew', async () => {
    const { window } = scene;
    await window.reload();
    await window.statusBar.until(statusId, 'a running gateway', (item) => item.icons.includes('pulse'), 30_000);
    const listening = readFileSync(gatewayFile(), 'utf8');
    assert.equal(JSON.parse(listening).port, offered);
  });

  it("moves to a port of the person's own choice", async () => {
    const { window } = scene;
    await window.runCommand('Signalbox: Choose Port');
    const { value } = await window.quickInput.opened('Port of the Gateway');
    assert.ok(Number(value) > offered, value);
    await window.quickInput.type(value);
    await window.quickInput.accept();
    await until('the port of this machine', portOfMachine, (port) => port === Number(value));
    await window.statusBar.until(statusId, 'a running gateway', (item) => item.icons.includes('pulse'), 20_000);
  });

  it('has told the other program nothing', () => {
    assert.ok(
      heard.every((line) => line.startsWith('POST /signalbox/hello ') && !/authorization/.test(line)),
      heard.join('\n'),
    );
  });

  it('is stopped and started by commands', async () => {
    const { window } = scene;
    await window.runCommand('Signalbox: Stop Gateway');
    await window.statusBar.until(statusId, 'a stopped gateway', ({ text }) => text === 'Signalbox: stopped');
    assert.match(await window.pane('Endpoints').welcome(), /The gateway is stopped/);
    await window.pane('Endpoints').clickWelcomeButton('Start Gateway');
    await window.statusBar.until(statusId, 'a running gateway', ({ text }) => text === 'Signalbox');
  });

  it('starts by itself when the settings name another port', async () => {
    const { window, port } = scene;
    const choose = (chosen: number): void => {
      writeSettings(path.join(scene.server.folders.userData, 'Machine/settings.json'), { 'signalbox.port': chosen });
    };
    await window.runCommand('Signalbox: Stop Gateway');
    await window.statusBar.until(statusId, 'a stopped gateway', ({ text }) => text === 'Signalbox: stopped');
    choose(port);
    const isOver = ({ text, icons }: StatusBarItem): boolean =>
      text !== 'Signalbox: stopped' && !icons.includes('sync');
    // The window reads the file when it hears of it.
    await until(
      'an error',
      async () => {
        await window.runCommand('Signalbox: Start Gateway');
        const item = await window.statusBar.until(statusId, 'an end of the start', isOver, 20_000);
        if (item.kind !== 'error') await window.runCommand('Signalbox: Stop Gateway');
        return item.kind;
      },
      (kind) => kind === 'error',
      30_000,
    );
    choose(await portForLater());
    await window.statusBar.until(statusId, 'a running gateway', ({ icons }) => icons.includes('pulse'), 20_000);
  });
});
