import { codexCli } from '../support/provision/agents.ts';
import { claudeCode, floorNode } from '../support/provision/provision.ts';
import { chromium } from '../support/provision/provisionChromium.ts';
import { vscodeServerFolder } from '../support/provision/provisionVscode.ts';

/** Heavy tools, each fetched into `.vscode-test/` when it is not there yet, with progress on stderr. */
const provisions = {
  floorNode: (): Promise<unknown> => floorNode(),
  claudeCode: (): Promise<unknown> => claudeCode(),
  codex: (): Promise<unknown> => codexCli(),
  chromium: (): Promise<unknown> => chromium(),
  vscodeServer: (): Promise<unknown> => vscodeServerFolder(),
};

/** A heavy tool that tests need. */
export type ProvisionName = keyof typeof provisions;

/** Makes the tool be there. Rejects with the words of npm or of the compiler. */
export async function provide(name: ProvisionName): Promise<void> {
  await provisions[name]();
}
