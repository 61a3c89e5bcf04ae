// Runs last, by its name: afterwards the extension is gone from this extension host.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';
import { extensionUnderTest, gatewayHere, manifestUnderTest } from '../support/host/hostExtension.ts';
import { until } from '../support/processes/startGateway.ts';

interface Handle {
  readonly remotePort?: number;
  readonly spawnargs?: readonly string[];
}

/** Sockets and child processes of this process; Node shows them to nobody else. */
function handles(): readonly Handle[] {
  return (process as unknown as { _getActiveHandles(): Handle[] })._getActiveHandles();
}

describe('deactivation', () => {
  it('leaves no command, connection or child process, and the gateway running', async () => {
    const gateway = await gatewayHere();
    const connections = () => handles().filter(({ remotePort }) => remotePort === gateway.port).length;
    await until(
      'the connection to the gateway',
      async () => connections(),
      (count) => count > 0,
    );

    const file = path.join(extensionUnderTest().extensionPath, 'dist', 'extension.js');
    const gatewayProgram = path.join(path.dirname(file), 'gateway.js');
    const program = createRequire(__filename).cache[file]?.exports as { deactivate(): void };
    program.deactivate();

    await until(
      'no connection to the gateway',
      async () => connections(),
      (count) => count === 0,
    );
    const ours = handles().filter(({ spawnargs = [] }) => spawnargs.some((word) => word === gatewayProgram));
    assert.deepEqual(
      ours.map(({ spawnargs }) => spawnargs),
      [],
    );
    const contributed = manifestUnderTest().contributes.commands.map(({ command }) => command);
    const left = (await vscode.commands.getCommands(true)).filter((id) => contributed.includes(id));
    assert.deepEqual(left, []);
    assert.equal((await gateway.status()).gateway.pid, gateway.pid);
  });
});
