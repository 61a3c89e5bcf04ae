import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extensionUnderTest, manifestUnderTest } from '../support/host/hostExtension.ts';

describe('commands', () => {
  it('are those that the manifest names, all of them and no others', async () => {
    await extensionUnderTest().activate();
    const contributed = manifestUnderTest().contributes.commands.map(({ command }) => command);
    const registered = (await vscode.commands.getCommands(true)).filter((id) => /^signalbox\.[a-zA-Z]+$/.test(id));
    assert.deepEqual(registered.toSorted(), contributed.toSorted());
  });
});
