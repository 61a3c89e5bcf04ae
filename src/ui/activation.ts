import * as vscode from 'vscode';
import { DisposableStore } from '../base/disposable.ts';
import { visibleText } from '../base/visibleText.ts';
import type { LogLine } from '../contract/logLine.ts';
import { defaultStateFolder } from '../contract/stateFolder.ts';
import { ClaudeCode } from './clients/claudeCode.ts';
import { ClientUpdates } from './clients/clientUpdates.ts';
import { OpenTerminals } from './clients/openTerminals.ts';
import { TerminalEnvironment } from './clients/terminalEnvironment.ts';
import { registerCommands } from './commands/commands.ts';
import { stoppedInSession, vscodeRun } from './commands/gatewayCommands.ts';
import type { Services } from './commands/services.ts';
import { viewActions } from './commands/viewActions.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { FaultDrill } from './drill/faultDrill.ts';
import { ControlError } from './link/controlClient.ts';
import { GatewaySupervisor } from './link/gatewaySupervisor.ts';
import { StateFiles } from './link/stateFiles.ts';
import type { GatewayStatus } from './model/gatewayStatus.ts';
import { failureText } from './model/texts/failureText.ts';
import { ApiKeys } from './settings/apiKeys.ts';
import { Configuration } from './settings/configuration.ts';
import { OtherSettingsWatch } from './settings/otherSettingsWatch.ts';
import { ProblemMarks } from './settings/problemMarks.ts';
import { Settings } from './settings/settings.ts';
import { Notifications } from './views/notifications.ts';
import { Views } from './views/views.ts';

/**
 * Builds the extension and connects its parts. Disposing of the result ends everything it owns, but not the gateway, which all
 * windows and outside clients share.
 */
export function activateSignalbox(context: vscode.ExtensionContext): vscode.Disposable {
  const life = new DisposableStore();
  const log = life.add(vscode.window.createOutputChannel('Signalbox', { log: true }));
  const onError = (error: unknown): void => log.error(error instanceof Error ? error : String(error));
  const settings = new Settings(context.extension.packageJSON);
  const keys = new ApiKeys(context, process.env);
  const state = new StateFiles(defaultStateFolder(process.env));
  const memory = context.globalState;
  const app = vscode.env.appName;
  const configuration = life.add(
    new Configuration({ settings, keys, memory, app, client: () => supervisor.client, onError }),
  );
  const supervisor: GatewaySupervisor = life.add(
    new GatewaySupervisor({
      state,
      extensionFolder: context.extensionPath,
      version: String(context.extension.packageJSON.version),
      port: () => settings.port,
      onAttached: (client, owner) => configuration.attached(client, owner),
      onError,
    }),
  );
  const otherSettings = life.add(new OtherSettingsWatch({ configuration, app, onError }));
  const views = life.add(
    new Views({
      settings,
      status: () => supervisor.status,
      problems: () => configuration.problems,
      otherSettings: () => otherSettings.current,
      memory: context.workspaceState,
      actions: viewActions(() => services),
      askRequests: async (query) => {
        if (supervisor.client === undefined) throw new ControlError(undefined, []);
        return supervisor.client.requests(query);
      },
    }),
  );
  const claudeCode = new ClaudeCode(memory, context.secrets);
  const collection = context.environmentVariableCollection;
  const terminals = new TerminalEnvironment({ collection, settings, memory });
  const problemMarks = life.add(new ProblemMarks(context.globalStorageUri, onError));
  const openTerminals = life.add(new OpenTerminals({ terminals, claudeCode, memory: context.workspaceState, onError }));
  const drill = life.add(new FaultDrill(context.extensionPath));
  const dashboard = life.add(new Dashboard({ extensionUri: context.extensionUri, supervisor, onError }));
  const services: Services = {
    supervisor,
    configuration,
    otherSettings,
    settings,
    keys,
    state,
    views,
    claudeCode,
    terminals,
    openTerminals,
    problemMarks,
    drill,
    dashboard,
    log,
    extensionId: context.extension.id,
    memory,
  };
  life.add(registerCommands(services));

  const clients = new ClientUpdates({ state, terminals, claudeCode, onError });
  const notifications = new Notifications(settings);
  const update = (): void => {
    otherSettings.look(supervisor.status);
    views.draw();
    clients.look(supervisor.status);
  };
  life.add(supervisor.onStatus.on(update));
  life.add(supervisor.onStatus.on((status) => notifications.status(status)));
  life.add(supervisor.onStatus.on((status) => writeFailure(log, status)));
  life.add(supervisor.onLog.on((line) => write(log, line)));
  life.add(
    configuration.onProblems.on((problems) => {
      notifications.problems(problems, configuration.hasLastGood);
      problemMarks.show(problems).catch(onError);
    }),
  );
  life.add(settings.onChange(() => void problemMarks.show(configuration.problems).catch(onError)));
  life.add(configuration.onProblems.on(update));
  life.add(otherSettings.onChange.on((other) => notifications.otherSettings(other, supervisor.status)));
  life.add(otherSettings.onChange.on(() => views.draw()));
  life.add(configuration.onLostKeys.on((endpoints) => notifications.lostKeys(endpoints)));
  life.add(settings.onChange(update));
  const updateClients = (): void => clients.update(supervisor.status);
  life.add(settings.onChange(updateClients));
  // Claude Code's files are edited elsewhere, too.
  life.add(vscode.window.onDidChangeWindowState(({ focused }) => focused && updateClients()));
  const startElsewhere = (): void => startAtOtherPort(settings, supervisor);
  life.add(settings.onChange(startElsewhere));
  life.add(supervisor.onStatus.on(startElsewhere));
  update();
  if (shallStart(settings, state, memory)) supervisor.start();
  return life;
}

/** A start that failed at one port is retried at the new port from the settings. */
function startAtOtherPort(settings: Settings, supervisor: GatewaySupervisor): void {
  const { status } = supervisor;
  if (status.kind !== 'failed') return;
  const { failure } = status;
  const isOfPort = failure.kind === 'portTaken' || failure.kind === 'portForbidden';
  if (isOfPort && failure.port !== settings.port) supervisor.start();
}

/** A gateway that was stopped by hand stays stopped until VS Code is restarted. */
function shallStart(settings: Settings, state: StateFiles, memory: vscode.Memento): boolean {
  if (!settings.isAutoStarted) return false;
  return !(state.isStopped && memory.get(stoppedInSession) === vscodeRun());
}

/** Logged because a message disappears and the view shows only part of it. */
function writeFailure(log: vscode.LogOutputChannel, status: GatewayStatus): void {
  if (status.kind === 'failed') log.error(failureText(status.failure, vscode.l10n.t).message);
}

function write(log: vscode.LogOutputChannel, { level, event, fields }: LogLine): void {
  const told = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  log[level](visibleText([event, ...told].join(' ')));
}
