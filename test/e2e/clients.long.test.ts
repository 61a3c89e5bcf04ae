import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { claudeVariable } from '../../src/ui/model/clients/claudeSettings.ts';
import { quietClaude } from '../support/clients/quietClaude.ts';
import { portForLater } from '../support/portForLater.ts';
import { until } from '../support/processes/startGateway.ts';
import { claudeCode } from '../support/provision/provision.ts';
import { freshTerminal, untilNewTerminal } from '../support/windows/terminalEnvironmentOf.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { allowClipboard, clipboardText } from '../support/workbench/clipboard.ts';
import { inSteps } from '../support/workbench/inSteps.ts';
import { writeSettings } from '../support/workbench/writeSettings.ts';

const viewport = { width: 1280, height: 1600 };

describe('clients in and outside of terminals', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      viewport,
      parts: [
        { id: 'primary', setting: { name: 'Primary' } },
        { id: 'open', setting: { name: 'Open', dialect: 'openai' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  before(async () => {
    await allowClipboard(scene.window);
  });

  const endpoints = () => scene.window.tree('Endpoints');
  const claudeFile = () => path.join(scene.server.folders.home, '.claude/settings.json');
  const backupFile = () => `${claudeFile()}.signalbox-backup`;
  const untilInjected = () => untilNewTerminal(scene, 'our address', (one) => one['ANTHROPIC_BASE_URL'] === scene.url);
  const untilNotInjected = () =>
    untilNewTerminal(
      scene,
      'no address and no token',
      (one) => one['ANTHROPIC_BASE_URL'] === undefined && one['ANTHROPIC_AUTH_TOKEN'] === undefined,
    );

  function writeClaudeFile(text: string): void {
    mkdirSync(path.dirname(claudeFile()), { recursive: true });
    writeFileSync(claudeFile(), text);
  }

  async function setDisabled(label: string, isDisabled: boolean): Promise<void> {
    await endpoints().clickInlineAction(label, isDisabled ? 'Disable Endpoint' : 'Enable Endpoint');
    await endpoints().until(`a change of ${label}`, (rows) =>
      rows.some((row) => row.label === label && (row.description === 'disabled') === isDisabled),
    );
  }

  it('are told in terminals where the gateway is, and what to show it', async () => {
    const environment = await untilInjected();
    assert.equal(environment['ANTHROPIC_AUTH_TOKEN'], scene.clientToken);
    assert.equal(environment['ANTHROPIC_API_KEY'], undefined);
  });

  it('are told nothing while no Anthropic endpoint is enabled', async () => {
    await setDisabled('Primary', true);
    await untilNotInjected();
    await setDisabled('Primary', false);
    await untilInjected();
  });

  it('are told nothing while the setting is off', async () => {
    const file = path.join(scene.server.folders.userData, 'Machine/settings.json');
    writeSettings(file, { 'signalbox.terminal.inject': false });
    await untilNotInjected();
    writeSettings(file, { 'signalbox.terminal.inject': undefined });
    await untilInjected();
  });

  it('are told nothing once the gateway was stopped', async () => {
    const { statusBar } = scene.window;
    await scene.window.runCommand('Signalbox: Stop Gateway');
    await statusBar.until(statusId, 'a stopped gateway', ({ text }) => text === 'Signalbox: stopped');
    await untilNotInjected();
    await scene.window.runCommand('Signalbox: Start Gateway');
    await statusBar.until(statusId, 'a running gateway', ({ icons }) => icons.includes('pulse'), 20_000);
    await untilInjected();
  });

  it('get the address in both forms, and the token, through the clipboard', async () => {
    const { quickInput } = scene.window;
    for (const [url, name] of [
      [scene.url, 'ANTHROPIC_BASE_URL'],
      [`${scene.url}/v1`, 'OPENAI_BASE_URL'],
    ] as const) {
      await scene.window.runCommand('Signalbox: Copy Base URL');
      await quickInput.opened('Copy Base URL');
      const item = (await quickInput.items()).find(({ label }) => label === url);
      assert.equal(item?.description, name);
      await quickInput.pick(url);
      await until(
        `${url} in the clipboard`,
        () => clipboardText(scene.window),
        (text) => text === url,
      );
    }
    await scene.window.runCommand('Signalbox: Copy Client Token');
    await until(
      'the token in the clipboard',
      () => clipboardText(scene.window),
      (text) => text === scene.clientToken,
    );
  });

  it('outside VS Code are connected on request: two entries, and a backup', async () => {
    const { notifications } = scene.window;
    const original = '{\n\t// mine\n\t"model": "opus",\n\t"env": { "FOO": "1", /* keep */ },\n}\n';
    writeClaudeFile(original);
    await scene.window.runCommand('Signalbox: Connect Claude Code');
    const { text, buttons } = await notifications.shown(/^New terminals in VS Code use Signalbox\./);
    assert.ok(text.includes(claudeFile()), text);
    assert.deepEqual(buttons, ['Use in Other Terminals Too']);
    assert.equal(readFileSync(claudeFile(), 'utf8'), original);
    await notifications.clickButton(/^New terminals/, 'Use in Other Terminals Too');
    const patched = await until(
      'our entries in the file',
      () => readFileSync(claudeFile(), 'utf8'),
      (now) => now.includes(scene.url) && now.includes(scene.clientToken),
    );
    for (const kept of ['\t// mine\n', '"model": "opus"', '"FOO": "1"', '/* keep */']) {
      assert.ok(patched.includes(kept), patched);
    }
    assert.equal(readFileSync(backupFile(), 'utf8'), original);
    if (process.platform === 'win32') return;
    assert.deepEqual(
      [claudeFile(), backupFile()].map((file) => (statSync(file).mode & 0o777).toString(8)),
      ['600', '600'],
    );
  });

  it('outside VS Code follow the gateway to another port, and back', async () => {
    const machineFile = path.join(scene.server.folders.userData, 'Machine/settings.json');
    for (const port of [await portForLater(), scene.port]) {
      writeSettings(machineFile, { 'signalbox.port': port });
      await until(
        'the address in the file',
        () => claudeVariable(readFileSync(claudeFile(), 'utf8'), 'ANTHROPIC_BASE_URL'),
        (url) => url === `http://127.0.0.1:${port}`,
        20_000,
      );
    }
    await scene.window.statusBar.until(
      statusId,
      'the gateway to be back',
      ({ icons }) => icons.includes('pulse'),
      20_000,
    );
  });

  it('outside VS Code are disconnected to the byte', async () => {
    const original = readFileSync(backupFile(), 'utf8');
    await scene.window.runCommand('Signalbox: Disconnect Claude Code');
    await scene.window.notifications.shown('Claude Code is disconnected, and its settings are restored.');
    assert.equal(readFileSync(claudeFile(), 'utf8'), original);
    assert.equal(existsSync(backupFile()), false);
    await scene.window.runCommand('Signalbox: Disconnect Claude Code');
    await scene.window.notifications.shown('Claude Code was not connected by Signalbox; nothing was changed.');
  });

  it('keep a settings file that is broken, which is told', async () => {
    const { notifications } = scene.window;
    const broken = '{ "env": { "FOO": ';
    writeClaudeFile(broken);
    await scene.window.runCommand('Signalbox: Connect Claude Code');
    await notifications.shown(/^New terminals/);
    await notifications.clickButton(/^New terminals/, 'Use in Other Terminals Too');
    const { text, severity, buttons } = await notifications.shown(/is not valid JSON/);
    assert.ok(text.startsWith(claudeFile()), text);
    assert.deepEqual([severity, buttons], ['error', ['Open File']]);
    assert.equal(readFileSync(claudeFile(), 'utf8'), broken);
    assert.equal(existsSync(backupFile()), false);
    await notifications.clickButton(/is not valid JSON/, 'Open File');
    await until(
      'the file in an editor',
      () => scene.window.editors(),
      (titles) => titles.some((title) => title.startsWith('settings')),
    );
  });

  it('that a settings file leads elsewhere are told about, once', async () => {
    const { notifications } = scene.window;
    writeClaudeFile('{ "env": { "ANTHROPIC_BASE_URL": "https://other.example" } }\n');
    await setDisabled('Open', true);
    const { text, buttons } = await notifications.shown(/^Claude Code does not use Signalbox/);
    assert.equal(text, `Claude Code does not use Signalbox: ${claudeFile()} sends it to https://other.example.`);
    assert.deepEqual(buttons, ['Connect Claude Code', 'Open File']);
    await notifications.clickButton(/^Claude Code does not use Signalbox/, 'Connect Claude Code');
    await notifications.shown(/^New terminals/);
    await notifications.clickButton(/^New terminals/, 'Use in Other Terminals Too');
    await until(
      'our address in the file',
      () => readFileSync(claudeFile(), 'utf8'),
      (now) => now.includes(scene.url) && !now.includes('other.example'),
    );
    await scene.window.runCommand('Signalbox: Disconnect Claude Code');
    await until(
      'the other address in the file',
      () => readFileSync(claudeFile(), 'utf8'),
      (now) => now.includes('https://other.example') && !now.includes(scene.url),
    );
    await setDisabled('Open', false);
    assert.ok((await notifications.list()).every((one) => !one.text.startsWith('Claude Code does not use')));
    rmSync(claudeFile());
  });

  it('keep a login of Claude Code when the answer is to leave it, in the next window too', async () => {
    const { notifications, statusBar } = scene.window;
    const asks = /^Claude Code in VS Code terminals can use Signalbox/;
    writeFileSync(path.join(scene.server.folders.home, '.claude/.credentials.json'), '{}');
    await setDisabled('Open', true);
    const { text, buttons } = await notifications.shown(asks);
    assert.match(text, /\(a login of Claude Code\)\.$/);
    assert.deepEqual(buttons, ['Use Signalbox', 'Leave as It Is']);
    await notifications.clickButton(asks, 'Leave as It Is');
    await untilNotInjected();
    await scene.window.reload();
    await statusBar.until(statusId, 'the window to be back', ({ text: shown }) => shown.startsWith('1/1'), 30_000);
    await untilNotInjected();
    assert.ok((await notifications.list()).every((one) => !asks.test(one.text)));
  });
});

describe('terminals of a window that already has a key and an HTTP proxy', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  const asks = /^Claude Code in VS Code terminals can use Signalbox/;
  const ownKey = 'sk-test-of-this-person';
  /** Nobody listens there: what goes to the HTTP proxy does not arrive. */
  const nowhere = 'http://127.0.0.1:9';

  before(async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  inWindowScene(
    {
      viewport,
      parts: [{ id: 'primary', setting: { name: 'Primary' } }],
      environment: {
        ANTHROPIC_API_KEY: ownKey,
        HTTP_PROXY: nowhere,
        HTTPS_PROXY: nowhere,
        NO_PROXY: 'intern.example, 10.0.0.1',
        no_proxy: 'other.example',
        ...quietClaude,
      },
    },
    (opened) => {
      scene = opened;
    },
  );

  it('stay as they are until the question is answered', async () => {
    const { notifications } = scene.window;
    const { text, buttons } = await notifications.shown(asks);
    assert.match(text, /instead of the current setup \(ANTHROPIC_API_KEY\)\.$/);
    assert.deepEqual(buttons, ['Use Signalbox', 'Leave as It Is']);
    const environment = await untilNewTerminal(scene, 'its own key', (one) => one['ANTHROPIC_API_KEY'] === ownKey);
    assert.equal(environment['ANTHROPIC_BASE_URL'], undefined);
    assert.equal(environment['NO_PROXY'], 'intern.example, 10.0.0.1');
  });

  it('are asked for again in the next window when the question was only closed', async () => {
    await scene.window.notifications.dismiss(asks);
    await scene.window.reload();
    await scene.window.notifications.shown(asks, 30_000);
  });

  it('lead to the proxy once that is wanted, and past the HTTP proxy', async () => {
    await scene.window.notifications.clickButton(asks, 'Use Signalbox');
    const environment = await untilNewTerminal(
      scene,
      'our address',
      (one) => one['ANTHROPIC_BASE_URL'] === scene.url && one['ANTHROPIC_AUTH_TOKEN'] === scene.clientToken,
    );
    const bypassed = 'intern.example,10.0.0.1,other.example,127.0.0.1,localhost';
    assert.deepEqual([environment['NO_PROXY'], environment['no_proxy']], [bypassed, bypassed]);
    assert.equal(environment['HTTP_PROXY'], nowhere);
  });

  it('let Claude Code get its answer, without a word of configuration', async () => {
    scene.endpoint('primary').behave({ kind: 'healthy', text: 'A word from Primary' });
    const terminal = await freshTerminal(scene);
    await terminal.type(`"${await claudeCode()}" -p hi --model claude-sonnet-4-5 && echo DO''NE\r`);
    const text = await terminal.until('the answer', (shown) => /^DONE$/m.test(shown), 40_000);
    assert.match(text, /^A word from Primary$/m);
    const asked = scene.endpoint('primary').seen.filter(({ path: url }) => url.startsWith('/v1/messages'));
    assert.ok(asked.length > 0);
    assert.ok(asked.every(({ headers }) => !JSON.stringify(headers).includes(ownKey)));
    const { sessions } = await scene.status();
    assert.match(sessions[0]?.client ?? '', /^claude-cli\//);
  });
});
