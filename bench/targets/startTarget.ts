import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { transformSync } from 'esbuild';
import type { Bench } from '../bench.ts';
import { ClientConnection } from '../load/clientConnection.ts';
import { clientRequest } from '../load/clientRequest.ts';
import { cpuTimeUs } from '../measuring/processUsage.ts';
import type { Child } from './childProcesses.ts';
import { clientToken, upstreamKey } from './simulatorMessages.ts';

/** Something that answers requests, in front of the endpoints on `upstreamPorts`, the preferred one first. */
export interface RunningTarget {
  readonly name: string;
  readonly port: number;
  readonly upstreamPorts: readonly number[];
  /** Nothing for `direct`, which is the simulator itself. */
  readonly pid: number | undefined;
  /** Where the probe of its event loop reports, if it has one. */
  readonly loopFile: string | undefined;
  stop(): Promise<void>;
}

/** This build of the gateway, recording nothing into its store. */
export const withoutMetrics = 'gateway-no-metrics';

const startLimitMs = 15_000;
const dist = path.resolve(import.meta.dirname, '../../dist');

/** Starts a fresh target; it listens when this is done. */
export async function startTarget(
  bench: Bench,
  name: string,
  upstreamPorts: readonly number[],
): Promise<RunningTarget> {
  if (name === 'direct')
    return {
      ...{ name, port: upstreamPorts[0] ?? 0, upstreamPorts },
      ...{ pid: undefined, loopFile: undefined, stop: async () => {} },
    };
  const { command, port: known } = await programOf(bench, name, upstreamPorts);
  const hasProbe = bench.hasLoopProbe && !bench.options.peers.has(name);
  const loopFile = hasProbe ? `${placeOf(bench, name, upstreamPorts)}.loop` : undefined;
  const child = bench.children.start(command, {
    core: bench.pinning?.targetCore,
    env: { BENCH_KEY: upstreamKey, ...(loopFile === undefined ? {} : { BENCH_LOOP_FILE: loopFile }) },
    hasChannel: /^floor/.test(name),
  });
  const stop = (): Promise<void> => bench.children.stop(child);
  const port = known ?? (await portOf(name, child));
  if (known !== undefined) await listensAt(name, child, port);
  return { name, port, upstreamPorts, pid: child.process.pid, loopFile, stop };
}

/** Copies what was built, so that a build during the run changes nothing in it. */
export function copyGateways(bench: Pick<Bench, 'children' | 'options'>): void {
  const { targets, builds } = bench.options;
  const isOurs = targets.includes('gateway') || targets.includes(withoutMetrics);
  const folders = new Map([...(isOurs ? [['gateway', dist] as const] : []), ...builds]);
  for (const [name, folder] of folders) {
    if (!existsSync(path.join(folder, 'gateway.js'))) {
      throw new Error(
        `${folder}/gateway.js is missing: run \`npm run bench\`, which builds it, or \`--targets direct,floor,floor2\``,
      );
    }
    cpSync(folder, copyOf(bench, name), { recursive: true });
  }
}

const warmsWithinMs = 1000;

/** Waits until a fresh target has done what it does after its start (it may warm itself up a little later), for three seconds at most. */
export async function settle({ pid }: RunningTarget): Promise<void> {
  if (pid === undefined) return;
  await sleep(warmsWithinMs);
  let idleSteps = 0;
  for (let step = 0; step < 40 && idleSteps < 2; step++) {
    const before = cpuTimeUs(pid);
    await sleep(50);
    const after = cpuTimeUs(pid);
    const isIdle = before !== undefined && after !== undefined && after - before < 2500;
    idleSteps = isIdle ? idleSteps + 1 : 0;
  }
}

/** Sends one request and throws unless it is answered, and arrives with the endpoint's key in place of the token. */
export async function checkTarget(bench: Bench, target: RunningTarget): Promise<void> {
  const [upstreamPort = 0] = target.upstreamPorts;
  const before = await bench.simulator.counts(upstreamPort);
  const connection = new ClientConnection(target.port);
  const request = { port: target.port, size: 'small', isStream: false, session: 0 } as const;
  const exchange = await connection.exchange(clientRequest(request));
  connection.close();
  if (exchange.kind === 'failed') throw new Error(`${target.name} does not answer: ${exchange.reason}`);
  if (exchange.statusCode !== 200) throw new Error(`${target.name} answers ${exchange.statusCode}: ${exchange.head}`);
  const after = await bench.simulator.counts(upstreamPort);
  if (after.requests !== before.requests + 1) throw new Error(`${target.name} sent the request elsewhere`);
  if (target.pid !== undefined && after.keyedRequests !== before.keyedRequests + 1) {
    throw new Error(`${target.name} did not replace the key`);
  }
}

