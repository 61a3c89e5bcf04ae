import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { bareEnvironment } from '../bareEnvironment.ts';
import { patient } from '../patience.ts';

/** How a gateway is started for a test. */
export interface GatewayOptions {
  /** A configuration of its own, read as from a file; without it the gateway waits for a window's. */
  readonly config?: object;
  /** All that it has of an environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Used as it is and kept; else a new folder that goes away with the gateway. */
  readonly stateDir?: string;
}

/** How a gateway process is started for a test; its environment is PATH, HOME and `env`. */
export interface GatewayProcessOptions extends GatewayOptions {
  /** Flags besides --port 0 and --state-dir. */
  readonly args?: readonly string[];
  /** The file that is run; without it the one that was built. */
  readonly program?: string;
  /** A command in front of Node's, which becomes the gateway's process: `strace -D`, for instance. */
  readonly under?: readonly string[];
}

/** The answer to a request of a test. */
export interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  /** As `JSON.parse` gives it: tests look into answers of every shape. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/** A gateway on a free port of loopback. */
export interface TestGateway {
  readonly url: string;
  readonly port: number;
  /** Of the process that it runs in. */
  readonly pid: number;
  readonly stateDir: string;
  readonly controlToken: string;
  /** Its log file. */
  log(): string;
  status(): Promise<Snapshot>;
  /** A request to the control API with its token. */
  control(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Resolves when the snapshot fits; rejects after the deadline, showing the last one. */
  until(what: string, fits: (snapshot: Snapshot) => boolean, deadlineMs?: number): Promise<Snapshot>;
  /** Lets so much time pass on its clock; a process of its own is waited for. Timers and sockets keep their own time. */
  letPass(ms: number): Promise<void>;
  /** Ends it as SIGTERM does; resolves with the exit code, which is 0 for one that has no process of its own. */
  stop(): Promise<number | null>;
}

/** A gateway that is a process of its own. */
export interface GatewayProcess extends TestGateway {
  readonly process: ChildProcess;
  /** All that it wrote to stderr. */
  stderr(): string;
  /**
   * Sends SIGTERM (or another signal) and resolves with the exit code. Not for one that ends by itself: the signal may
   * come when Node no longer handles it.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The gateway as it was built. */
export const builtGateway = join(import.meta.dirname, '../../../dist/gateway.js');
const startWithinMs = 15_000;

/** Starts a gateway process and resolves when it listens; rejects with its output when it does not. */
export async function startGateway(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
  const scratch = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const stateDir = options.stateDir ?? join(scratch, 'state');
  const args = [options.program ?? builtGateway, '--port', '0', '--state-dir', stateDir, ...(options.args ?? [])];
  if (options.config !== undefined) {
    const path = join(scratch, 'signalbox.json');
    writeFileSync(path, JSON.stringify(options.config));
    args.push('--config', path);
  }
  const [command = process.execPath, ...words] = [...(options.under ?? []), process.execPath, ...args];
  const child = spawn(command, words, { env: { ...bareEnvironment(), ...options.env } });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      rmSync(scratch, { recursive: true, force: true });
      resolve(code);
    });
  });
  const { url } = await listening(child, () => stderr);
  return {
    ...gatewayAt(url, stateDir),
    pid: child.pid ?? 0,
    process: child,
    stderr: () => stderr,
    letPass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

/** A listening gateway as tests see it, in whatever process it runs. */
export function gatewayAt(url: string, stateDir: string): Omit<TestGateway, 'pid' | 'letPass' | 'stop'> {
  const controlToken = readFileSync(join(stateDir, 'control-token'), 'utf8');
  const authorization = `Bearer ${controlToken}`;
  const control = (method: string, path: string, body?: unknown) =>
    send(`${url}${path}`, { method, headers: { authorization }, ...(body === undefined ? {} : { json: body }) });
  const status = async (): Promise<Snapshot> => (await control('GET', '/signalbox/status')).json;
  return {
    url,
    port: Number(new URL(url).port),
    stateDir,
    controlToken,
    log: () => readFileSync(join(stateDir, 'gateway.log'), 'utf8'),
    status,
    control,
    until: (what, fits, deadlineMs = 5000) => until(what, status, fits, deadlineMs),
  };
}

function listening(child: ChildProcess, stderr: () => string): Promise<{ url: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the gateway ${why}\n${stderr()}`));
    const timer = setTimeout(() => fail('did not listen in time'), startWithinMs);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(JSON.parse(text.split('\n')[0] ?? ''));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}

const longestPauseMs = 20;

/** A condition with a deadline, on an idle machine: looked at at once, soon again, and then every 20 ms. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  fits: (value: T) => boolean,
  deadlineMs = 5000,
): Promise<T> {
  const waitMs = patient(deadlineMs);
  const endsAt = performance.now() + waitMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const value = await look();
    if (fits(value)) return value;
    if (performance.now() > endsAt) throw new Error(`not within ${waitMs} ms: ${what}\n${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** A request of a test; `json` is sent as JSON, `raw` unchanged. */
export interface Send {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly raw?: Buffer | string;
}

/** One request on a connection of its own; resolves with the whole answer, rejects when the connection breaks. */
export function send(url: string, { method = 'POST', headers = {}, json, raw }: Send = {}): Promise<Reply> {
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers: { ...contentType, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
