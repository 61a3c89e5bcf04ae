import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patient } from '../../patience.ts';
import type { Agent, AgentCommand, AgentTask } from './agent.ts';

/** A task for an agent. */
export interface AgentOptions extends Pick<AgentTask, 'dialect' | 'url' | 'token'> {
  readonly prompt?: string;
  /** A new folder that goes away with the run unless given. */
  readonly home?: string;
  readonly isResumed?: boolean;
  /** After this it is killed; a loaded machine gets longer. Default: 40 s. */
  readonly deadlineMs?: number;
}

/** How an agent ended. */
export interface AgentRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * One task for a real agent, in a home of its own, with no way to any other host. Resolves when it has ended, however it
 * ended; rejects with its output when that takes longer than its deadline.
 */
export async function runAgent(agent: Agent, options: AgentOptions): Promise<AgentRun> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'signalbox-agent-'));
  const { dialect, url, token, prompt = 'Say hello.', isResumed = false, deadlineMs = 40_000 } = options;
  try {
    const command = await agent.prepare({ dialect, url, token, prompt, home, isResumed });
    return await run(command, home, patient(deadlineMs));
  } finally {
    if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function run({ program, args, env }: AgentCommand, home: string, deadlineMs: number): Promise<AgentRun> {
  const child = spawn(program, args, {
    cwd: home,
    env: { ...environment(home), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} did not end within ${deadlineMs} ms\n${said.stdout}\n${said.stderr.slice(-4000)}`));
    }, deadlineMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, ...said });
    });
  });
}

/** Nothing of the machine's own settings reaches the agent, and the agent reaches nothing but loopback. */
function environment(home: string): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  const nowhere = 'http://127.0.0.1:9';
  return {
    PATH,
    HOME: home,
    USERPROFILE: home,
    TMPDIR: home,
    TERM: 'dumb',
    NO_COLOR: '1',
    CI: '1',
    DO_NOT_TRACK: '1',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    NO_PROXY: '127.0.0.1,localhost',
  };
}
