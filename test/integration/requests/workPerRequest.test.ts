import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadProcess } from '../../support/processes/loadProcess.ts';
import type { LoadOrder } from '../../support/processes/loadProgram.ts';
import { startGateway, type TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { countWork, heapBytesOf, type WorkCounts } from '../../support/processes/workCounter.ts';

type Limits = Partial<Readonly<Record<keyof WorkCounts | 'heapBytes', number>>>;
type Case = Omit<LoadOrder, 'port'> & { readonly limits: Limits };

/**
 * Work for one request, each limit a little above what it was when it was last set: one timer, one listener or one copy of
 * the body more, and a test fails. Counts stay the same on a busy machine, times do not.
 */
const cases: Readonly<Record<string, Case>> = {
  'a request of 1 KB': {
    requests: 500,
    size: 'small',
    deltas: 0,
    limits: {
      heapBytes: 80_000,
      timers: 3.5,
      immediates: 2.5,
      nextTicks: 8.7,
      promises: 28.7,
      listeners: 10.5,
    },
  },
  'a request of 200 KB': {
    requests: 100,
    size: 'large',
    deltas: 0,
    limits: { heapBytes: 84_000, bufferBytes: 2000, timers: 3.5, immediates: 2.5, listeners: 10.5 },
  },
  'a stream of 20 chunks': {
    requests: 200,
    size: 'small',
    deltas: 20,
    limits: { heapBytes: 112_000, timers: 7.5, immediates: 2.5, promises: 28.7, listeners: 10.5 },
  },
};

function assertWithin(made: Readonly<Record<string, number>>, limits: Readonly<Record<string, number>>): void {
  const tooMuch = Object.entries(limits).filter(([kind, limit]) => (made[kind] ?? 0) > limit);
  const list = tooMuch.map(([kind, limit]) => `${kind}: ${made[kind]?.toFixed(2)}, at most ${limit}`);
  assert.equal(
    list.length,
    0,
    `more work for each request than before, ${list.join('; ')}. Find the change that makes it, compare with \`npm run bench -- --build before=FOLDER\`; ` +
      'if it is worth its price, raise the limit here and say in the commit what it buys',
  );
}

describe('the work for one request', () => {
  let load: LoadProcess;
  let gateway: TestGateway;

  before(async () => {
    load = await LoadProcess.start();
    gateway = await startInProcess(load.options);
    await load.send({ port: gateway.port, requests: 300, size: 'small', deltas: 0 });
  });

  after(async () => {
    load.stop();
    await gateway.stop();
  });

  for (const [name, { limits, requests, ...shape }] of Object.entries(cases)) {
    it(`does not grow: ${name}`, async () => {
      const send = (count: number) => load.send({ ...shape, port: gateway.port, requests: count });
      await send(100);
      const heapBytes = (await heapBytesOf(() => send(requests))) / requests;
      const counted = 100;
      const counts = Object.entries(await countWork(() => send(counted)));
      const made = { heapBytes, ...Object.fromEntries(counts.map(([kind, count]) => [kind, count / counted])) };
      assertWithin(made, limits);
    });
  }
});

/** Calls by what they are for. Those that threads and memory make are left out: they vary. */
const callLimits = {
  'reads of sockets': 2.5,
  'writes to sockets': 2.4,
  'waits for events': 6,
  'other reads and writes': 3,
};
type CallGroup = keyof typeof callLimits;

/** Why system calls cannot be counted here; undefined where they can. */
function straceTrouble(): string | undefined {
  const { status, error, stderr } = spawnSync('strace', ['-f', '-y', '-o', '/dev/null', process.execPath, '--version']);
  if (error !== undefined) return 'there is no strace';
  return status === 0 ? undefined : `strace may not trace: ${String(stderr).trim().split('\n')[0]}`;
}

function groupOf(line: string): CallGroup | undefined {
  const [, call = '', kind = ''] = /^\d+ +(\w+)\((?:\d+<([a-z]*))?/.exec(line) ?? [];
  if (/^epoll_p?wait/.test(call)) return 'waits for events';
  if (/^(read|recv)/.test(call)) return kind === 'socket' ? 'reads of sockets' : 'other reads and writes';
  if (/^(write|send)/.test(call)) return kind === 'socket' ? 'writes to sockets' : 'other reads and writes';
  return /^(pread|pwrite|open|close|f?stat|fcntl|f?sync)/.test(call) ? 'other reads and writes' : undefined;
}

function countCalls(log: string): Record<string, number> {
  const groups = readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => groupOf(line) ?? []);
  return Object.fromEntries([...Map.groupBy(groups, (group) => group)].map(([group, calls]) => [group, calls.length]));
}

describe('the system calls for one request', () => {
  const trouble = straceTrouble();
  if (trouble !== undefined) {
    it(`do not grow (left out: ${trouble})`);
    return;
  }

  it('do not grow', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    const log = join(folder, 'calls');
    const load = await LoadProcess.start();
    const under = ['strace', '-D', '-f', '-y', '-o', log, '-e', 'trace=%desc,%network'];
    const gateway = await startGateway({ ...load.options, under });
    try {
      const send = (requests: number) => load.send({ port: gateway.port, requests, size: 'small', deltas: 0 });
      await send(100);
      const before = countCalls(log);
      const requests = 250;
      await send(requests);
      const made = Object.entries(countCalls(log)).map(([group, calls]) => [
        group,
        (calls - (before[group] ?? 0)) / requests,
      ]);
      assertWithin(Object.fromEntries(made), callLimits);
    } finally {
      load.stop();
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
