import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { filesHolding } from '../support/processes/filesHolding.ts';
import { until } from '../support/processes/startGateway.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
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

  it('begins in an empty view that says what to do', async () => {
    const welcome = await scene.window.pane('Endpoints').welcome();
    assert.match(welcome, /Add an endpoint to begin/);
    await scene.window.pane('Endpoints').clickWelcomeButton('Add Endpoint');
    await scene.window.quickInput.opened('Add Endpoint (1/4)');
  });

  it('refuses what is no address, and takes one in any form', async () => {
    const { quickInput } = scene.window;
    await quickInput.type('api.example.com');
    await until(
      'what is wrong with the address',
      async () => (await quickInput.frame()).message,
      (message) => message.startsWith('An address like https://api.example.com'),
    );
    await quickInput.type(`${endpoint.url}/v1/messages`);
    await quickInput.accept();
    await quickInput.opened('Add Endpoint (2/4)');
    await quickInput.pick('Anthropic API');
    await quickInput.opened('Add Endpoint (3/4)');
  });

  it('says what is wrong with a wrong key, and goes back to it', async () => {
    const { quickInput } = scene.window;
    await quickInput.type('sk-wrong');
    await quickInput.accept();
    const { title } = await quickInput.opened('How do you want to continue?');
    assert.match(title, /key refused: 401 authentication_error/);
    await quickInput.pick('Change the key');
    await quickInput.opened('Add Endpoint (3/4)');
  });

  it('finds out by itself that the endpoint wants the key as a bearer token', async () => {
    const { quickInput } = scene.window;
    await quickInput.type(key);
    await quickInput.accept();
    const { message } = await quickInput.opened('Add Endpoint (4/4)');
    assert.match(message, /key accepted/);
    await quickInput.type('My Relay 中转');
    await quickInput.accept();
    await scene.window.notifications.shown(/My Relay 中转 was added/);
  });

  it('shows the endpoint as ready', async () => {
    const [row] = await scene.window.tree('Endpoints').until('the endpoint', (rows) => rows.length === 1);
    assert.equal(row?.label, 'My Relay 中转');
    assert.equal(row?.description, 'not used yet · priority 1');
    await scene.window.statusBar.until(statusId, 'one of one', ({ text }) => text === '1/1 · My Relay 中转');
  });

  it('lets a program in the terminal of VS Code get its answer, without a word of configuration', async () => {
    const terminal = await scene.window.openTerminal();
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

  it('keeps the key out of every file, log, argument and environment', async () => {
    assert.deepEqual(filesHolding(scene.server, key), []);
    if (process.platform !== 'linux') return;
    for (const name of ['cmdline', 'environ']) {
      assert.ok(!readFileSync(`/proc/${scene.gatewayPid}/${name}`).includes(key), `the key is in ${name}`);
    }
  });
});
