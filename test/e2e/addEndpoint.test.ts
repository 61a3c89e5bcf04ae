import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { filesHolding } from '../support/processes/filesHolding.ts';
import { until } from '../support/processes/startGateway.ts';
import { statusId, viewNames, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windows/windowSuite.ts';
import { writtenEndpoints } from '../support/windows/writtenSettings.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

const key = 'sk-test-4f1c9d7a2b8e6035';

describe('adding the first endpoint', () => {
  // Each step begins where the one before has ended.
  inSteps();

  let scene: WindowScene;
  let endpoint: SimulatedEndpoint;

  before(async () => {
    endpoint = await startSimulatedEndpoint({ name: 'relay', apiKey: key, auth: 'bearer' });
  });

  inWindowScene({}, (opened) => {
    scene = opened;
  });

  after(async () => {
    await endpoint?.close();
  });

  it('B4: finds a terminal open, as everybody has one', async () => {
    const terminal = await scene.window.openTerminal();
    await terminal.type('echo OLD TERM""INAL\r');
    await terminal.until('its prompt', (text) => text.includes('OLD TERMINAL'));
  });

  it('begins in an empty view that says what to do', async () => {
    const welcome = await scene.window.pane('Endpoints').welcome();
    assert.match(welcome, /Add an endpoint to begin/);
    await scene.window.pane('Endpoints').clickWelcomeButton('Add Endpoint');
    await scene.window.quickInput.opened('Add Endpoint (1/4)');
  });

  const untilSaid = (what: string, words: string) =>
    until(
      what,
      async () => (await scene.window.quickInput.frame()).message,
      (message) => message.startsWith(words),
    );

  it('B5: refuses what is no address, and takes one in any form', async () => {
    const { quickInput } = scene.window;
    await quickInput.type('not an address');
    await untilSaid('the problem with the address', 'An address like https://api.example.com');
    await quickInput.type('api.example.com');
    await untilSaid('the address in use', 'Uses https://api.example.com');
    await quickInput.type(`export ANTHROPIC_BASE_URL="${new URL(endpoint.url).host}/v1/messages?beta=true"`);
    await untilSaid('the address in use', `Uses ${endpoint.url}/v1/messages`);
    await quickInput.accept();
    await quickInput.opened('Add Endpoint (2/4)');
    await quickInput.pick('Anthropic API');
    await quickInput.opened('Add Endpoint (3/4)');
  });

  it('B5: has the verdict on a wrong key as a title, and goes back to the key', async () => {
    const { quickInput } = scene.window;
    await quickInput.type('sk-wrong');
    await quickInput.accept();
    const { title } = await quickInput.opened('How do you want to continue?');
    assert.equal(title, 'Key refused (401)');
    const choices = (await quickInput.items()).map(({ label }) => label);
    assert.deepEqual(choices, ['Try Again', 'Change the Key', 'Change the Address', 'Save Anyway']);
    await quickInput.pick('Change the Key');
    assert.equal((await quickInput.opened('Add Endpoint (3/4)')).value, 'sk-wrong');
  });

  it('finds out by itself that the endpoint wants the key as a bearer token', async () => {
    const { quickInput } = scene.window;
    await quickInput.type(`Authorization: Bearer ${key}`);
    await untilSaid('the key in use', `Uses only the key in it (${key.length} characters)`);
    await quickInput.accept();
    const { message } = await quickInput.opened('Add Endpoint (4/4)');
    assert.match(message, /key accepted/);
    await quickInput.type('My Relay 中转');
    await quickInput.accept();
  });

  it('B4: tells that the terminal which is open does not use it, with a way to one that does', async () => {
    const { text, buttons } = await scene.window.notifications.shown(/My Relay 中转 was added/);
    assert.match(text, /key accepted.*New terminals use Signalbox\. The terminal that is already open does not/);
    assert.deepEqual(buttons, ['Open Terminal', 'Add Another']);
  });

  it('shows the endpoint as ready', async () => {
    const [row] = await scene.window.tree('Endpoints').until('the endpoint', (rows) => rows.length === 1);
    assert.equal(row?.label, 'My Relay 中转');
    assert.equal(row?.description, 'not used yet · priority 1');
    await scene.window.statusBar.until(statusId, 'one of one', ({ text }) => text === '1/1 · My Relay 中转');
  });

  it('lets a program in the terminal of VS Code get its answer, without a word of configuration', async () => {
    await scene.window.notifications.clickButton(/My Relay 中转 was added/, 'Open Terminal');
    const { terminal } = scene.window;
    await terminal.until('another shell than before', (text) => !text.includes('OLD TERMINAL'));
    await terminal.ready();
    const program = [
      `fetch(process.env.ANTHROPIC_BASE_URL+"/v1/messages",{method:"POST",headers:{"content-type":"application/json",`,
      `authorization:"Bearer "+process.env.ANTHROPIC_AUTH_TOKEN,"anthropic-version":"2023-06-01"},body:JSON.stringify(`,
      `{model:"claude-opus-4-6",max_tokens:9,messages:[{role:"user",content:"hi"}]})}).then(r=>r.json())`,
      `.then(a=>console.log("ANS"+"WER",a.type,a.role))`,
    ].join('');
    await terminal.type(`node -e '${program}'\r`);
    await terminal.until('the answer', (text) => text.includes('ANSWER message assistant'), 20_000);
    assert.equal(endpoint.seen.filter(({ path }) => path.startsWith('/v1/messages')).length, 1);
  });

  it('B4: tells in the old terminal that Claude Code does not use Signalbox there, once', async () => {
    const { window } = scene;
    const said = /^Claude Code does not use Signalbox in this terminal/;
    await window.runCommand('Terminal: Focus Previous Terminal Group');
    await window.terminal.until('the old terminal', (text) => text.includes('OLD TERMINAL'));
    await window.terminal.type('claude() { echo STAR""TED; }\r');
    await window.terminal.type('claude -p hi\r');
    const { buttons } = await window.notifications.shown(said);
    assert.deepEqual(buttons, ['Open Terminal']);
    await window.notifications.dismiss(said);
    await window.terminal.type('claude -p again; echo AG""AIN\r');
    await window.terminal.until('the second start', (text) => text.includes('AGAIN'));
    assert.ok((await window.notifications.list()).every(({ text }) => !said.test(text)));
  });

  it('keeps the key out of every file, log, argument and environment', async () => {
    assert.deepEqual(filesHolding(scene.server, key), []);
    if (process.platform !== 'linux') return;
    for (const name of ['cmdline', 'environ']) {
      assert.ok(!readFileSync(`/proc/${scene.gatewayPid}/${name}`).includes(key), `the key is in ${name}`);
    }
  });
});

for (const language of ['en', 'zh-cn'] as const) {
  describe(`adding an endpoint of the OpenAI API (${language})`, () => {
    inSteps();

    const isEnglish = language === 'en';
    const words = isEnglish
      ? { title: 'Add Endpoint', step: 'Which clients may it serve?', model: 'Which model answers Claude Code?' }
      : { title: '添加端点', step: '它可以服务哪些客户端？', model: '由哪个模型应答 Claude Code？' };
    let scene: WindowScene;
    let endpoint: SimulatedEndpoint;

    before(async () => {
      endpoint = await startSimulatedEndpoint({
        name: 'chat',
        apiKey: key,
        auth: 'bearer',
        models: ['kimi-k2', 'kimi-k2-thinking'],
        strict: { vendor: 'openai', routes: ['chat', 'models'] },
      });
    });

    inWindowScene({ language }, (opened) => {
      scene = opened;
    });

    after(async () => {
      await endpoint?.close();
    });

    it('asks which clients it may serve; its own only unless one says otherwise', async () => {
      const { quickInput } = scene.window;
      await quickInput.runCommand(`Signalbox: ${words.title}`);
      await quickInput.opened(`${words.title} (1/4)`);
      await quickInput.type(endpoint.url);
      await quickInput.accept();
      await quickInput.opened(`${words.title} (2/4)`);
      await quickInput.pick('OpenAI API');
      await quickInput.opened(`${words.title} (3/5)`);
      await quickInput.type(key);
      await quickInput.accept();
      await quickInput.opened(words.step);
      const [own, translated, ...others] = await quickInput.items();
      assert.match(own?.label ?? '', /OpenAI/);
      assert.match(translated?.label ?? '', /Claude Code/);
      assert.deepEqual(others, [], 'it has no Anthropic API of its own');
      await scene.window.screenshot(path.join(screenshotFolder, `servedClients-${language}.png`));
    });

    it('asks for the model that stands in for those of Claude', async () => {
      const { quickInput } = scene.window;
      const [, translated] = await quickInput.items();
      await quickInput.pick(translated?.label ?? '');
      await quickInput.opened(words.model);
      await quickInput.pick('kimi-k2');
      await quickInput.opened(`${words.title} (5/5)`);
      await quickInput.type('Kimi');
      await quickInput.accept();
    });

    it('writes what was chosen and what was found out, and shows it', async () => {
      const [row] = await scene.window.tree(viewNames[language].endpoints).until('it', (rows) => rows.length === 1);
      assert.match(row?.description ?? '', isEnglish ? /Claude Code by translation/ : /经转换服务 Claude Code/);
      const [setting] = await writtenEndpoints(scene.server);
      const { alsoServes, formats, modelMap, dialect } = setting ?? {};
      assert.deepEqual(
        { alsoServes, formats, modelMap, dialect },
        { alsoServes: ['anthropic'], formats: ['chat'], modelMap: { 'claude-*': 'kimi-k2' }, dialect: 'openai' },
      );
    });
  });
}

describe('adding an endpoint of the OpenAI API that has the Anthropic API too', () => {
  inSteps();

  let scene: WindowScene;
  let endpoint: SimulatedEndpoint;

  before(async () => {
    endpoint = await startSimulatedEndpoint({
      name: 'both',
      apiKey: key,
      auth: 'bearer',
      strict: { vendor: 'openai', routes: ['chat', 'responses', 'messages', 'models'] },
    });
  });

  inWindowScene({}, (opened) => {
    scene = opened;
  });

  after(async () => {
    await endpoint?.close();
  });

  it('proposes a second endpoint before translation', async () => {
    const { quickInput } = scene.window;
    await quickInput.runCommand('Signalbox: Add Endpoint');
    await quickInput.opened('Add Endpoint (1/4)');
    await quickInput.type(endpoint.url);
    await quickInput.accept();
    await quickInput.opened('Add Endpoint (2/4)');
    await quickInput.pick('OpenAI API');
    await quickInput.opened('Add Endpoint (3/5)');
    await quickInput.type(key);
    await quickInput.accept();
    await quickInput.opened('Which clients may it serve?');
    const labels = (await quickInput.items()).map(({ label }) => label);
    const native = 'Claude Code too, by its own Anthropic API';
    assert.deepEqual(labels, ['OpenAI clients only', native, 'Claude Code too, by translation']);
    await quickInput.pick(native);
    await quickInput.opened('Add Endpoint (5/5)');
    await quickInput.type('Both');
    await quickInput.accept();
  });

  it('adds both, each with the key, and nothing by translation', async () => {
    const rows = await scene.window.tree('Endpoints').until('both', (found) => found.length === 2);
    assert.deepEqual(rows.map(({ label }) => label).sort(), ['Both', 'Both (Anthropic API)']);
    for (const { description } of rows) assert.doesNotMatch(description ?? '', /translation|key/);
    const written = await writtenEndpoints(scene.server);
    assert.deepEqual(
      written.map(({ dialect, auth, alsoServes, formats }) => ({ dialect, auth, alsoServes, formats })),
      [
        { dialect: 'openai', auth: undefined, alsoServes: undefined, formats: undefined },
        { dialect: 'anthropic', auth: 'bearer', alsoServes: undefined, formats: undefined },
      ],
    );
  });
});
