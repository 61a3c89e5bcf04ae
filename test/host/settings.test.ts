import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { manifestUnderTest } from '../support/host/hostExtension.ts';

/** Every setting with what the manifest says of it. */
function settings() {
  const sections = manifestUnderTest().contributes.configuration;
  return sections.flatMap(({ properties }) => Object.entries(properties));
}

describe('settings', () => {
  it('cannot be set by a workspace', async () => {
    for (const [name] of settings()) {
      const [, section = '', key = ''] = /^([^.]+)\.(.+)$/.exec(name) ?? [];
      const configuration = vscode.workspace.getConfiguration(section);
      const attempt = async (): Promise<void> =>
        configuration.update(key, configuration.get(key), vscode.ConfigurationTarget.Workspace);
      await assert.rejects(attempt, /Workspace Settings/, `${name} can be set by a workspace`);
    }
  });

  it('have the scopes that decide whether they are synced', () => {
    const ofMachine = settings().flatMap(([name, { scope }]) => (scope === 'machine' ? [name] : []));
    const expected = ['caCertificates', 'httpProxy', 'lingerSeconds', 'noProxy', 'port', 'terminal.inject'].map(
      (name) => `signalbox.${name}`,
    );
    assert.deepEqual(ofMachine.toSorted(), expected);
    const others = settings().filter(([, { scope }]) => scope !== 'machine' && scope !== 'application');
    assert.deepEqual(others, []);
  });

  it('of the user take effect wherever they may be written', async () => {
    for (const [name, value] of [
      ['strategy', 'weighted'],
      ['lingerSeconds', 60],
    ] as const) {
      const configuration = () => vscode.workspace.getConfiguration('signalbox');
      const before = configuration().inspect(name)?.globalValue;
      await configuration().update(name, value, vscode.ConfigurationTarget.Global);
      assert.equal(configuration().get(name), value, name);
      await configuration().update(name, before, vscode.ConfigurationTarget.Global);
    }
  });
});
