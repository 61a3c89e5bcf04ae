import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { filesHolding } from '../support/processes/filesHolding.ts';
import { until } from '../support/processes/startGateway.ts';
import { endpointStatusId, statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { untilWritten, writtenEndpoints } from '../support/windows/writtenSettings.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

const key = 'sk-test-7c19e4d2b65f8a03';
const environmentKey = 'sk-test-from-environment';

describe('the key of an endpoint', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      viewport: { width: 1280, height: 1600 },
      parts: [{ id: 'primary', setting: { name: 'Primary', auth: 'x-api-key' }, simulated: { apiKey: key } }],
      environment: { RELAY_KEY: environmentKey, PRIMARY_API_KEY: environmentKey },
    },
    (opened) => {
      scene = opened;
    },
  );

  const endpoints = () => scene.window.tree('Endpoints');
  const messages = () => scene.endpoint('primary').seen.filter(({ path }) => path.startsWith('/v1/messages'));

  /** Another gateway, to which the one before has left nothing: what it has, a window has brought. */
  async function startAnew(): Promise<void> {
    await scene.window.runCommand('Signalbox: Stop Gateway');
    await until(
      'no process',
      () => scene.gatewayPid,
      (now) => now === undefined,
      20_000,
    );
    await scene.window.runCommand('Signalbox: Start Gateway');
    await until(
      'another process',
      () => scene.gatewayPid,
      (now) => now !== undefined,
      20_000,
    );
  }

  it('is missing at first, which all views say, and nothing is sent without it', async () => {
    const [row] = await endpoints().until('a missing key', ([one]) => one?.description === 'key missing');
    assert.equal(row?.icon, 'key');
    await scene.window.page.getByRole('treeitem', { name: /^Primary, key missing, priority 1/ }).waitFor();
    const whole = await scene.window.statusBar.until(statusId, 'nothing usable', ({ text }) => text === '0/1');
    assert.equal(whole.kind, 'error');
    const one = await scene.window.statusBar.until(endpointStatusId('primary'), 'the item of the endpoint');
    assert.deepEqual(one.icons, ['key']);
    assert.notEqual((await scene.ask('too early')).status, 200);
    assert.equal(messages().length, 0);
  });

  it('is asked for by the inline action, which refuses what can be no key', async () => {
    const { quickInput } = scene.window;
    await endpoints().clickInlineAction('Primary', 'Set API Key');
    await quickInput.opened('API Key of Primary');
    for (const [text, words] of [
      ['', 'A key is not empty'],
      ['sk with spaces', 'A key has no spaces'],
      ['https://api.example.com', 'This is an address, not a key'],
    ] as const) {
      await quickInput.type('sk');
      await quickInput.type(text);
      await until(
        'the problem with the key',
        async () => (await quickInput.frame()).message,
        (message) => message.startsWith(words),
      );
    }
  });

  it('B6: is told to be wrong before it is saved, and is saved anyway where that is wanted', async () => {
    const { quickInput } = scene.window;
    await quickInput.type('sk-wrong');
    await quickInput.accept();
    const { title } = await quickInput.opened('How do you want to continue?');
    assert.equal(title, 'Key refused (401)');
    assert.equal((await endpoints().rows())[0]?.icon, 'key', 'nothing was stored');
    await quickInput.pick('Save Anyway');
    const isRefused = (description = ''): boolean => description.includes('key refused');
    await endpoints().until('a refused key', ([one]) => isRefused(one?.description));
    await (await endpoints().openContextMenu('Primary')).choose('Set API Key');
    await quickInput.opened('API Key of Primary');
  });

  it('makes the endpoint usable, and goes out with the requests', async () => {
    const { quickInput, statusBar } = scene.window;
    await quickInput.type(`  x-api-key: "${key}" `);
    await quickInput.accept();
    // Not by the notification: of more than three within 800 ms VS Code shows no toast.
    await endpoints().until('an endpoint that is ready', ([row]) => /ready in/.test(row?.description ?? ''));
    await statusBar.until(statusId, 'one of one', (item) => item.text === '1/1 · Primary' && item.kind === 'plain');
    assert.equal((await scene.ask('keyed')).status, 200);
    const { headers } = messages().at(-1) ?? {};
    assert.equal(headers?.['x-api-key'], key);
    assert.equal(headers?.['authorization'], undefined);
    await endpoints().until('a healthy endpoint', ([row]) => row?.icon === 'pass-filled');
  });

  it('B6: stays in use while a new one is refused, and after Escape', async () => {
    const { quickInput } = scene.window;
    await (await endpoints().openContextMenu('Primary')).choose('Set API Key');
    await quickInput.opened('API Key of Primary');
    await quickInput.type('sk-wrong');
    await quickInput.accept();
    await quickInput.opened('How do you want to continue?');
    await quickInput.pick('Change the Key');
    assert.equal((await quickInput.opened('API Key of Primary')).value, 'sk-wrong');
    await quickInput.accept();
    await quickInput.opened('How do you want to continue?');
    await quickInput.cancel();
    assert.equal((await scene.ask('still keyed')).status, 200);
    assert.equal(messages().at(-1)?.headers['x-api-key'], key);
  });

  it('is in the secret storage only: in no file, log, argument or environment', async () => {
    assert.deepEqual(await writtenEndpoints(scene.server), [
      { id: 'primary', name: 'Primary', baseUrl: scene.endpoint('primary').url, auth: 'x-api-key', priority: 1 },
    ]);
    assert.deepEqual(filesHolding(scene.server, key), []);
    if (process.platform !== 'linux') return;
    for (const name of ['cmdline', 'environ']) {
      assert.ok(!readFileSync(`/proc/${scene.gatewayPid}/${name}`).includes(key), `the key is in ${name}`);
    }
  });

  it('is still there after a reload of the window, for a new gateway too', async () => {
    await scene.window.reload();
    await scene.window.statusBar.until(statusId, 'the window', ({ text }) => text === '1/1 · Primary', 30_000);
    await startAnew();
    await scene.window.statusBar.until(statusId, 'the gateway', ({ text }) => text === '1/1 · Primary', 20_000);
    assert.equal((await scene.ask('after the reload')).status, 200);
    assert.equal(messages().at(-1)?.headers['x-api-key'], key);
  });

  it('is told to be lost when the secret storage has lost it, with a way to set it again', async () => {
    const { page, notifications, quickInput, statusBar } = scene.window;
    await page.evaluate("localStorage.removeItem('secrets.provider')");
    await scene.window.reload();
    const { text, buttons, severity } = await notifications.shown(/^The key of Primary is no longer/, 30_000);
    assert.equal(
      text,
      'The key of Primary is no longer in the secret storage of VS Code. Set it again, or take it from the environment.',
    );
    assert.deepEqual([buttons, severity], [['Set API Key', 'Use Environment Variable'], 'warning']);
    await notifications.clickButton(/^The key of Primary is no longer/, 'Set API Key');
    await quickInput.opened('API Key of Primary');
    await quickInput.cancel();
    await startAnew();
    await endpoints().until('a missing key', ([row]) => row?.icon === 'key', 20_000);
    await statusBar.until(statusId, 'nothing usable', ({ kind }) => kind === 'error');
  });

  it('B5: is not taken from a variable that is not set', async () => {
    const { quickInput } = scene.window;
    const menu = await endpoints().openContextMenu('Primary');
    await menu.choose('Set API Key');
    await quickInput.opened('API Key of Primary');
    await quickInput.type('env:NO_SUCH_KEY');
    await quickInput.accept();
    const { title } = await quickInput.opened('How do you want to continue?');
    assert.equal(title, 'NO_SUCH_KEY is not set in the environment that VS Code was started in.');
    await quickInput.cancel();
    assert.equal((await writtenEndpoints(scene.server))[0]?.apiKey, undefined);
  });

  it('can be taken from a variable by the menu of an endpoint without one; one that is not set is not taken', async () => {
    const { quickInput } = scene.window;
    const menu = await endpoints().openContextMenu('Primary');
    await menu.choose('Use Environment Variable for Key');
    await quickInput.opened('Key of Primary from the Environment');
    assert.equal((await quickInput.frame()).value, 'PRIMARY_API_KEY', 'the one that looks right is suggested');
    await quickInput.type('NO_SUCH_KEY');
    await until(
      'what is wrong with it',
      async () => (await quickInput.frame()).message,
      (message) => message.startsWith('NO_SUCH_KEY is not set'),
    );
    await quickInput.type('PRIMARY_API_KEY');
    await quickInput.accept();
    // This endpoint does not take it, which proves that one was sent.
    assert.equal((await quickInput.opened('How do you want to continue?')).title, 'Key refused (401)');
    await quickInput.pick('Save Anyway');
    await untilWritten(scene.server, 'the name of the variable', ([one]) => one?.apiKey === 'env:PRIMARY_API_KEY');
    assert.deepEqual(filesHolding(scene.server, environmentKey), []);
  });

  it('comes from the variable that env:NAME names, of which the settings hold the name', async () => {
    const { quickInput } = scene.window;
    const menu = await endpoints().openContextMenu('Primary');
    await menu.choose('Set API Key');
    await quickInput.opened('API Key of Primary');
    await quickInput.type('$RELAY_KEY');
    await quickInput.accept();
    // This endpoint does not take it, which proves that one was sent.
    assert.equal((await quickInput.opened('How do you want to continue?')).title, 'Key refused (401)');
    await quickInput.pick('Save Anyway');
    await untilWritten(scene.server, 'the name of the variable', ([one]) => one?.apiKey === 'env:RELAY_KEY');
    assert.deepEqual(filesHolding(scene.server, environmentKey), []);
  });

  it('in the secret storage takes the place of env:NAME in the settings', async () => {
    const { quickInput, statusBar } = scene.window;
    await scene.window.runCommand('Signalbox: Set API Key');
    await quickInput.opened('Set API Key');
    await quickInput.pick('Primary');
    await quickInput.opened('API Key of Primary');
    await quickInput.type(key);
    await quickInput.accept();
    await untilWritten(scene.server, 'no variable', ([one]) => one !== undefined && one.apiKey === undefined);
    await statusBar.until(statusId, 'one of one', ({ text }) => text === '1/1 · Primary');
    assert.equal((await scene.ask('keyed again')).status, 200);
    assert.equal(messages().at(-1)?.headers['x-api-key'], key);
  });
});
