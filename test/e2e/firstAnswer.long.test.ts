import assert from 'node:assert/strict';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { quietClaude } from '../support/clients/quietClaude.ts';
import { claudeCode } from '../support/provision/provision.ts';
import type { WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

const key = 'sk-test-first-answer-51c7';

/** Counted by hand when the wizard was first tried: two clicks, one to open a terminal, two pastes and five times Enter. */
const formerly = { clicks: 3, pastes: 2, enters: 5 };

describe('from the installed package to the first answer of Claude Code', () => {
  inSteps();
  let scene: WindowScene;
  let endpoint: SimulatedEndpoint;
  const used = { clicks: 0, pastes: 0, enters: 0 };

  before(async function () {
    this.timeout(300_000);
    endpoint = await startSimulatedEndpoint({ name: 'vendor', apiKey: key });
    await claudeCode();
  });

  inWindowScene(
    {
      environment: quietClaude,
    },
    (opened) => {
      scene = opened;
      // The icon in the activity bar, which opening the scene has clicked.
      used.clicks += 1;
    },
  );

  after(async () => {
    await endpoint?.close();
  });

  async function enter(step: number): Promise<void> {
    await scene.window.quickInput.opened(`Add Endpoint (${step}/4)`);
    await scene.window.quickInput.accept();
    used.enters += 1;
  }

  async function paste(step: number, text: string): Promise<void> {
    await scene.window.quickInput.opened(`Add Endpoint (${step}/4)`);
    await scene.window.quickInput.type(text);
    used.pastes += 1;
    await enter(step);
  }

  it('B4: takes no more clicks and keys than it did, and the terminal is one click away', async () => {
    const { window } = scene;
    endpoint.behave({ kind: 'healthy', text: 'A word from the vendor' });
    await window.pane('Endpoints').clickWelcomeButton('Add Endpoint');
    used.clicks += 1;
    await paste(1, endpoint.url);
    await enter(2);
    await paste(3, key);
    await enter(4);
    await window.notifications.clickButton(/was added/, 'Open Terminal');
    used.clicks += 1;
    await window.terminal.ready();
    await window.terminal.type(`"${await claudeCode()}" -p hi --model claude-sonnet-4-5 && echo DO''NE\r`);
    used.enters += 1;
    const text = await window.terminal.until('the answer', (shown) => /^DONE$/m.test(shown), 60_000);
    assert.match(text, /^A word from the vendor$/m);
    assert.deepEqual(used, formerly);
  });

  it('B5: takes one paste less where a whole command is pasted', async () => {
    Object.assign(used, { clicks: 0, pastes: 0, enters: 0 });
    await scene.window.runCommand('Signalbox: Add Endpoint');
    await paste(1, `curl ${endpoint.url}/v1/messages -H "x-api-key: ${key}" -d '{"model": "claude-sonnet-4-5"}'`);
    for (const step of [2, 3, 4]) await enter(step);
    await scene.window.tree('Endpoints').until('both', (rows) => rows.length === 2);
    assert.deepEqual(used, { clicks: 0, pastes: 1, enters: 4 });
  });
});
