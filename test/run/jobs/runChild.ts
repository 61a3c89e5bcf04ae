import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A program that is run to its end. */
export interface ChildOptions {
  readonly node: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Gets all that the child and what it starts write. */
  readonly outputFile: string;
  /** Whether the child has done its work and has only to end; asked a few times a second. */
  readonly isDone: () => boolean;
  /** Called with the child's pid when it runs. */
  readonly onStart: (pid: number) => void;
}

/** How a child ended: with an exit code, or what kept it from ending well (to be read after its name). */
export type Ending = { readonly code: number } | { readonly trouble: string };

/** When a child counts as hanging. */
export interface ChildLimits {
  /** A child that is done has this long to end by itself; a test that leaves something open exceeds it. */
  readonly exitGraceMs: number;
  /** A child that takes longer is stuck outside of any test; what tests may take is far less. */
  readonly longestMs: number;
}

const usualLimits: ChildLimits = { exitGraceMs: 30_000, longestMs: 30 * 60_000 };

/** Runs a child; never rejects. One that hangs is killed, what it has started is not. */
export async function runChild(options: ChildOptions, limits = usualLimits): Promise<Ending> {
  const output = openSync(options.outputFile, 'a');
  const child = spawn(options.node, options.args, {
    cwd: options.folder,
    env: options.environment,
    // A file instead of a pipe: a process that outlives the child cannot hold it open.
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  if (child.pid !== undefined) options.onStart(child.pid);

  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  child.once('error', (error) => resolve({ trouble: `did not start: ${error.message}` }));
  child.once('exit', (code, signal) => resolve(code === null ? { trouble: `was ended by ${signal}` } : { code }));
  const watch = watchForHang(options.isDone, limits, (trouble) => {
    child.kill('SIGKILL');
    resolve({ trouble });
  });
  const ending = await ended;
  clearInterval(watch);
  return ending;
}

function watchForHang(
  isDone: () => boolean,
  { exitGraceMs, longestMs }: ChildLimits,
  onHang: (trouble: string) => void,
): NodeJS.Timeout {
  const startedAt = performance.now();
  let doneAt: number | undefined;
  return setInterval(() => {
    const now = performance.now();
    if (isDone()) doneAt ??= now;
    if (doneAt !== undefined && now - doneAt > exitGraceMs) {
      onHang(`was still running ${exitGraceMs / 1000} s after its last test: something was left open`);
    } else if (now - startedAt > longestMs) {
      onHang(`was still running after ${longestMs / 1000} s`);
    }
  }, 250);
}
