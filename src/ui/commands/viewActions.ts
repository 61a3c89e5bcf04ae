import * as vscode from 'vscode';
import type { ViewActions } from '../views/views.ts';
import { errorWords } from '../words/errorWords.ts';
import { placeEndpoint } from './endpointEditing.ts';
import { runningClient } from './gatewayAccess.ts';
import type { Services } from './services.ts';

/** The actions of check boxes and dropped nodes; errors are shown. `services` is asked for with each action. */
export function viewActions(services: () => Services): ViewActions {
  const act = (work: () => Promise<unknown>): void => {
    work().catch((error: unknown) => {
      void vscode.window.showErrorMessage(errorWords(error));
    });
  };
  return {
    setEnabled: (id, isEnabled) => {
      const command = isEnabled ? 'signalbox.enableEndpoint' : 'signalbox.disableEndpoint';
      return vscode.commands.executeCommand(command, id);
    },
    placeEndpoint: (id, target) => act(() => placeEndpoint(services(), id, target)),
    moveSession: (sessionId, endpointId) =>
      act(async () => (await runningClient(services())).move(sessionId, endpointId)),
  };
}
