import type * as vscode from 'vscode';
import type { ApiKeys } from './apiKeys.ts';
import type { ClaudeCode } from './claudeCode.ts';
import type { Configuration } from './configuration.ts';
import type { Dashboard } from './dashboard.ts';
import type { FaultDrill } from './faultDrill.ts';
import type { GatewaySupervisor } from './gatewaySupervisor.ts';
import type { OtherSettingsWatch } from './otherSettingsWatch.ts';
import type { Settings } from './settings.ts';
import type { StateFiles } from './stateFiles.ts';
import type { Views } from './views.ts';

/** What commands work with. */
export interface Services {
  readonly supervisor: GatewaySupervisor;
  readonly configuration: Configuration;
  readonly otherSettings: OtherSettingsWatch;
  readonly settings: Settings;
  readonly keys: ApiKeys;
  readonly state: StateFiles;
  readonly views: Views;
  readonly claudeCode: ClaudeCode;
  readonly drill: FaultDrill;
  readonly dashboard: Dashboard;
  readonly log: vscode.LogOutputChannel;
  readonly memory: vscode.Memento;
}

/** What a command does; the argument is a tree node's id where it comes from a menu. */
export type CommandHandler = (argument?: unknown) => unknown;

export type CommandTable = Readonly<Record<`signalbox.${string}`, CommandHandler>>;
