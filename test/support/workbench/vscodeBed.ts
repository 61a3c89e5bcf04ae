import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { endProcess } from '../processes/endProcess.ts';
import { processesNaming } from '../processes/processesNaming.ts';
import { until } from '../processes/startGateway.ts';
import { packagedExtension } from '../provision/packagedExtension.ts';
import { launchBrowser } from './browser.ts';
import { startVscodeServer, type VscodeServer } from './vscodeServer.ts';
import { closeWindow } from './workbench.ts';

/** A VS Code server with the packaged extension, and a browser. */
export interface VscodeBed {
  readonly server: VscodeServer;
  readonly browser: Browser;
}

type Environment = Readonly<Record<string, string>>;

/** The one of this process. */
let kept: (VscodeBed & { readonly environment: string }) | undefined;

/** The bed of this process, made when there is none yet or extension hosts are to have another environment. */
export async function vscodeBed(environment: Environment): Promise<VscodeBed> {
  const wanted = JSON.stringify(environment);
  if (kept?.environment === wanted) return kept;
  await endVscodeBed();
  const server = await startVscodeServer({ extensions: [await packagedExtension()], environment });
  kept = { server, browser: await launchBrowser(), environment: wanted };
  return kept;
}

/** Makes the bed as it was at first: no window, gateway, file of a user or secret is left. One that resists is ended. */
export async function clearVscodeBed({ server, browser }: VscodeBed): Promise<void> {
  try {
    for (const context of browser.contexts()) {
      await Promise.all(context.pages().map(closeWindow));
      await context.close();
    }
    await until(
      'the extension hosts to end',
      () => server.extensionHosts(),
      (count) => count === 0,
      15_000,
    );
    await endGateways(server);
    for (const folder of [server.folders.home, server.folders.workspace]) empty(folder);
    mkdirSync(server.folders.state, { recursive: true });
  } catch (error) {
    await endVscodeBed();
    throw error;
  }
}

/** Ends server and browser, and the gateways that outlive both. */
export async function endVscodeBed(): Promise<void> {
  const bed = kept;
  kept = undefined;
  if (bed === undefined) return;
  await bed.browser.close();
  // Before the gateways: a window that is still alive would replace them.
  await bed.server.stop();
  await endGateways(bed.server);
}

async function endGateways({ folders }: VscodeServer): Promise<void> {
  await Promise.all([...processesNaming(folders.state).keys()].map(endProcess));
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true, force: true });
}
