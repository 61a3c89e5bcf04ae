import assert from 'node:assert/strict';
import { CpuAccount, type ProcessRow, type ProcessTable } from '../../run/cpu/cpuAccount.ts';
import { parseStat } from '../../run/cpu/processTable.ts';

/** Rows of `[pid, parent, own, reaped]`, each process as old as its pid. */
function table(...rows: readonly (readonly [number, number, number, number?])[]): ProcessTable {
  const all = rows.map(([pid, parent, own, reaped = 0]): ProcessRow => ({ pid, parent, startedAt: pid, own, reaped }));
  return new Map([...all, { pid: 1, parent: 0, startedAt: 0, own: 9000, reaped: 9000 }].map((row) => [row.pid, row]));
}

function ticksAfter(...tables: readonly ProcessTable[]): number {
  const [first = table(), ...later] = tables;
  const account = new CpuAccount(10, first);
  for (const next of later) account.read(next);
  return account.ticks;
}

describe('the CPU time of a process and all that it starts', () => {
  it('is its own and that of its children and grandchildren, and of nobody else', () => {
    assert.equal(ticksAfter(table([10, 1, 5]), table([10, 1, 7], [11, 10, 20], [12, 11, 300], [50, 1, 4000])), 327);
  });

  it('has the children that ended, once', () => {
    const waitedFor = table([10, 1, 7, 25]);
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20]), waitedFor, waitedFor), 32);
  });

  it('has children that came and went between two readings', () => {
    assert.equal(ticksAfter(table([10, 1, 5]), table([10, 1, 7, 40])), 47);
  });

  it('has a process that outlived its parent, also after its end', () => {
    const orphaned = table([10, 1, 6, 20], [12, 1, 50]);
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20], [12, 11, 30]), orphaned), 76);
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20], [12, 11, 30]), orphaned, table([10, 1, 6, 20])), 76);
  });

  it('has a child and its own child once when both ended since the last reading and were waited for', () => {
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20], [12, 11, 30]), table([10, 1, 6, 55])), 61);
  });

  it('has a child and its own child when both ended and only the child was waited for', () => {
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20], [12, 11, 30]), table([10, 1, 6, 20])), 56);
  });

  it('stays when all have ended, even when their pids belong to others by then', () => {
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20]), table()), 25);
    const others = new Map([...table([10, 1, 800])].map(([pid, row]) => [pid, { ...row, startedAt: 999 }]));
    assert.equal(ticksAfter(table([10, 1, 5], [11, 10, 20]), others, others), 25);
  });
});

describe('a line of /proc/PID/stat', () => {
  it('is read whatever the program is called', () => {
    const line = '77 (odd) name 1) S 42 77 77 0 -1 4194560 1 0 0 0 11 12 13 14 20 0 1 0 555 0 0';
    assert.deepEqual(parseStat(77, line), { pid: 77, parent: 42, startedAt: 555, own: 23, reaped: 27 });
  });
});
