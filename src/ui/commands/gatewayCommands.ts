import * as vscode from 'vscode';
import { freePortAfter } from '../link/freePortAfter.ts';
import { snapshotOf } from '../model/gatewayStatus.ts';
import { failureText } from '../model/texts/failureText.ts';
import { showActions, showEndpointActions } from './actionPick.ts';
import { NotPossible, runningClient } from './gatewayAccess.ts';
import type { CommandTable, Services } from './services.ts';
import { strategies } from './strategies.ts';

const t = vscode.l10n.t;

/** The memory key for the VS Code run in which the gateway was stopped by hand. */
export const stoppedInSession = 'signalbox.stoppedInSession';

/** Identifies this run of VS Code in all its windows (`env.sessionId` differs per window). */
export function vscodeRun(): string {
  return process.env['VSCODE_PID'] ?? String(process.ppid);
}

/** Commands on the gateway as a whole. */
export function gatewayCommands(services: Services): CommandTable {
  const { supervisor, settings, problemMarks, drill, dashboard, log, memory, extensionId } = services;
  return {
    'signalbox.start': async () => {
      await memory.update(stoppedInSession, undefined);
      if (supervisor.status.kind !== 'running') supervisor.start();
    },
    'signalbox.stop': async () => {
      if (isOthers(supervisor) && !(await isStopMeant())) return;
      await memory.update(stoppedInSession, vscodeRun());
      await supervisor.stop();
    },
    'signalbox.restart': async () => {
      // A gateway started here would have another configuration.
      if (isOthers(supervisor)) {
        throw new NotPossible(t('This gateway runs with its own configuration. Restart it where it was started.'));
      }
      const { newerBuild } = supervisor;
      if (newerBuild !== undefined) {
        throw new NotPossible(
          t("The gateway ({0}) is newer than this window's extension. Reload the window first.", newerBuild),
        );
      }
      const failure = await supervisor.restart();
      if (failure !== undefined) throw new NotPossible(failureText(failure, t).message);
    },
    'signalbox.useMySettings': () => useMySettings(services),
    'signalbox.runFaultDrill': () => {
      if (drill.isRunning) throw new NotPossible(t('The fault drill is running already.'));
      return drill.run();
    },
    'signalbox.openDashboard': () => dashboard.open(),
    'signalbox.showLog': () => log.show(true),
    'signalbox.openSettings': () =>
      vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId}`),
    'signalbox.openSettingsProblem': () => problemMarks.open(),
    'signalbox.showProblems': () => problemMarks.reveal(),
    'signalbox.openWalkthrough': async () => {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#signalbox.start`, false);
      services.views.walkthroughOpened();
    },
    'signalbox.choosePort': (port) => choosePort(services, port),
    'signalbox.chooseStrategy': () => chooseStrategy(settings),
    'signalbox.showActions': () => showActions(services),
    'signalbox.showEndpointActions': (id) => showEndpointActions(services, id),
  };
}

/** Whether the running gateway has its own configuration and may serve others. */
function isOthers({ status }: Services['supervisor']): boolean {
  const owner = snapshotOf(status)?.gateway.owner;
  return owner !== undefined && owner !== 'window';
}

/** Problems are reported like those of the settings. */
async function useMySettings(services: Services): Promise<void> {
  await runningClient(services);
  if (isOthers(services.supervisor)) {
    throw new NotPossible(t('This gateway runs with its own configuration. Restart it where it was started.'));
  }
  await services.configuration.useOurs();
}

async function isStopMeant(): Promise<boolean> {
  const stop = t('Stop Gateway');
  const detail = t('It runs with its own configuration; a window cannot start it again.');
  const question = t('Stop a gateway that was not started by VS Code?');
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, stop)) === stop;
}

/** The port from the button, or one that the user enters. */
async function choosePort({ settings, supervisor }: Services, named: unknown): Promise<void> {
  const port = typeof named === 'number' ? named : await askForPort(settings);
  if (port === undefined) return;
  await settings.set('port', port);
  // When the settings change, a running gateway moves by itself and a failed start is retried.
  const { kind } = supervisor.status;
  if (kind === 'failed' || kind === 'stopped') supervisor.start();
}

async function askForPort(settings: Settings): Promise<number | undefined> {
  const answer = await vscode.window.showInputBox({
    title: t('Port of the Gateway'),
    prompt: t('Clients reach the gateway at this port of 127.0.0.1. The suggested one is free.'),
    value: String(await freePortAfter(settings.port, settings.portsOfEndpoints)),
    validateInput: (text) => {
      const port = Number(text);
      return Number.isInteger(port) && port > 0 && port < 65_536 ? undefined : t('A number from 1 to 65535');
    },
  });
  return answer === undefined ? undefined : Number(answer);
}

async function chooseStrategy(settings: Settings): Promise<void> {
  const items = strategies().map((one) => ({
    ...one,
    description: one.id === settings.strategy ? t('current') : '',
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Strategy'),
    placeHolder: t('How new conversations are spread over the endpoints; running ones stay where they are'),
  });
  if (picked !== undefined) await settings.set('strategy', picked.id);
}

type Settings = Services['settings'];
