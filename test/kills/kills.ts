import { portForLater } from '../support/portForLater.ts';
import { startGateway, until } from '../support/processes/startGateway.ts';
import { seededRandom } from '../support/seededRandom.ts';
import { WindowBed } from '../support/windows/windowBed.ts';
import { KillRun, lingerSeconds } from './killRun.ts';
import { epochMs } from './portWatch.ts';

export interface KillsOptions {
  readonly kills: number;
  readonly seed: number;
  /** 2 to 20. */
  readonly mostWindows: number;
  /** Told of each round how it went. */
  readonly tell?: (line: string) => void;
}

/**
 * When the gateway is killed. `settled`: it serves. `push`: settings have just changed in all windows. `join`: windows are
 * opening. `startUp`: it was killed just before, and the next one is starting. `again`: the next one has just answered.
 * `storm`: no window was open, now many start at once.
 */
export type KillMoment = 'settled' | 'push' | 'join' | 'startUp' | 'again' | 'storm';

const moments: readonly KillMoment[] = ['settled', 'push', 'join', 'startUp', 'again', 'storm'];

/** One round: its last kill, and what came after it. */
export interface Kill {
  readonly moment: KillMoment;
  readonly windows: number;
  /** From the kill to the first `hello` of another gateway, and until every window has it, with keys. */
  readonly helloMs: number;
  readonly attachedMs: number;
  /** The most gateway processes at one moment: those that start, and find the port taken, count. */
  readonly processes: number;
}

/** The result of the kills. */
export interface KillsReport {
  readonly kills: readonly Kill[];
  readonly wrong: readonly string[];
  /** How long a gateway takes from its start until it listens, alone and asked by nobody, at the time of the kills. */
  readonly aloneMs: readonly number[];
  /** The most sockets that have listened on the port at one moment. */
  readonly listeners: number;
  /** From the last window's leaving to the end of the last process, and how long that was meant to take. */
  readonly lingerMs: number;
  readonly meantLingerMs: number;
  /** The same when all windows left while a gateway was replaced: it may not have got its settings. */
  readonly lingersAmidMs: readonly number[];
}

const helloWithinMs = 20_000;
const goneWithinMs = 30_000;
const aloneEvery = 10;
const leaveEvery = 50;

/** Kills a gateway with windows so many times, at moments that the seed chooses. */
export async function runKills(options: KillsOptions): Promise<KillsReport> {
  const bed = new WindowBed(await portForLater());
  const random = seededRandom(options.seed);
  const kills: Kill[] = [];
  const wrong: string[] = [];
  const aloneMs: number[] = [];
  try {
    const run = await KillRun.start(bed, options.mostWindows, random);
    for (let index = 0; index < options.kills; index += 1) {
      const moment = moments[Math.floor(random() * moments.length)] ?? 'settled';
      try {
        if (index % aloneEvery === 0) aloneMs.push(await startAlone());
        const kill = await killOnce(run, moment, index);
        kills.push(kill);
        options.tell?.(`${index + 1} ${JSON.stringify(kill)}`);
      } catch (error) {
        wrong.push(`${index + 1}, ${moment}: ${error instanceof Error ? error.message : String(error)}`);
        options.tell?.(`${index + 1} wrong: ${wrong.at(-1)}`);
        // From here on anew.
        run.closeAll();
      }
    }
    const lingerMs = await linger(run);
    const lingersAmidMs: number[] = [];
    for (let left = options.kills; left > 0; left -= leaveEvery) lingersAmidMs.push(await lingerAmid(run));
    const listeners = run.watch.mostListeners;
    return { kills, wrong, aloneMs, listeners, lingerMs, meantLingerMs: lingerSeconds * 1000, lingersAmidMs };
  } finally {
    await bed.close();
  }
}

