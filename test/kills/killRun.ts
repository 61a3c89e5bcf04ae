import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicError } from '../../src/simulated/behaviour.ts';
import type { Random } from '../soak/soakFaults.ts';
import { until } from '../support/processes/startGateway.ts';
import { say } from '../support/processes/succession.ts';
import { keyOf } from '../support/processes/testBed.ts';
import { hasEnded, type WindowBed } from '../support/windows/windowBed.ts';
import type { KillWindowNews } from './killWindow.ts';
import { type KillWindow, startKillWindows } from './killWindows.ts';
import { type HelloSeen, PortWatch } from './portWatch.ts';

export const lingerSeconds = 2;
/** The deadline of a round; the figures report how long it took. */
const withinMs = 20_000;
/** A window that has lost a gateway six times within a minute gives up, and is right to (gatewaySupervisor.ts). */
const lossesBorne = 3;
const endpointIds = ['first', 'second', 'broken'];
const boundSessions = ['one', 'two', 'three', 'four'];

/** Windows of one VS Code, and the gateway that they keep alive, which is killed again and again. */
export class KillRun {
  readonly bed: WindowBed;
  readonly watch: PortWatch;
  readonly windows: readonly KillWindow[];
  readonly random: Random;
  readonly #bindings = new Map<string, unknown>();
  #asked = 0;

  private constructor(bed: WindowBed, windows: readonly KillWindow[], random: Random) {
    this.bed = bed;
    this.windows = windows;
    this.random = random;
    this.watch = new PortWatch(bed.port, () => readFileSync(join(bed.stateDir, 'control-token'), 'utf8').trim());
    const watching = this.watch.run();
    bed.onClose(() => {
      this.watch.end();
      return watching;
    });
  }

  /** Endpoints, one of them broken, `windowCount` windows, and a gateway that knows of both and of some sessions. */
  static async start(bed: WindowBed, windowCount: number, random: Random): Promise<KillRun> {
    for (const id of endpointIds) {
      const endpoint = await bed.served(id, { priority: 1 });
      if (id === 'broken') endpoint.behave(anthropicError('api_error', { status: 502 }));
    }
    const breaker = { openSeconds: 3600, maxOpenSeconds: 3600 };
    bed.store.change({ strategy: 'roundRobin', lingerSeconds, breaker, recovery: { enabled: false } });
    const run = new KillRun(bed, await startKillWindows(bed, windowCount), random);
    run.haveOpen(2);
    await run.attached();
    await run.breakOpen();
    await run.#bind();
    return run;
  }

  get url(): string {
    return `http://127.0.0.1:${this.bed.port}`;
  }

  get open(): readonly KillWindow[] {
    return this.windows.filter(({ isOpen }) => isOpen);
  }

  /** Opens and closes windows until so many are open; none of them has lost many gateways. */
  haveOpen(count: number): void {
    for (const window of this.open) if (window.losses > lossesBorne) window.close();
    for (const window of this.open.slice(count)) window.close();
    const closed = this.windows.filter(({ isOpen }) => !isOpen);
    for (const window of closed.slice(0, count - this.open.length)) this.openWindow(window);
  }

  openWindow(window: KillWindow): void {
    const { stateDir, store } = this.bed;
    const keys = Object.fromEntries(endpointIds.map((id) => [id, keyOf(id)]));
    window.open({ stateDir, document: store.document, keys });
  }

  closeAll(): void {
    for (const window of this.open) window.close();
  }

  /** Kills a process that may have ended already; it is dead when this resolves. */
  async kill(pid: number): Promise<void> {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was one of those that did not get the port.
    }
    await hasEnded(pid);
  }

  /** Resolves when every open window shows the same gateway, with keys; with what the last one of them told. */
  async attached(not: ReadonlySet<number> = new Set()): Promise<{ readonly pid: number; readonly atMs: number }> {
    const look = (): (KillWindowNews | undefined)[] => this.open.map(({ last }) => last);
    const isThere = (all: (KillWindowNews | undefined)[]): boolean =>
      new Set(all.map((one) => one?.pid)).size === 1 &&
      all.every((one) => one !== undefined && one.pid !== 0 && !not.has(one.pid) && hasAllKeys(one));
    const all = await until('every window shows the gateway, with keys', look, isThere, withinMs);
    return { pid: all[0]?.pid ?? 0, atMs: Math.max(...all.map((one) => one?.atMs ?? 0)) };
  }

  /** Fails unless one gateway is left, that one, and it knows what the killed one knew. */
  async isWhole({ pid }: HelloSeen): Promise<void> {
    await this.bed.processesAre(1, withinMs);
    assert.deepEqual([...this.bed.processes().keys()], [pid], 'the process is the one that has answered');
    assert.equal(this.bed.announced()?.pid, pid);
    for (const { last } of this.open) {
      assert.ok(last !== undefined);
      assert.ok(last.breakers.includes('broken:halfOpen'), `the open breaker is half-open: ${last.breakers}`);
      assert.ok(last.sessions >= boundSessions.length, `${last.sessions} sessions`);
    }
  }

  /** Fails unless a client of a bound session is answered by its endpoint. */
  async answersBound(): Promise<void> {
    const session = boundSessions[Math.floor(this.random() * boundSessions.length)] ?? '';
    assert.equal(await say(this, session), this.#bindings.get(session), `the session "${session}" has its endpoint`);
  }

  /** Asks until the breaker of the broken endpoint is open and the file for the successor says so. */
  async breakOpen(): Promise<void> {
    const ask = async (): Promise<KillWindowNews | undefined> => {
      this.#asked += 1;
      await say(this, `breaks ${this.#asked}`);
      return this.open[0]?.last;
    };
    await until('the breaker opens', ask, (last) => last?.breakers.includes('broken:open') === true, withinMs);
    await this.bed.untilSaved('"state":"open"');
  }

  async #bind(): Promise<void> {
    for (const session of boundSessions) this.#bindings.set(session, await say(this, session));
    assert.equal(new Set(this.#bindings.values()).size, 2, 'sessions are bound to both endpoints');
    const count = this.#asked + boundSessions.length;
    const look = (): number => {
      const text = readFileSync(join(this.bed.stateDir, 'state.json'), 'utf8');
      return (JSON.parse(text) as { sessions: unknown[] }).sessions.length;
    };
    await until('the bindings are in the file', look, (found) => found === count);
  }
}

function hasAllKeys({ keyed }: KillWindowNews): boolean {
  return endpointIds.every((id) => keyed.includes(id));
}
