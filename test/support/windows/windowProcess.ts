import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { bareEnvironment } from '../bareEnvironment.ts';
import type { WindowBed } from './windowBed.ts';
import type { WindowProgramOptions } from './windowProgram.ts';

/** A window in a process of its own. */
export interface WindowProcess {
  /** Resolves when it has a gateway; rejects with what it wrote when it ends without one. */
  readonly gateway: Promise<Snapshot['gateway']>;
  /** Resolves with its exit code, null when it was killed. */
  readonly ended: Promise<number | null>;
  kill(): void;
}

const program = join(import.meta.dirname, 'windowProgram.ts');

/** Starts a window with the bed's settings; `env` beside PATH and HOME is all its environment. */
export function startWindowProcess(
  bed: WindowBed,
  then: WindowProgramOptions['then'],
  more: Pick<WindowProgramOptions, 'keys' | 'extensionFolder'> = {},
  env: Readonly<Record<string, string>> = {},
): WindowProcess {
  const options: WindowProgramOptions = { stateDir: bed.stateDir, document: bed.store.document, then, ...more };
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { env: { ...bareEnvironment(), ...env } });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const gateway = Promise.withResolvers<Snapshot['gateway']>();
  gateway.promise.catch(() => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.endsWith('\n')) gateway.resolve(JSON.parse(stdout));
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      gateway.reject(new Error(`the window ended with ${code}\n${stderr}`));
      resolve(code);
    });
  });
  const kill = (): void => void child.kill('SIGKILL');
  bed.onClose(async () => {
    kill();
    await ended;
  });
  return { gateway: gateway.promise, ended, kill };
}
