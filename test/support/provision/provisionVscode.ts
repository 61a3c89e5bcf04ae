import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { floorNodeFolder, npm, npmInstall, provisionFolder, runQuietly } from './provision.ts';

/** Brings VS Code 1.139.1 as a web server; the wrapper around it is not used. */
const codeServerVersion = '4.139.1';

/** Native modules that the server needs and that no package ships compiled: output channels and the extension host's watchdog. */
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog'];

/**
 * The folder of a complete VS Code server (`out/server-main.js` below it), installed below `.vscode-test/` when it is
 * not there yet, with progress on stderr. Needs npm, and python3, make and a C++ compiler for two small native modules.
 */
export async function vscodeServerFolder(): Promise<string> {
  const name = `vscode-server@${codeServerVersion}-${process.platform}-${process.arch}`;
  return path.join(await provisionFolder(name, makeServer), 'vscode');
}

async function makeServer(scratch: string): Promise<void> {
  const wrapper = path.join(scratch, 'code-server');
  await mkdir(wrapper);
  await npmInstall(`code-server@${codeServerVersion}`, wrapper);
  const folder = path.join(scratch, 'vscode');
  await rename(path.join(wrapper, 'node_modules/code-server/lib/vscode'), folder);
  await rm(wrapper, { recursive: true });

  await npm(['install', '--omit=dev', '--ignore-scripts'], folder);
  const headers = await headersEnvironment();
  process.stderr.write('compiling two native modules of the VS Code server (once)\n');
  await npm(['rebuild', ...nativeModules], folder, headers);
  await loadNativeModules(folder);
  await noticeUserSettings(path.join(folder, 'out/vs/code/browser/workbench/workbench.js'));
  await rm(path.join(folder, 'extensions/copilot'), { recursive: true });
}

/**
 * Makes node-gyp take the headers of a Node package instead of downloading them from nodejs.org. Any Node's headers
 * serve: both modules use nothing but Node-API, which is the same binary interface in all versions.
 */
async function headersEnvironment(): Promise<Record<string, string>> {
  const nodePackage = await floorNodeFolder();
  return existsSync(path.join(nodePackage, 'include/node/node_api.h')) ? { npm_config_nodedir: nodePackage } : {};
}

/** npm calls a rebuild done even when it has built nothing; a module that loads is built. */
async function loadNativeModules(folder: string): Promise<void> {
  for (const name of nativeModules) await runQuietly(process.execPath, ['-e', `require('${name}')`], folder);
}

/**
 * The workbench of this server names the user's settings by a URI without the server, while the events about changed
 * files name it with one: a window would not notice what another window, or a test, has changed. On a desktop it does.
 */
async function noticeUserSettings(workbench: string): Promise<void> {
  const source = await readFile(workbench, 'utf8');
  const home = 'userRoamingDataHome(){return ze(P.file(this.userDataPath).with({scheme:J.vscodeRemote';
  if (!source.includes(home)) throw new Error(`${workbench} does not say where the user's settings are`);
  await writeFile(workbench, source.replace(home, `${home},authority:this.remoteAuthority`));
}
