import * as vscode from 'vscode';
import { currentSnapshot, NotPossible, runningClient } from './gatewayAccess.ts';
import type { CommandTable, Services } from './services.ts';

const t = vscode.l10n.t;

/** Commands that connect clients to the gateway. */
export function clientCommands(services: Services): CommandTable {
  return {
    'signalbox.copyBaseUrl': () => copyBaseUrl(services),
    'signalbox.copyClientToken': () => copyClientToken(services),
    'signalbox.connectClaudeCode': async () => {
      const { url } = await connectable(services);
      const { standing } = services.terminals;
      const { unconnectedCount } = services.openTerminals;
      await services.claudeCode.connect(url, clientToken(services), { standing, unconnectedCount });
    },
    'signalbox.disconnectClaudeCode': () => services.claudeCode.disconnect(),
  };
}

async function connectable(services: Services): Promise<{ readonly url: string }> {
  await runningClient(services);
  return currentSnapshot(services).gateway;
}

async function copyBaseUrl(services: Services): Promise<void> {
  const { url } = await connectable(services);
  const forms = [
    { label: url, description: 'ANTHROPIC_BASE_URL', detail: t('Claude Code, Anthropic SDKs') },
    { label: `${url}/v1`, description: 'OPENAI_BASE_URL', detail: t('OpenAI SDKs and most other clients') },
  ];
  const picked = await vscode.window.showQuickPick(forms, {
    title: t('Copy Base URL'),
    placeHolder: t('Which form does the client want?'),
  });
  if (picked === undefined) return;
  await vscode.env.clipboard.writeText(picked.label);
  vscode.window.setStatusBarMessage(t('Copied {0}', picked.label), 3000);
}

async function copyClientToken(services: Services): Promise<void> {
  await runningClient(services);
  await vscode.env.clipboard.writeText(clientToken(services));
  vscode.window.setStatusBarMessage(t('Client token copied'), 3000);
}

/** The client token. Throws `NotPossible` if only the gateway's own configuration has it. */
function clientToken(services: Services): string {
  const token = services.state.clientToken(currentSnapshot(services).gateway.clientToken);
  if (token !== undefined) return token;
  throw new NotPossible(t("The client token is set in the gateway's own configuration file; look there."));
}
