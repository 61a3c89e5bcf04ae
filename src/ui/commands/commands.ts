import * as vscode from 'vscode';
import { errorWords } from '../words/errorWords.ts';
import { clientCommands } from './clientCommands.ts';
import { endpointCommands } from './endpointCommands.ts';
import { endpointEditing } from './endpointEditing.ts';
import { diagnosticsCommands } from './exportDiagnostics.ts';
import { NotPossible, NotStarted } from './gatewayAccess.ts';
import { gatewayCommands } from './gatewayCommands.ts';
import { requestCommands } from './requestCommands.ts';
import type { CommandHandler, CommandTable, Services } from './services.ts';
import { sessionCommands } from './sessionCommands.ts';

const t = vscode.l10n.t;

/** Registers every command of the manifest. Errors are shown with a remedy. */
export function registerCommands(services: Services): vscode.Disposable {
  const table: CommandTable = {
    ...gatewayCommands(services),
    ...endpointCommands(services),
    ...endpointEditing(services),
    ...sessionCommands(services),
    ...requestCommands(services),
    ...clientCommands(services),
    ...diagnosticsCommands(services),
  };
  const registrations = Object.entries(table).map(([id, handler]) =>
    vscode.commands.registerCommand(id, guarded(handler, services.log)),
  );
  return vscode.Disposable.from(...registrations);
}

function guarded(handler: CommandHandler, log: vscode.LogOutputChannel): CommandHandler {
  return async (argument) => {
    try {
      return await handler(argument);
    } catch (error) {
      // Not awaited: the command ends with its work, not when its message is closed.
      void tell(error, log);
      return undefined;
    }
  };
}

async function tell(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (error instanceof vscode.CancellationError || error instanceof NotStarted) return;
  if (error instanceof NotPossible) {
    void vscode.window.showWarningMessage(error.message);
    return;
  }
  log.error(error instanceof Error ? error : String(error));
  const showLog = t('Show Log');
  if ((await vscode.window.showErrorMessage(errorWords(error), showLog)) === showLog) log.show();
}
