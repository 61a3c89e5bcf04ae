import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { mock } from 'node:test';
import type { SessionSnapshot, Snapshot, SnapshotChange } from '../../../../src/contract/snapshot.ts';
import { SessionAffinity } from '../../../../src/core/routing/affinity.ts';
import { EventStream } from '../../../../src/gateway/windows/eventStream.ts';
import { wholeSnapshot } from '../../../../src/gateway/windows/wholeSnapshot.ts';
import { changed } from '../../../../src/ui/model/snapshotChange.ts';
import { snapshot as snapshotOf } from '../../ui/model/snapshotParts.ts';

type Event = { readonly name: string; readonly data: unknown; readonly bytes: number };

/** A window that reads only when it is told to. */
class Window extends EventEmitter {
  readonly events: Event[] = [];
  writableLength = 0;
  isDestroyed = false;
  isReading = true;

  writeHead(): void {}

  write(text: string): void {
    if (!this.isReading) this.writableLength += text.length;
    const [, name = '', json = 'null'] = /^event: (\w+)\ndata: (.*)\n\n$/s.exec(text) ?? [];
    if (name !== '') this.events.push({ name, data: JSON.parse(json), bytes: text.length });
  }

  readAll(): void {
    this.writableLength = 0;
    this.isReading = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  end(): void {
    this.emit('close');
  }

  /** The state that it shows: all events applied in their order. */
  get shown(): Snapshot | undefined {
    let shown: Snapshot | undefined;
    for (const { name, data } of this.events) {
      if (name === 'snapshot') shown = data as Snapshot;
      if (name === 'change' && shown !== undefined) shown = changed(shown, data as SnapshotChange);
    }
    return shown;
  }
}

/** A gateway with so many sessions, of which any can be used, and a stream of what changes. */
class Scene {
  readonly affinity = new SessionAffinity({ ttlMs: 1e9, maxSessions: 10_000, avoidMs: 0 });
  readonly stream: EventStream;
  readonly windows: Window[] = [];
  #nowMs = 0;

  constructor(sessionCount: number) {
    for (let n = 0; n < sessionCount; n += 1) this.use(n);
    this.stream = new EventStream({
      snapshot: () => this.snapshot(),
      recordCount: () => 0,
      onSubscribers: () => undefined,
      changesInMs: () => Number.POSITIVE_INFINITY,
    });
  }

  use(n: number): void {
    this.#nowMs += 1;
    this.affinity.succeeded({ sessionId: `s${n}`, endpointId: 'one', client: 'claude-cli/2' }, true, this.#nowMs);
  }

  snapshot(): Snapshot {
    const { gateway, totals, requests } = snapshotOf({});
    return JSON.parse(
      JSON.stringify(
        wholeSnapshot({
          gateway,
          endpoints: [],
          sessions: this.affinity.list(10_000, this.#nowMs),
          unbound: this.affinity.unbound(10_000, this.#nowMs),
          lastWarmUp: () => undefined,
          totals,
          requests,
          redact: (text) => text,
          now: { mono: this.#nowMs, wall: 1_000_000 + this.#nowMs },
        }),
      ),
    );
  }

  open(): Window {
    const window = new Window();
    this.windows.push(window);
    this.stream.subscribe(window as unknown as ServerResponse);
    return window;
  }

  /** Tells what has changed. */
  pass(): void {
    this.stream.poke();
    mock.timers.tick(1000);
  }

  close(): void {
    for (const window of this.windows) window.end();
  }
}

describe('EventStream', () => {
  let scene: Scene;

  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }));
  afterEach(() => {
    scene.close();
    mock.timers.reset();
  });

  it('shows 500 of 10,000 sessions, counts all, and tells only of those that change', () => {
    scene = new Scene(10_000);
    const window = scene.open();
    assert.equal(window.shown?.sessions.length, 500);
    assert.equal(window.shown?.totals.sessions, 10_000);
    scene.use(9_999);
    scene.use(3);
    scene.pass();
    const [, change, ...others] = window.events;
    assert.deepEqual(others, []);
    assert.ok(change !== undefined);
    const { sessions } = change.data as SnapshotChange;
    assert.deepEqual(
      sessions?.changed.map(({ id }: SessionSnapshot) => id),
      ['s3', 's9999'],
    );
    assert.deepEqual(sessions?.removed, ['s9500'], 'the one that no longer is among the last 500');
    assert.ok(change.bytes < 1000, `${change.bytes} bytes for two sessions`);
    assert.deepEqual(window.shown, scene.snapshot());
  });

  it('tells windows what the gateway itself would answer, whatever happens to sessions', () => {
    scene = new Scene(20);
    const window = scene.open();
    for (let n = 0; n < 50; n += 1) {
      if (n % 3 === 0) scene.use(n % 40);
      if (n % 5 === 0) scene.affinity.unbind(`s${n % 17}`);
      if (n % 7 === 0) scene.affinity.move(`s${n % 13}`, 'two', n);
      scene.pass();
      assert.deepEqual(window.shown, scene.snapshot(), `after ${n}`);
    }
    scene.affinity.unbindAll();
    scene.pass();
    assert.deepEqual(window.shown?.sessions, []);
  });

  it('neither cuts a window off that does not read, nor keeps for it what it would be sent', () => {
    scene = new Scene(1000);
    const [slow, quick] = [scene.open(), scene.open()];
    slow.isReading = false;
    const line = JSON.stringify({ atMs: 1, level: 'info', event: 'x'.repeat(1000), fields: {} });
    for (let n = 0; n < 2000; n += 1) {
      scene.use(n % 1000);
      scene.stream.log(line);
      if (n % 10 === 0) scene.pass();
    }
    assert.equal(slow.isDestroyed, false);
    assert.ok(slow.writableLength < 1.2 * 1024 * 1024, `${slow.writableLength} bytes are kept for it`);
    const before = slow.events.length;
    scene.pass();
    assert.equal(slow.events.length, before);
    slow.readAll();
    scene.use(1);
    scene.pass();
    const [whole, left, ...others] = slow.events.slice(before);
    assert.deepEqual([whole?.name, left?.name, others], ['snapshot', 'log', []], 'one snapshot, and no more');
    assert.match(JSON.stringify(left?.data), /lines left out.*"lines":\d{3,}/);
    scene.use(2);
    scene.pass();
    assert.equal(slow.events.at(-1)?.name, 'change');
    assert.deepEqual(slow.shown, scene.snapshot());
    assert.deepEqual(quick.shown, scene.snapshot());
    assert.equal(quick.events.filter(({ name }) => name === 'snapshot').length, 1);
  });
});
