import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { until } from '../processes/startGateway.ts';
import type { Terminal } from '../workbench/terminal.ts';
import type { WindowScene } from './windowScene.ts';

/** The variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Ends the terminals of the window and opens a new one. */
export async function freshTerminal({ window }: WindowScene): Promise<Terminal> {
  const terminals = window.page.locator('.terminal-wrapper');
  if ((await terminals.count()) > 0) {
    await window.runCommand('Terminal: Kill All Terminals');
    await until(
      'no terminal',
      () => terminals.count(),
      (count) => count === 0,
      10_000,
    );
  }
  return window.openTerminal();
}

/** Opens new terminals until the environment of a program in one fits; rejects after 50 s: each may take several. */
export function untilNewTerminal(
  scene: WindowScene,
  what: string,
  fits: (environment: Environment) => boolean,
): Promise<Environment> {
  return until(`${what} in a new terminal`, () => environmentOfNewTerminal(scene), fits, 50_000);
}

async function environmentOfNewTerminal(scene: WindowScene): Promise<Environment> {
  const file = path.join(scene.server.folders.home, 'environment.json');
  rmSync(file, { force: true });
  const terminal = await freshTerminal(scene);
  const target = JSON.stringify(file.replaceAll('\\', '/'));
  await terminal.type(`node -e 'require("fs").writeFileSync(${target},JSON.stringify(process.env))'\r`);
  const read = (): Environment | undefined => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Environment;
    } catch {
      return undefined;
    }
  };
  const environment = await until('the environment', read, (one) => one !== undefined, 30_000);
  return environment ?? {};
}
