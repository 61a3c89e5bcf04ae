import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** User settings that keep a workbench free of everything that nobody asked for. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.autoDetectColorScheme': false,
  'window.confirmBeforeClose': 'never',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'terminal.integrated.gpuAcceleration': 'off',
  'terminal.integrated.initialHint': false,
  'npm.fetchOnlinePackageInfo': false,
  'git.openRepositoryInParentFolders': 'never',
};

/**
 * Makes Chinese a display language of the server: a window whose cookie `vscode.nls.locale` is `zh-cn` then runs its
 * extension host in Chinese. The pack itself translates nothing, so the workbench's own texts stay English.
 * (Without an argv.json the server takes English for decided and does not look at the cookie.)
 */
export function languagePack(userData: string): void {
  const texts = path.join(userData, 'zh-cn.json');
  const extension = { extensionIdentifier: { id: 'signalbox-test.language-pack-zh-hans' }, version: '1.0.0' };
  writeJson(texts, { contents: {} });
  writeJson(path.join(userData, 'User/argv.json'), {});
  writeJson(path.join(userData, 'languagepacks.json'), {
    'zh-cn': { hash: 'empty', label: '中文(简体)', extensions: [extension], translations: { vscode: texts } },
  });
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}
