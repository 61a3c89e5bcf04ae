import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patient } from '../patience.ts';
import { claudeCode } from '../provision/provision.ts';
import { quietClaude } from './quietClaude.ts';

/** How the Claude Code CLI is run for a test. */
export interface ClaudeOptions {
  /** The gateway. */
  readonly url: string;
  /** The gateway's client token. */
  readonly token: string;
  readonly prompt?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** After this it is killed. Default: 30 s. */
  readonly deadlineMs?: number;
  /** Told each piece of text as it reaches the CLI's user. */
  readonly onText?: (text: string) => void;
  /** Its HOME and working directory; a new folder that goes away with the run unless given. */
  readonly home?: string;
}

/** The result of a CLI run. */
export interface ClaudeRun {
  readonly exitCode: number | null;
  /** Everything on stdout: one JSON object a line. */
  readonly stdout: string;
  readonly stderr: string;
  /** The final text, or the error message shown in its place. */
  readonly result: string;
  readonly isError: boolean;
  readonly sessionId: string;
  /** The pieces of text that reached the CLI's user, in order, of all its attempts. */
  readonly deltas: readonly string[];
  /** How often the CLI itself says that it tries again. */
  readonly retries: number;
}

/** The part of a line of `--output-format stream-json` that is looked at. */
interface Line {
  readonly type: string;
  readonly subtype?: string;
  readonly session_id?: string;
  readonly result?: string;
  readonly is_error?: boolean;
  readonly event?: { readonly type: string; readonly delta?: { readonly type: string; readonly text?: string } };
}

const model = 'claude-sonnet-4-5';

/** The CLI's own retries can go on for minutes. */
const usualDeadlineMs = 30_000;

/**
 * One turn of the real CLI in print mode against a gateway, in a HOME of its own, with no way to any other host. Resolves
 * when it has ended, however it ended; rejects with its output when that takes longer than its deadline.
 */
export async function runClaude(options: ClaudeOptions): Promise<ClaudeRun> {
  const binary = await claudeCode();
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'signalbox-claude-'));
  try {
    return await run(binary, home, options);
  } finally {
    if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function run(binary: string, home: string, options: ClaudeOptions): Promise<ClaudeRun> {
  const { deadlineMs = usualDeadlineMs } = options;
  const format = ['--output-format', 'stream-json', '--verbose', '--include-partial-messages'];
  const args = ['-p', options.prompt ?? 'Say hello.', ...format, '--model', model, ...(options.args ?? [])];
  const child = spawn(binary, args, { cwd: home, env: environment(home, options), stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  let stdout = '';
  let stderr = '';
  let parsedTo = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (let end = stdout.indexOf('\n', parsedTo); end !== -1; end = stdout.indexOf('\n', parsedTo)) {
      const line = JSON.parse(stdout.slice(parsedTo, end)) as Line;
      lines.push(line);
      for (const text of textOf(line)) options.onText?.(text);
      parsedTo = end + 1;
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(
          `the CLI did not end within ${patient(deadlineMs)} ms\n${stdout.slice(-4000)}\n${stderr.slice(-2000)}`,
        ),
      );
    }, patient(deadlineMs));
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, stderr, ...summary(lines) });
    });
  });
}

/** The piece of text that a line brings, if it does. */
function textOf({ event }: Line): readonly string[] {
  const text = event?.delta?.type === 'text_delta' ? event.delta.text : undefined;
  return text === undefined ? [] : [text];
}

function summary(lines: readonly Line[]) {
  const last = lines.findLast(({ type }) => type === 'result');
  return {
    result: last?.result ?? '',
    isError: last?.is_error ?? true,
    sessionId: last?.session_id ?? '',
    deltas: lines.flatMap(textOf),
    retries: lines.filter(({ type, subtype }) => type === 'system' && subtype === 'api_retry').length,
  };
}

/** Nothing of the machine's own settings reaches the CLI, and the CLI reaches nothing but loopback. */
function environment(home: string, { url, token, env }: ClaudeOptions): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  const nowhere = 'http://127.0.0.1:9';
  return {
    PATH,
    HOME: home,
    TMPDIR: home,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: token,
    ...quietClaude,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    NO_PROXY: '127.0.0.1,localhost',
    ...env,
  };
}
