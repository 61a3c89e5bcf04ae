import { cpSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
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
  stop(): Promise<void>;
}

const startLimitMs = 15_000;
const dist = path.resolve(import.meta.dirname, '../../dist');

/** Starts a fresh target; it listens when this is done. */
export async function startTarget(
  bench: Bench,
  name: string,
  upstreamPorts: readonly number[],
): Promise<RunningTarget> {
  const [port = 0] = upstreamPorts;
  if (name === 'direct') return { name, port, upstreamPorts, pid: undefined, stop: async () => {} };
  const child = bench.children.start(programOf(bench, name, upstreamPorts), {
    core: bench.pinning?.targetCore,
    env: { BENCH_KEY: upstreamKey },
    hasChannel: name !== 'gateway',
  });
  const stop = (): Promise<void> => bench.children.stop(child);
  return { name, port: await portOf(name, child), upstreamPorts, pid: child.process.pid, stop };
}

/** Copies what was built, so that a build during the run changes nothing in it. */
export function copyGateway({ children }: Pick<Bench, 'children'>): void {
  if (!existsSync(path.join(dist, 'gateway.js'))) {
    throw new Error(
      'dist/gateway.js is missing: run `npm run bench`, which builds it, or `--targets direct,floor,floor2`',
    );
  }
  cpSync(dist, distCopy({ children }), { recursive: true });
}

/** Waits until a fresh target has done what it does after its start (it may warm itself up), for two seconds at most. */
export async function settle({ pid }: RunningTarget): Promise<void> {
  if (pid === undefined) return;
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

function distCopy({ children }: Pick<Bench, 'children'>): string {
  return path.join(children.scratchFolder, 'dist');
}

function programOf(bench: Bench, name: string, upstreamPorts: readonly number[]): string[] {
  const urls = upstreamPorts.map((port) => `http://127.0.0.1:${port}`);
  if (name !== 'gateway') return [path.join(import.meta.dirname, 'barePassThrough.ts'), ...urls];
  const place = path.join(bench.children.scratchFolder, `gateway-${upstreamPorts.join('-')}`);
  writeFileSync(`${place}.json`, JSON.stringify(gatewayConfig(urls), undefined, 2));
  return [path.join(distCopy(bench), 'gateway.js'), '--config', `${place}.json`, '--port', '0', '--state-dir', place];
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