/** A program of this folder without its types: Node would load a parser for them, which counts in memory and at the start. */
function plainProgram({ children }: Bench, name: 'barePassThrough' | 'loopProbe'): string {
  const file = path.join(children.scratchFolder, `${name}.mjs`);
  if (!existsSync(file)) {
    const source = readFileSync(path.join(import.meta.dirname, `${name}.ts`), 'utf8');
    writeFileSync(file, transformSync(source, { loader: 'ts' }).code);
  }
  return file;
}

/** A name for the files of a target. */
function placeOf({ children }: Bench, name: string, upstreamPorts: readonly number[]): string {
  return path.join(children.scratchFolder, `${name}-${upstreamPorts.join('-')}`);
}

function copyOf({ children }: Pick<Bench, 'children'>, name: string): string {
  return path.join(children.scratchFolder, `dist-${name}`);
}

/** The command of a target, and its port where that is given to it. */
interface Program {
  readonly command: readonly string[];
  readonly port: number | undefined;
}

async function programOf(bench: Bench, name: string, upstreamPorts: readonly number[]): Promise<Program> {
  const urls = upstreamPorts.map((port) => `http://127.0.0.1:${port}`);
  const { peers, profileFolder } = bench.options;
  const peer = peers.get(name);
  if (peer !== undefined) {
    const port = await freePort();
    const text = peer.replaceAll('{port}', String(port)).replaceAll('{upstream}', urls[0] ?? '');
    return { command: ['/bin/sh', '-c', `exec ${text}`], port };
  }
  const probe = bench.hasLoopProbe ? ['--import', plainProgram(bench, 'loopProbe')] : [];
  if (/^floor/.test(name)) {
    const program = plainProgram(bench, 'barePassThrough');
    return { command: [process.execPath, ...probe, program, bench.floorUndici, ...urls], port: undefined };
  }
  const place = placeOf(bench, name, upstreamPorts);
  const config = { ...gatewayConfig(urls), ...(name === withoutMetrics ? { metrics: { enabled: false } } : {}) };
  writeFileSync(`${place}.json`, JSON.stringify(config, undefined, 2));
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.join(profileFolder, name)}`];
  const program = path.join(copyOf(bench, name === withoutMetrics ? 'gateway' : name), 'gateway.js');
  const args = ['--config', `${place}.json`, '--port', '0', '--state-dir', place];
  return { command: [process.execPath, ...profile, ...probe, program, ...args], port: undefined };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Resolves once something listens there. */
async function listensAt(name: string, child: Child, port: number): Promise<void> {
  const end = performance.now() + startLimitMs;
  while (performance.now() < end && child.process.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.unref().once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(20);
  }
  throw new Error(`${name} does not listen on port ${port}: ${child.complaints()}`);
}

/** Everything at its default, which is all features on. */
function gatewayConfig(urls: readonly string[]): object {
  const endpoints = urls.map((baseUrl, index) => ({
    id: `upstream-${index + 1}`,
    baseUrl,
    dialect: 'anthropic',
    auth: 'x-api-key',
    apiKey: 'env:BENCH_KEY',
    priority: index + 1,
  }));
  return { clientToken, endpoints };
}

/** The port that the first line on stdout names. */
async function portOf(name: string, child: Child): Promise<number> {
  const { stdout } = child.process;
  if (stdout === null) throw new Error(`${name} has no stdout`);
  const lines = createInterface({ input: stdout });
  const line = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${name} ${why}: ${child.complaints()}`));
    const limit = setTimeout(() => fail(`did not listen within ${startLimitMs / 1000} s`), startLimitMs);
    lines.once('line', (first) => {
      clearTimeout(limit);
      resolve(first);
    });
    child.process.once('exit', (code) => {
      clearTimeout(limit);
      fail(`ended with ${code} before it listened`);
    });
  });
  const { url } = JSON.parse(line) as { url: string };
  return Number(new URL(url).port);
}
