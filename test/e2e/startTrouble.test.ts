import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { statusId, type WindowScene } from '../support/windowScene.ts';
import { inWindowScene } from '../support/windowSuite.ts';

describe('a proxy whose port is taken', function () {
  this.bail(true);
  let scene: WindowScene;
  let squatter: Server;
  const heard: string[] = [];

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
    assert.equal(text, `Port ${port} is used by another program, so the proxy cannot start there.`);
    assert.equal(severity, 'error');
    assert.deepEqual(buttons, ['Use Another Port', 'Try Again']);
    assert.match(await window.pane('Endpoints').welcome(), /Another program uses the proxy's port/);
    await window.statusBar.until(
      statusId,
      'an error',
      (item) => item.kind === 'error' && item.text === 'Signalbox: not running',
    );
  });

  it('starts on another port that the button finds', async () => {
    const { window } = scene;
    await window.notifications.clickButton(/is used by another program/, 'Use Another Port');
    await window.quickInput.opened('Port of the Proxy');
    await window.quickInput.accept();
    await window.statusBar.until(statusId, 'a running proxy', (item) => item.icons.includes('pulse'), 20_000);
    await window.tree('Endpoints').until('no endpoint', (rows) => rows.length === 0);
  });

  it('has told the other program nothing', () => {
    assert.ok(
      heard.every((line) => line.startsWith('POST /signalbox/hello ') && !/authorization/.test(line)),
      heard.join('\n'),
    );
  });

  it('is stopped and started by commands', async () => {
    const { window } = scene;
    await window.runCommand('Signalbox: Stop Proxy');
    await window.statusBar.until(statusId, 'a stopped proxy', ({ text }) => text === 'Signalbox: stopped');
    assert.match(await window.pane('Endpoints').welcome(), /The proxy is stopped/);
    await window.pane('Endpoints').clickWelcomeButton('Start Proxy');
    await window.statusBar.until(statusId, 'a running proxy', ({ text }) => text === 'Signalbox');
  });
});
