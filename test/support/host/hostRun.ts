import { pathToFileURL } from 'node:url';
import { endProcess } from '../processes/endProcess.ts';
import { launchBrowser } from '../workbench/browser.ts';
import type { VscodeServerFolders } from '../workbench/vscodeFolders.ts';
import { startVscodeServer, type VscodeServerOptions } from '../workbench/vscodeServer.ts';
import { openWorkbench } from '../workbench/workbench.ts';

/** A test program that runs in a real extension host. */
export interface HostRunOptions {
  /** The folder of the extension under development. */
  readonly extensionPath: string;
  /** A CommonJS module that exports `run(): Promise<void>`; it has the extension host to itself. */
  readonly testsPath: string;
  readonly language?: 'en' | 'zh-cn';
  /** How the server is started; its environment reaches the tests. */
  readonly server?: Omit<VscodeServerOptions, 'isForHostTests'>;
  /** Gets each line that the tests write to the console; without it they go to this process's output. */
  readonly onLine?: (line: string) => void;
  readonly deadlineMs?: number;
  /** Detached processes that the extension leaves behind; they are ended after VS Code. */
  readonly leftBehind?: (folders: VscodeServerFolders) => readonly number[];
}

/**
 * Runs tests inside the extension host of a real VS Code and resolves with the exit code: 0 when `run()` resolved, 1
 * when it rejected. Rejects when the extension host has not come to an end by the deadline.
 */
export async function runInExtensionHost(options: HostRunOptions): Promise<number> {
  const { onLine = console.log, deadlineMs = 300_000 } = options;
  const server = await startVscodeServer({ ...options.server, isForHostTests: true });
  try {
    const browser = await launchBrowser();
    const ending = Promise.withResolvers<number>();
    const timer = setTimeout(
      () => ending.reject(new Error(`the extension host was still running after ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
    try {
      const opening = openWorkbench(server, browser, {
        ...(options.language === undefined ? {} : { language: options.language }),
        payload: payloadOf(server.url, options),
        prepare: async (page) => {
          await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) =>
            onLine(args.map(String).join(' ')),
          );
          await page.exposeFunction('codeAutomationExit', (code: number) => ending.resolve(code));
        },
      });
      // The tests may have ended before the workbench counts as open; only a workbench that does not open is trouble.
      opening.catch(ending.reject);
      return await ending.promise;
    } finally {
      clearTimeout(timer);
      await browser.close();
    }
  } finally {
    const pids = options.leftBehind?.(server.folders) ?? [];
    await server.stop();
    await Promise.all(pids.map(endProcess));
  }
}

function payloadOf(url: string, { extensionPath, testsPath }: HostRunOptions): [string, string][] {
  const remote = (path: string): string => `vscode-remote://${new URL(url).host}${pathToFileURL(path).pathname}`;
  return [
    ['extensionDevelopmentPath', remote(extensionPath)],
    ['extensionTestsPath', remote(testsPath)],
  ];
}
