import assert from 'node:assert/strict';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { portForLater } from '../support/portForLater.ts';
import { until } from '../support/processes/startGateway.ts';
import { converse } from '../support/scenes/converse.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { untilWritten, writtenEndpoints } from '../support/windows/writtenSettings.ts';
import { allowClipboard, clipboardText } from '../support/workbench/clipboard.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

const key = 'sk-test-a90b3c57e1d24f68';
const viewport = { width: 1280, height: 1600 };

/** The headers of the last conversation that came to an endpoint. */
function lastHeaders({ seen }: SimulatedEndpoint): Readonly<Record<string, string>> {
  return seen.findLast(({ method }) => method === 'POST')?.headers ?? {};
}

/** Resolves when the open quick input says this below its box. */
async function untilSaid(scene: WindowScene, words: string): Promise<void> {
  await until(
    `"${words}" below the box`,
    async () => (await scene.window.quickInput.frame()).message,
    (message) => message.startsWith(words),
  );
}

describe('editing endpoints', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;
  let elsewhere: SimulatedEndpoint;

  before(async () => {
    elsewhere = await startSimulatedEndpoint({ name: 'elsewhere', apiKey: key });
  });

  inWindowScene(
    {
      viewport,
      parts: [
        { id: 'primary', setting: { name: 'Primary', auth: 'x-api-key' }, simulated: { apiKey: key } },
        { id: 'relay', setting: { name: 'Relay' } },
        { id: 'third', setting: { name: 'Third' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  before(async () => {
    await allowClipboard(scene.window);
  });

  after(async () => {
    await elsewhere?.close();
  });

  const endpoints = () => scene.window.tree('Endpoints');
  const written = (what: string, fits: Parameters<typeof untilWritten>[2]) => untilWritten(scene.server, what, fits);

  /** The endpoints in the order in which the view shows them. */
  const untilShown = (...labels: readonly string[]) =>
    endpoints().until(labels.join(', '), (rows) => rows.map(({ label }) => label).join() === labels.join());

  const untilPriorities = (wanted: Readonly<Record<string, number>>) =>
    written('the priorities', (all) => all.every(({ id, priority }) => priority === wanted[id]));

  async function choose(label: string, entry: string): Promise<void> {
    const menu = await endpoints().openContextMenu(label);
    await menu.choose(entry);
  }

  /** Opens Edit Endpoint from the context menu and picks what is to be changed. */
  async function edit(label: string, field: string): Promise<string> {
    const { quickInput } = scene.window;
    await choose(label, 'Edit Endpoint');
    await quickInput.opened(`Edit ${label}`);
    await quickInput.pick(field);
    return (await quickInput.opened(field)).value;
  }

  async function enter(text: string): Promise<void> {
    await scene.window.quickInput.type(text);
    await scene.window.quickInput.accept();
  }

  async function setKey(label: string): Promise<void> {
    await choose(label, 'Set API Key');
    await scene.window.quickInput.opened(`API Key of ${label}`);
    await enter(key);
    await scene.window.notifications.shown(new RegExp(`^${label}: .*key accepted`));
    await scene.window.notifications.dismiss(new RegExp(`^${label}: .*key accepted`));
  }

  it('changes a name, and none that is empty', async () => {
    await setKey('Primary');
    assert.equal(await edit('Primary', 'Name'), 'Primary');
    await enter(' ');
    await untilSaid(scene, '1 to 80 characters');
    await enter('Main 主');
    await written('the name', ([one]) => one?.name === 'Main 主' && one.id === 'primary');
    await untilShown('Main 主', 'Relay', 'Third');
  });

  it('asks the palette for the endpoint, changes a priority, and none that is out of range', async () => {
    const { quickInput } = scene.window;
    await scene.window.runCommand('Signalbox: Edit Endpoint');
    await quickInput.opened('Edit Endpoint');
    const offered = (await quickInput.items()).map(({ label }) => label);
    assert.deepEqual(offered, ['Main 主', 'Relay', 'Third']);
    await quickInput.pick('Main 主');
    await quickInput.opened('Edit Main 主');
    const fields = (await quickInput.items()).map(({ label, description }) => [label, description]);
    assert.deepEqual(fields, [
      ['Name', 'Main 主'],
      ['Address', scene.endpoint('primary').url],
      ['Priority', '1'],
      ['API', 'anthropic'],
      ['How the key is sent', 'x-api-key'],
      ['API key', ''],
      ['More in settings.json', ''],
    ]);
    await quickInput.pick('Priority');
    await quickInput.opened('Priority');
    await enter('101');
    await untilSaid(scene, 'A whole number from 1 to 100');
    await enter('5');
    await written('the priority', ([one]) => one?.priority === 5);
    await untilShown('Relay', 'Third', 'Main 主');
  });

  it('changes nothing when Escape ends it', async () => {
    const before = await writtenEndpoints(scene.server);
    await edit('Relay', 'Name');
    await scene.window.quickInput.type('Other');
    await scene.window.quickInput.cancel();
    await choose('Relay', 'Edit Endpoint');
    await scene.window.quickInput.opened('Edit Relay');
    await scene.window.quickInput.cancel();
    assert.deepEqual(await writtenEndpoints(scene.server), before);
  });

  it('moves an endpoint up and down the priorities, by the menu and by the palette', async () => {
    const { quickInput, page } = scene.window;
    await choose('Main 主', 'Move Endpoint Up');
    await untilPriorities({ relay: 1, primary: 2, third: 3 });
    await untilShown('Relay', 'Main 主', 'Third');
    await choose('Main 主', 'Move Endpoint Up');
    await untilPriorities({ primary: 1, relay: 2, third: 3 });
    await untilShown('Main 主', 'Relay', 'Third');
    await choose('Main 主', 'Move Endpoint Up');
    await page.locator('.part.statusbar', { hasText: 'It is the first one' }).waitFor();
    await scene.window.runCommand('Signalbox: Move Endpoint Down');
    await quickInput.opened('Move Endpoint Down');
    await quickInput.pick('Relay');
    await untilPriorities({ primary: 1, third: 2, relay: 3 });
    await untilShown('Main 主', 'Third', 'Relay');
    await choose('Relay', 'Move Endpoint Down');
    await page.locator('.part.statusbar', { hasText: 'It is the last one' }).waitFor();
  });

  it('asks whether the key may go to another host, and does nothing when the answer is no', async () => {
    const { notifications } = scene.window;
    const { host } = new URL(elsewhere.url);
    assert.equal(await edit('Main 主', 'Address'), scene.endpoint('primary').url);
    await enter('elsewhere');
    await untilSaid(scene, 'An address like https://api.example.com');
    await enter(elsewhere.url);
    const dialog = await notifications.dialog();
    assert.equal(dialog.text, `Use this key for ${host} too?`);
    assert.equal(dialog.detail, `From now on the key of Main 主 would be sent to ${host}.`);
    assert.deepEqual(new Set(dialog.buttons), new Set(['Use the Same Key', 'Remove the Key', 'Cancel']));
    await notifications.clickDialogButton('Cancel');
    assert.equal((await scene.ask('not moved')).headers['x-signalbox-endpoint'], 'primary');
    assert.equal((await writtenEndpoints(scene.server))[0]?.baseUrl, scene.endpoint('primary').url);
    assert.equal(elsewhere.seen.length, 0);
  });

  it('does not ask when the host stays the same', async () => {
    await edit('Main 主', 'Address');
    await enter(`"${scene.endpoint('primary').url}/v1/messages?beta=true"`);
    await written('the address', ([one]) => one?.baseUrl.endsWith('/v1/messages') === true);
    assert.equal((await scene.ask('same host')).status, 200);
    assert.equal(lastHeaders(scene.endpoint('primary'))['x-api-key'], key);
  });

  it('takes the key along to the other host when that is wanted', async () => {
    await edit('Main 主', 'Address');
    await enter(elsewhere.url);
    await scene.window.notifications.dialog();
    await scene.window.notifications.clickDialogButton('Use the Same Key');
    await written('the address', ([one]) => one?.baseUrl === elsewhere.url);
    const answer = await until(
      'an answer from elsewhere',
      () => scene.ask('moved'),
      ({ headers }) => headers['x-simulated-by'] === 'elsewhere',
    );
    assert.equal(answer.status, 200);
    assert.equal(lastHeaders(elsewhere)['x-api-key'], key);
  });

  it('removes the key when the other host is not to have it', async () => {
    const { url } = scene.endpoint('primary');
    scene.endpoint('primary').forgetSeen();
    await edit('Main 主', 'Address');
    await enter(url);
    await scene.window.notifications.dialog();
    await scene.window.notifications.clickDialogButton('Remove the Key');
    await written('the address', ([one]) => one?.baseUrl === url);
    await endpoints().until('a missing key', ([row]) => row?.label === 'Main 主' && row.icon === 'key');
    assert.equal((await scene.ask('without the key')).headers['x-signalbox-endpoint'], 'third');
    assert.ok(scene.endpoint('primary').seen.every(({ headers }) => headers['x-api-key'] === undefined));
    await setKey('Main 主');
  });

  it('copies an address', async () => {
    await choose('Relay', 'Copy Endpoint Address');
    await until(
      'the address in the clipboard',
      () => clipboardText(scene.window),
      (text) => text === scene.endpoint('relay').url,
    );
  });

  it('writes into the settings what a toggle says', async () => {
    const { quickInput } = scene.window;
    await scene.window.runCommand('Signalbox: Toggle Endpoint');
    await quickInput.opened('Toggle Endpoint');
    await quickInput.pick('Main 主');
    await written('a disabled endpoint', ([one]) => one?.enabled === false);
    await endpoints().until(
      'a disabled row',
      ([row]) => row?.description === 'disabled' && row.icon === 'circle-slash',
    );
    await scene.window.statusBar.until(statusId, 'two of two', ({ text }) => text.startsWith('2/2'));
    await choose('Main 主', 'Enable Endpoint');
    await written('an enabled endpoint', ([one]) => one?.enabled === true);
    await scene.window.statusBar.until(statusId, 'three of three', ({ text }) => text.startsWith('3/3'));
  });

  it('D12, part 3: is turned off and on by its check box, which tells how it stands', async () => {
    assert.equal(await endpoints().isChecked('Third'), true);
    await endpoints().clickCheckBox('Third');
    await written('a disabled endpoint', (all) => all.find(({ id }) => id === 'third')?.enabled === false);
    await endpoints().until('a disabled row', (rows) => rows.some(({ description }) => description === 'disabled'));
    assert.equal(await endpoints().isChecked('Third'), false);
    await endpoints().clickCheckBox('Third');
    await written('an enabled endpoint', (all) => all.find(({ id }) => id === 'third')?.enabled !== false);
    await endpoints().until('no disabled row', (rows) => rows.every(({ description }) => description !== 'disabled'));
    assert.equal(await endpoints().isChecked('Third'), true);
  });

  it('part 3: takes the place of the one that it is dropped on', async () => {
    const before = (await endpoints().rows()).map(({ label }) => label);
    assert.deepEqual(before, ['Main 主', 'Third', 'Relay']);
    await endpoints().drag('Relay', 'Main 主');
    await untilShown('Relay', 'Main 主', 'Third');
    await untilPriorities({ relay: 1, primary: 2, third: 3 });
    assert.equal((await scene.ask('dropped')).headers['x-signalbox-endpoint'], 'relay');
    await endpoints().drag('Relay', 'Third');
    await untilShown('Main 主', 'Third', 'Relay');
  });

  it('D12: is edited by F2', async () => {
    await endpoints().press('Relay', 'F2');
    await scene.window.quickInput.opened('Edit Relay');
    await scene.window.quickInput.cancel();
  });

  it('D12, D10: is removed by Delete, and brought back by Ctrl+Z after the message is gone', async () => {
    await endpoints().press('Relay', 'Delete');
    await scene.window.notifications.shown('Relay was removed.');
    await scene.window.notifications.dismiss('Relay was removed.');
    await untilShown('Main 主', 'Third');
    await endpoints().press('Third', 'Control+z');
    await untilShown('Main 主', 'Third', 'Relay');
    await untilPriorities({ primary: 1, third: 2, relay: 3 });
  });

  it('removes an endpoint with its key', async () => {
    await choose('Main 主', 'Remove Endpoint');
    const { buttons } = await scene.window.notifications.shown('Main 主 was removed.');
    assert.deepEqual(buttons, ['Undo']);
    await written('no such endpoint', (all) => all.map(({ id }) => id).join() === 'third,relay');
    await untilShown('Third', 'Relay');
    assert.equal((await scene.ask('removed')).headers['x-signalbox-endpoint'], 'third');
  });

  it('brings both back by Undo, to where they were', async () => {
    await scene.window.notifications.clickButton('Main 主 was removed.', 'Undo');
    await written('all three', (all) => all.map(({ id }) => id).join() === 'primary,third,relay');
    await untilShown('Main 主', 'Third', 'Relay');
    await scene.window.statusBar.until(statusId, 'three of three', ({ text }) => text.startsWith('3/3'));
    assert.equal((await scene.ask('back again')).headers['x-signalbox-endpoint'], 'primary');
    assert.equal(lastHeaders(scene.endpoint('primary'))['x-api-key'], key);
  });

  it('removes by the palette too', async () => {
    const { quickInput, notifications } = scene.window;
    await scene.window.runCommand('Signalbox: Remove Endpoint');
    await quickInput.opened('Remove Endpoint');
    await quickInput.pick('Third');
    await notifications.shown('Third was removed.');
    await untilShown('Main 主', 'Relay');
  });
});

describe('the wizard for endpoints', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;
  let relay: SimulatedEndpoint;

  before(async () => {
    relay = await startSimulatedEndpoint({ name: 'relay', apiKey: key });
  });

  inWindowScene({ viewport, environment: { RELAY_KEY: key } }, (opened) => {
    scene = opened;
  });

  after(async () => {
    await relay?.close();
  });

  const step = (number: number) => scene.window.quickInput.opened(`Add Endpoint (${number}/4)`);

  async function enter(text: string): Promise<void> {
    await scene.window.quickInput.type(text);
    await scene.window.quickInput.accept();
  }

  const goBack = () => scene.window.quickInput.clickButton('Back');

  async function begin(url: string): Promise<void> {
    await scene.window.runCommand('Signalbox: Add Endpoint');
    await step(1);
    await enter(url);
    await step(2);
  }

  /** To the end of step 3, where the endpoint is tried. */
  async function beginWith(url: string, apiKey: string): Promise<void> {
    await begin(url);
    await scene.window.quickInput.pick('Anthropic API');
    await step(3);
    await enter(apiKey);
  }

  /** Accepts the last step and waits until it is told that the endpoint was added. */
  async function finish(name: string): Promise<{ readonly text: string; readonly buttons: readonly string[] }> {
    await enter(name);
    const added = await scene.window.notifications.shown(`${name} was added`);
    await scene.window.notifications.dismiss(`${name} was added`);
    await scene.window.tree('Endpoints').until(name, (rows) => rows.some(({ label }) => label === name));
    return added;
  }

  const steps: readonly { readonly at: string; readonly goThere: () => Promise<unknown> }[] = [
    {
      at: 'the address',
      goThere: async () => {
        await scene.window.runCommand('Signalbox: Add Endpoint');
        await step(1);
        await scene.window.quickInput.type(relay.url);
      },
    },
    { at: 'the API', goThere: () => begin(relay.url) },
    {
      at: 'the key',
      goThere: async () => {
        await begin(relay.url);
        await scene.window.quickInput.pick('Anthropic API');
        await step(3);
        await scene.window.quickInput.type(key);
      },
    },
    {
      at: 'the question after a failed check',
      goThere: async () => {
        await beginWith(relay.url, 'sk-wrong');
        await scene.window.quickInput.opened('How do you want to continue?');
      },
    },
    {
      at: 'the name',
      goThere: async () => {
        await beginWith(relay.url, key);
        await step(4);
      },
    },
  ];
  for (const { at, goThere } of steps) {
    it(`leaves nothing behind after Escape at ${at}`, async () => {
      await goThere();
      await scene.window.quickInput.cancel();
      assert.equal(await scene.window.quickInput.isOpen(), false);
      assert.deepEqual(await writtenEndpoints(scene.server), []);
      assert.deepEqual((await scene.status()).endpoints, []);
      const secrets = await scene.window.page.evaluate<string | null>("localStorage.getItem('secrets.provider')");
      assert.ok(secrets === null || secrets === '{}', 'a secret was stored');
    });
  }

  it('keeps what was typed when the person goes back', async () => {
    const { quickInput } = scene.window;
    await beginWith(relay.url, key);
    await step(4);
    await goBack();
    assert.equal((await step(3)).value, key);
    await goBack();
    await step(2);
    await goBack();
    assert.equal((await step(1)).value, relay.url);
    await quickInput.accept();
    await step(2);
    await quickInput.accept();
    await step(3);
    await quickInput.accept();
    assert.match((await step(4)).message, /key accepted, models: 2/);
    const { text, buttons } = await finish('Relay');
    assert.match(text, /^Relay was added: connected.*key accepted/);
    assert.deepEqual(buttons, ['Open Terminal', 'Add Another']);
    assert.equal((await scene.ask('first')).headers['x-signalbox-endpoint'], 'relay');
    assert.equal(lastHeaders(relay)['x-api-key'], key);
  });

  it('takes the key from a variable of the environment', async () => {
    await beginWith(relay.url, 'env:RELAY_KEY');
    assert.match((await step(4)).message, /key accepted/);
    await finish('From Environment');
    const [, second] = await writtenEndpoints(scene.server);
    assert.deepEqual(second, {
      id: 'from-environment',
      name: 'From Environment',
      baseUrl: relay.url,
      dialect: 'anthropic',
      priority: 2,
      apiKey: 'env:RELAY_KEY',
    });
    assert.equal((await scene.status()).endpoints[1]?.state, 'unused');
  });

  it('saves a variable that is not there yet, and shows its key as missing', async () => {
    relay.forgetSeen();
    await beginWith(relay.url, 'env:NOT_THERE');
    const { title } = await scene.window.quickInput.opened('How do you want to continue?');
    assert.equal(title, 'NOT_THERE is not set in the environment that VS Code was started in.');
    assert.equal(relay.seen.length, 0, 'the endpoint was asked without a key');
    await scene.window.quickInput.pick('Save Anyway');
    await step(4);
    await finish('Later');
    const rows = await scene.window.tree('Endpoints').rows();
    assert.deepEqual(rows.map(({ icon }) => icon).at(-1), 'key');
    assert.match(rows.at(-1)?.description ?? '', /^no key in NOT_THERE/);
    assert.equal((await writtenEndpoints(scene.server))[2]?.apiKey, 'env:NOT_THERE');
  });

  it('saves an endpoint that does not answer, after another look at its address', async () => {
    const { quickInput } = scene.window;
    const dead = `http://127.0.0.1:${await portForLater()}`;
    await beginWith(dead, 'sk-for-later');
    const { title } = await quickInput.opened('How do you want to continue?');
    assert.equal(title, `Connection refused (${new URL(dead).host})`);
    await quickInput.pick('Change the Address');
    assert.equal((await step(1)).value, dead);
    await quickInput.accept();
    await step(2);
    await quickInput.pick('Anthropic API');
    await step(3);
    await quickInput.accept();
    await quickInput.opened('How do you want to continue?');
    await quickInput.pick('Save Anyway');
    await step(4);
    await finish('Asleep');
    const { endpoints } = await scene.status();
    assert.equal(endpoints.at(-1)?.hasKey, true);
  });

  it('B5: tries again when the server has been started, with nothing entered twice', async () => {
    const { quickInput } = scene.window;
    await relay.refuse();
    await beginWith(relay.url, key);
    await quickInput.opened('How do you want to continue?');
    await relay.listenAgain();
    // It is the first choice.
    await quickInput.accept();
    assert.match((await step(4)).message, /key accepted/);
    await finish('Woken');
  });

  it('B5: takes address and key from a command, and keeps them after Escape', async () => {
    const { quickInput } = scene.window;
    await begin(`curl ${relay.url}/v1/messages -H "x-api-key: ${key}" -H "anthropic-version: 2023-06-01" -d '{}'`);
    await quickInput.cancel();
    await scene.window.runCommand('Signalbox: Add Endpoint');
    assert.equal((await step(1)).value, `${relay.url}/v1/messages`);
    await quickInput.accept();
    await step(2);
    await quickInput.accept();
    assert.equal((await step(3)).value, key);
    await quickInput.type(`${key}x`);
    await goBack();
    await step(2);
    await quickInput.accept();
    assert.equal((await step(3)).value, `${key}x`, 'typed and not accepted');
    await quickInput.type(key);
    await quickInput.accept();
    assert.match((await step(4)).message, /key accepted/);
    await finish('From Command');
    assert.equal((await writtenEndpoints(scene.server)).at(-1)?.baseUrl, relay.url);
  });

  it('B5: does not send a kept key to another host', async () => {
    const { quickInput } = scene.window;
    await beginWith(relay.url, 'sk-for-relay');
    await quickInput.opened('How do you want to continue?');
    await quickInput.cancel();
    await begin(`http://127.0.0.1:${await portForLater()}`);
    await quickInput.accept();
    assert.equal((await step(3)).value, '');
    await quickInput.cancel();
  });

  it('B5: offers known providers to those without an address at hand', async () => {
    const { quickInput } = scene.window;
    await scene.window.runCommand('Signalbox: Add Endpoint');
    await step(1);
    await quickInput.clickButton('Choose a Provider');
    await quickInput.opened('Which provider?');
    await quickInput.pick('DeepSeek');
    await step(3);
    await enter('env:NOT_THERE');
    await quickInput.opened('How do you want to continue?');
    await quickInput.pick('Save Anyway');
    assert.equal((await step(4)).value, 'DeepSeek');
    await finish('DeepSeek');
    const saved = (await writtenEndpoints(scene.server)).at(-1);
    assert.deepEqual([saved?.id, saved?.baseUrl], ['deepseek', 'https://api.deepseek.com/anthropic']);
  });

  it('takes a server without a list of models', async () => {
    relay.behave({ kind: 'status', status: 404, alsoModels: true });
    await beginWith(relay.url, key);
    assert.match((await step(4)).message, /key cannot be checked there/);
    await finish('No List');
    relay.behave({ kind: 'healthy' });
  });

  it('sees the OpenAI API in an address, and sends such requests there', async () => {
    const { quickInput } = scene.window;
    await scene.window.runCommand('Signalbox: Add Endpoint');
    await step(1);
    await enter(`${relay.url}/v1/chat/completions`);
    await quickInput.opened('Add Endpoint (2/5)');
    // The dialect that the address suggests is preselected.
    await quickInput.accept();
    await quickInput.opened('Add Endpoint (3/5)');
    await enter(key);
    await quickInput.opened('Which clients may it serve?');
    // Those of its own API alone, unless it is asked for more.
    await quickInput.accept();
    assert.match((await quickInput.opened('Add Endpoint (5/5)')).message, /key accepted/);
    const { buttons } = await finish('Open');
    assert.deepEqual(buttons, []);
    const saved = (await writtenEndpoints(scene.server)).at(-1);
    assert.deepEqual([saved?.dialect, saved?.baseUrl], ['openai', relay.url]);
    const answer = await converse(`${scene.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${scene.clientToken}` },
      json: { model: 'gpt-simulated-1', messages: [{ role: 'user', content: 'hi' }] },
    }).end;
    assert.deepEqual([answer.status, answer.headers['x-signalbox-endpoint']], [200, 'open']);
    assert.equal(lastHeaders(relay)['authorization'], `Bearer ${key}`);
  });
});
