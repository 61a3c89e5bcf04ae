import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayFile } from '../../../src/gateway/process/stateDirectory.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { ApiKeys } from '../../../src/ui/settings/apiKeys.ts';
import { startExactEndpoint } from '../endpoints/exactEndpoint.ts';
import { formats, streamFrames } from '../endpoints/wholeStreams.ts';
import { portForLater } from '../portForLater.ts';
import { processesNaming } from '../processes/processesNaming.ts';
import { until } from '../processes/startGateway.ts';
import { keyOf, messages, TestBed } from '../processes/testBed.ts';
import { openStream, type StreamedAnswer } from '../scenes/streamClient.ts';
import { type WindowOptions, WindowSide } from './windowSide.ts';
import { WindowStore } from './windowStore.ts';

const endWithinMs = 5000;

/**
 * A state folder and a port for windows and the gateways that they start. `close` ends the windows, then the gateways,
 * and fails when there is a process of this bed that is no gateway in service, or that does not end.
 */
export class WindowBed extends TestBed {
  /** Of all windows that are not given another one. */
  readonly store: WindowStore;
  readonly port: number;
  readonly root: string;
  readonly stateDir: string;
  #programs = 0;

  /** `port` is one that nobody listens on. */
  constructor(port: number) {
    super();
    this.port = port;
    this.root = this.folder();
    this.stateDir = join(this.root, 'state');
    this.store = new WindowStore({ port, clientToken: null, warmup: { onStart: false }, endpoints: [] });
    this.onClose(() => this.#endGateways());
  }

  /** A window of this VS Code, not started yet. */
  side(options: Partial<WindowOptions> = {}): WindowSide {
    const side = new WindowSide({ store: this.store, stateDir: this.stateDir, ...options });
    this.onClose(() => side.dispose());
    return side;
  }

  /** Windows that have been opened one after the other and see the same gateway. */
  async sides(count = 2): Promise<[WindowSide, WindowSide, ...WindowSide[]]> {
    const [one, two] = [await this.#startedSide(), await this.#startedSide()];
    const more: WindowSide[] = [];
    while (more.length < count - 2) more.push(await this.#startedSide());
    return [one, two, ...more];
  }

  async #startedSide(): Promise<WindowSide> {
    const side = this.side();
    await side.start();
    return side;
  }

  /** An endpoint that is in the settings, behind those that are there, and has its key. */
  async served(name: string, settings: object = {}): Promise<SimulatedEndpoint> {
    const endpoint = await this.endpoint(name);
    const before = (this.store.document['endpoints'] ?? []) as object[];
    const own = { id: name, baseUrl: endpoint.url, priority: before.length + 1, ...settings };
    await new ApiKeys(this.store, {}).store(name, keyOf(name));
    this.store.change({ endpoints: [...before, own] });
    return endpoint;
  }

  /** An endpoint in the settings whose streams stop half way, until they are told to go on. */
  async halting(): Promise<{ goOn(): void }> {
    const endpoint = await startExactEndpoint();
    this.onClose(() => endpoint.close());
    const [format] = formats;
    const frames = format === undefined ? [] : streamFrames(format);
    const half = Math.ceil(frames.length / 2);
    const told = Promise.withResolvers<void>();
    endpoint.answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(Buffer.concat(frames.slice(0, half)));
      await told.promise;
      response.end(Buffer.concat(frames.slice(half)));
    };
    this.store.change({ endpoints: [{ id: 'halting', baseUrl: endpoint.url, auth: 'none' }] });
    return { goOn: () => told.resolve() };
  }

  /** The streamed answer of a gateway to a client; broken off at the end should it still run. */
  async streamOf(url: string): Promise<StreamedAnswer> {
    const answer = await openStream(`${url}/v1/messages`, messages('hi', true));
    this.onClose(() => answer.destroy());
    return answer;
  }

  /** The folder of an extension whose gateway is this CommonJS program. */
  extensionWith(source: string): string {
    this.#programs += 1;
    const folder = join(this.root, `extension-${this.#programs}`);
    mkdirSync(join(folder, 'dist'), { recursive: true });
    const note = `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'starts'))}, '.');\n`;
    writeFileSync(join(folder, 'dist', 'gateway.js'), note + source);
    return folder;
  }

  /** How often that program was started. */
  startsOf(extensionFolder: string): number {
    try {
      return readFileSync(join(extensionFolder, 'starts'), 'utf8').length;
    } catch {
      return 0;
    }
  }

  /** The announcement of the running gateway; undefined without one. */
  announced(): GatewayFile | undefined {
    try {
      return JSON.parse(readFileSync(join(this.stateDir, 'gateway.json'), 'utf8')) as GatewayFile;
    } catch {
      return undefined;
    }
  }

  /** Resolves when the gateway has written this down for its successor. */
  async untilSaved(text: string): Promise<void> {
    const path = join(this.stateDir, 'state.json');
    const look = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    await until(`state.json holds ${text}`, look, (content) => content.includes(text));
  }

  /** The processes that were started for this bed and live, by pid, with their command lines. */
  processes(): ReadonlyMap<number, string> {
    return processesNaming(this.root);
  }

  /** Resolves when only so many are left, and no more. */
  async processesAre(count: number, deadlineMs = endWithinMs): Promise<void> {
    const look = (): unknown[] => [...this.processes()];
    await until(`${count} processes are left`, look, (all) => all.length === count, deadlineMs);
  }

  /** Those that are, or come to be, in service are asked to end; there may be no others. */
  async #endGateways(): Promise<void> {
    const asked = new Set<number>();
    const look = (): unknown[] => {
      const all = this.processes();
      const known = this.#pidsInLog();
      for (const pid of [...all.keys()].filter((one) => known.has(one) && !asked.has(one))) {
        asked.add(pid);
        signal(pid, 'SIGTERM');
      }
      return [...all];
    };
    try {
      await until('no process is left behind', look, (all) => all.length === 0, endWithinMs);
    } catch (error) {
      for (const pid of this.processes().keys()) signal(pid, 'SIGKILL');
      throw error;
    }
  }

  /** Every gateway that has listened says so in the log. */
  #pidsInLog(): ReadonlySet<number> {
    let text = '';
    try {
      text = readFileSync(join(this.stateDir, 'gateway.log'), 'utf8');
    } catch {
      // None has come so far.
    }
    return new Set([...text.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid)));
  }
}

/** A test's body with a bed of its own, which is closed whatever happens; what fails first is told. */
export function withWindows(run: (bed: WindowBed) => Promise<void>): () => Promise<void> {
  return async () => {
    const bed = new WindowBed(await portForLater());
    try {
      await run(bed);
    } catch (error) {
      await bed.close().catch(() => undefined);
      throw error;
    }
    await bed.close();
  };
}

/** Whether a process lives. */
export function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

/** Resolves when a process has ended. */
export async function hasEnded(pid: number, deadlineMs = endWithinMs): Promise<void> {
  await until(
    `process ${pid} has ended`,
    () => isAlive(pid),
    (is) => !is,
    deadlineMs,
  );
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  // 0 and below would be whole groups of processes.
  if (pid <= 0) throw new Error(`no process has the id ${pid}`);
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
