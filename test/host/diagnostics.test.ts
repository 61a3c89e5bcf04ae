import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extensionUnderTest, gatewayHere } from '../support/host/hostExtension.ts';

const { Global } = vscode.ConfigurationTarget;

describe('Export Diagnostics', () => {
  const settings = () => vscode.workspace.getConfiguration('signalbox');

  afterEach(async () => {
    await settings().update('httpProxy', undefined, Global);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('opens a document that can be looked through, with all but the secrets', async () => {
    await extensionUnderTest().activate();
    await gatewayHere();
    await settings().update('httpProxy', 'http://me:planted-password-0123456789@127.0.0.1:9', Global);
    await vscode.commands.executeCommand('signalbox.exportDiagnostics');
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    assert.deepEqual([document.isUntitled, document.languageId], [true, 'markdown']);
    const text = document.getText();
    assert.match(text, /^# Signalbox diagnostics\n/);
    for (const expected of [
      `"VS Code": "${vscode.version}"`,
      '"autoStart": ',
      '"msg":"listening"',
      '[left out]@127.0.0.1:9',
    ]) {
      assert.ok(text.includes(expected), `${expected} is not in ${text}`);
    }
    assert.ok(!text.includes('planted-password'), text);
  });
});
