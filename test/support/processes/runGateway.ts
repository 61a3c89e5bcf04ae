import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { bareEnvironment } from '../bareEnvironment.ts';
import { patient } from '../patience.ts';

/** How a run of the gateway program ended. */
export interface RunResult {
  /** Null when it had to be killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = join(import.meta.dirname, '../../../dist/gateway.js');

/** Runs the gateway program to its end; kills it after the deadline. The environment is nothing but PATH, HOME and `env`. */
export function runGateway(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  deadlineMs = 5000,
): Promise<RunResult> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...bareEnvironment(), ...env } });
  return endOf(child, deadlineMs);
}

/** Collects a child's output until it ends; kills it after the deadline. */
export function endOf(child: ChildProcessWithoutNullStreams, deadlineMs: number): Promise<RunResult> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patient(deadlineMs));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
