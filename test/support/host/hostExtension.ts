import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { until } from '../processes/startGateway.ts';

/** The part of the extension's manifest that tests use. */
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly scope?: string; readonly default?: unknown }>>;
    }[];
  };
}

/** Signalbox, in the extension host that runs the tests. */
export function extensionUnderTest(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension('signalbox.signalbox');
  assert.ok(extension, 'VS Code does not know the extension');
  return extension;
}

/** Its package.json. */
export function manifestUnderTest(): Manifest {
  return extensionUnderTest().packageJSON as Manifest;
}

/** The gateway that this window has started. */
export interface GatewayHere {
  readonly pid: number;
  readonly port: number;
  status(): Promise<Snapshot>;
  /** The session that it belongs to; only on Linux. */
  sessionLeader(): Promise<number>;
}

/** Waits for the gateway and gives a way to ask it. */
export async function gatewayHere(): Promise<GatewayHere> {
  const folder = await until(
    'a gateway',
    async () => stateFolder(),
    (found) => found !== undefined,
    20_000,
  );
  assert.ok(folder);
  const { pid, port } = JSON.parse(readFileSync(path.join(folder, 'gateway.json'), 'utf8')) as GatewayHere;
  const token = readFileSync(path.join(folder, 'control-token'), 'utf8').trim();
  return {
    pid,
    port,
    status: async () => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${port}/signalbox/status`, { headers });
      assert.equal(response.status, 200);
      return (await response.json()) as Snapshot;
    },
    sessionLeader: async () => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]),
  };
}

function stateFolder(): string | undefined {
  const parent = path.join(process.env['XDG_STATE_HOME'] ?? '', 'signalbox');
  const [host] = existsSync(parent) ? readdirSync(parent) : [];
  const folder = path.join(parent, host ?? '');
  return existsSync(path.join(folder, 'gateway.json')) ? folder : undefined;
}
