import type * as vscode from 'vscode';
import type { ClaudeCode } from '../clients/claudeCode.ts';
import type { OpenTerminals } from '../clients/openTerminals.ts';
import type { TerminalEnvironment } from '../clients/terminalEnvironment.ts';
import type { Dashboard } from '../dashboard/dashboard.ts';
import type { FaultDrill } from '../drill/faultDrill.ts';
import type { GatewaySupervisor } from '../link/gatewaySupervisor.ts';
import type { StateFiles } from '../link/stateFiles.ts';
import type { ApiKeys } from '../settings/apiKeys.ts';
import type { Configuration } from '../settings/configuration.ts';
import type { OtherSettingsWatch } from '../settings/otherSettingsWatch.ts';
import type { ProblemMarks } from '../settings/problemMarks.ts';
import type { Settings } from '../settings/settings.ts';
import type { Views } from '../views/views.ts';

/** The services that commands use. */
export interface Services {
  readonly supervisor: GatewaySupervisor;
  readonly configuration: Configuration;
  readonly otherSettings: OtherSettingsWatch;
  readonly settings: Settings;
  readonly problemMarks: ProblemMarks;
  readonly keys: ApiKeys;
  readonly state: StateFiles;
  readonly views: Views;
  readonly claudeCode: ClaudeCode;
  readonly terminals: TerminalEnvironment;
  readonly openTerminals: OpenTerminals;
  readonly drill: FaultDrill;
  readonly dashboard: Dashboard;
  readonly log: vscode.LogOutputChannel;
  /** `publisher.name` of this extension. */
  readonly extensionId: string;
  readonly memory: vscode.Memento;
}

/** A command's function; from a menu its argument is a tree node's id. */
export type CommandHandler = (argument?: unknown) => unknown;

export type CommandTable = Readonly<Record<`signalbox.${string}`, CommandHandler>>;
