import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes Chinese a display language of the server: a window whose cookie `vscode.nls.locale` is `zh-cn` then runs its
 * extension host in Chinese. The pack itself translates nothing, so the workbench's own texts stay English.
 * (Without an argv.json the server takes English for decided and does not look at the cookie.)
 */
export function installLanguagePack(userData: string): void {
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