async function killOnce(run: KillRun, moment: KillMoment, index: number): Promise<Kill> {
  const { random, windows } = run;
  const count = 2 + Math.floor(random() * (windows.length - 1));
  run.haveOpen(count);
  const { pid } = await run.attached();
  if (index % 5 === 0) await run.breakOpen();
  const counting = new ProcessCount(run);
  const killed = new Set<number>();
  await comeTo(moment, run, pid, killed, count);
  const atMs = epochMs();
  await Promise.all([...killed].map((one) => run.kill(one)));
  const hello = await run.watch.hello(killed, helloWithinMs);
  // Before anybody has brought it anything, maybe: it waits for that.
  await run.answersBound();
  const attached = await run.attached(killed);
  const processes = counting.end();
  await run.isWhole(hello);
  return {
    moment,
    windows: run.open.length,
    helloMs: hello.atMs - atMs,
    attachedMs: attached.atMs - atMs,
    processes,
  };
}

/** Waits for the moment and returns the process to kill; kills others on the way if needed. */
async function comeTo(
  moment: KillMoment,
  run: KillRun,
  pid: number,
  killed: Set<number>,
  count: number,
): Promise<void> {
  const { random, watch, windows } = run;
  killed.add(pid);
  switch (moment) {
    case 'settled':
      return pause(random() * 300);
    case 'push': {
      for (const window of run.open) window.change({ retry: { maxAttempts: 2 + Math.floor(random() * 5) } });
      return pause(random() * 40);
    }
    case 'join': {
      for (const window of windows.filter(({ isOpen }) => !isOpen)) run.openWindow(window);
      return pause(random() * 100);
    }
    case 'again': {
      await run.kill(pid);
      const { pid: next } = await watch.hello(killed, helloWithinMs);
      killed.add(next);
      return pause(random() * 60);
    }
    case 'startUp':
      await run.kill(pid);
      return killAStarter(run, killed);
    case 'storm': {
      run.closeAll();
      await run.kill(pid);
      run.haveOpen(random() < 0.5 ? windows.length : count);
      return killAStarter(run, killed);
    }
    default:
      return moment satisfies never;
  }
}

/** Waits for the next gateway process and takes it as the one to be killed, a little later. */
async function killAStarter(run: KillRun, killed: Set<number>): Promise<void> {
  const look = (): number[] => [...run.bed.processes().keys()].filter((pid) => !killed.has(pid));
  const found = await until('another one starts', look, (pids) => pids.length > 0, helloWithinMs);
  killed.add(found[0] ?? 0);
  await pause(run.random() * 400);
}

/** Looks how many processes there are, until `end`. */
class ProcessCount {
  #most = 0;
  readonly #timer: NodeJS.Timeout;

  constructor({ bed }: KillRun) {
    this.#timer = setInterval(() => {
      this.#most = Math.max(this.#most, bed.processes().size);
    }, 20);
  }

  end(): number {
    clearInterval(this.#timer);
    return this.#most;
  }
}

/** The last window leaves; resolves with the time until no process is left. */
async function linger(run: KillRun): Promise<number> {
  run.haveOpen(2);
  await run.attached();
  return leave(run);
}

/** The last windows leave at any moment while a gateway is being replaced. */
async function lingerAmid(run: KillRun): Promise<number> {
  run.haveOpen(2);
  const { pid } = await run.attached();
  await run.kill(pid);
  await pause(run.random() * 800);
  return leave(run);
}

async function leave(run: KillRun): Promise<number> {
  const startedAt = performance.now();
  run.closeAll();
  // Twice: a window that was about to start one may have been slow to.
  await run.bed.processesAre(0, goneWithinMs);
  const goneMs = performance.now() - startedAt;
  await startAlone();
  await run.bed.processesAre(0, goneWithinMs);
  return goneMs;
}

async function startAlone(): Promise<number> {
  const startedAt = performance.now();
  const gateway = await startGateway();
  const aloneMs = performance.now() - startedAt;
  await gateway.stop();
  return aloneMs;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
