import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { floorNodeFolder, npm, npmInstall, provisionFolder, runQuietly } from './provision.ts';

/** Brings VS Code 1.139.1 as a web server; the wrapper around it is not used. */
const codeServerVersion = '4.139.1';

/** What the server cannot do without and no package brings compiled: output channels and the extension host's watchdog. */
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog'];

let server: Promise<string> | undefined;

/**
 * The folder of a complete VS Code server (`out/server-main.js` below it), installed below `.vscode-test/` when it is
 * not there yet, with progress on stderr. Needs npm, and python3, make and a C++ compiler for two small native modules.
 */
export function vscodeServerFolder(): Promise<string> {
  server ??= provisionServer().catch((error: unknown) => {
    server = undefined;
    throw error;
  });
  return server;
}

async function provisionServer(): Promise<string> {
  const headers = floorNodeFolder();
  return provisionFolder(`vscode-server@${codeServerVersion}-${process.platform}-${process.arch}`, async (scratch) => {
    const wrapper = path.join(scratch, 'code-server');
    await mkdir(wrapper);
    await npmInstall(`code-server@${codeServerVersion}`, wrapper);
    await rename(path.join(wrapper, 'node_modules/code-server/lib/vscode'), path.join(scratch, 'vscode'));
    await rm(wrapper, { recursive: true });

    const folder = path.join(scratch, 'vscode');
    await npm(['install', '--omit=dev', '--ignore-scripts'], folder);
    process.stderr.write('compiling two native modules of the VS Code server (once)\n');
    await npm(['rebuild', ...nativeModules], folder, await headersEnvironment(await headers));
    await loadNativeModules(folder);
    await rm(path.join(folder, 'extensions/copilot'), { recursive: true });
  }).then((home) => path.join(home, 'vscode'));
}

/**
 * Makes node-gyp take the headers of a Node package instead of downloading them from nodejs.org. Any Node's headers
 * serve: both modules use nothing but Node-API, which is the same binary interface in all versions.
 */
async function headersEnvironment(nodePackage: string): Promise<Record<string, string>> {
  return existsSync(path.join(nodePackage, 'include/node/node_api.h')) ? { npm_config_nodedir: nodePackage } : {};
}

/** npm calls a rebuild done even when it has built nothing; a module that loads is built. */
async function loadNativeModules(folder: string): Promise<void> {
  for (const name of nativeModules) await runQuietly(process.execPath, ['-e', `require('${name}')`], folder);
}
