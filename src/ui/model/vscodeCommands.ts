import type { PageCommand } from '../../contract/dashboard.ts';

/** The VS Code command, with its arguments, behind each button of the dashboard and of messages. */
export const vscodeCommands: Readonly<Record<PageCommand, readonly [id: string, ...args: string[]]>> = {
  start: ['signalbox.start'],
  restart: ['signalbox.restart'],
  addEndpoint: ['signalbox.addEndpoint'],
  copyBaseUrl: ['signalbox.copyBaseUrl'],
  openMetricsSetting: ['workbench.action.openSettings', 'signalbox.metrics.enabled'],
  showLog: ['signalbox.showLog'],
  reloadWindow: ['workbench.action.reloadWindow'],
  choosePort: ['signalbox.choosePort'],
  openSettings: ['signalbox.openSettings'],
};
