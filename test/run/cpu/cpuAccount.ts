/** A process in one reading of the system's table; times count from the start of the process, in ticks. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** Tells a process from a later one with the same pid. */
  readonly startedAt: number;
  /** User and system time of the process itself. */
  readonly own: number;
  /** That of its descendants that have ended and were waited for. */
  readonly reaped: number;
}

/** The system's processes by pid. */
export type ProcessTable = ReadonlyMap<number, ProcessRow>;

/**
 * CPU time of a process and its descendants, followed from reading to reading, also through those that outlive their
 * parents. Exact for processes that are waited for by a process that goes on. Of others, what they used since the last
 * reading is missing, and so is a process that lost its parent before any reading saw it.
 */
export class CpuAccount {
  /** The living, by pid. */
  #members: ProcessTable;
  /** Of processes that ended without one of the living having counted them as its own. */
  #lost = 0;

  constructor(root: number, table: ProcessTable) {
    this.#members = withDescendants(new Set([root]), table);
  }

  /** User and system time up to the last reading. */
  get ticks(): number {
    return [...this.#members.values()].reduce((sum, row) => sum + total(row), this.#lost);
  }

  /** Takes in a later reading. */
  read(table: ProcessTable): void {
    const before = this.#members;
    const living = [...before.values()].filter((row) => isSame(row, table.get(row.pid)));
    this.#members = withDescendants(new Set(living.map(({ pid }) => pid)), table);
    this.#lost += lostBetween(before, this.#members);
  }
}

function total({ own, reaped }: ProcessRow): number {
  return own + reaped;
}

function isSame(row: ProcessRow, later: ProcessRow | undefined): boolean {
  return row.startedAt === later?.startedAt;
}

function withDescendants(seeds: ReadonlySet<number>, table: ProcessTable): ProcessTable {
  const belongs = (row: ProcessRow | undefined): boolean =>
    row !== undefined && (seeds.has(row.pid) || belongs(table.get(row.parent)));
  return new Map([...table].filter(([, row]) => belongs(row)));
}

/**
 * CPU time of ended members that no living member has taken over. A process hands what it used to the parent that waits for it,
 * and with that to the next living one above; of processes that ended together only that sum tells how many were handed on.
 */
function lostBetween(before: ProcessTable, after: ProcessTable): number {
  const usedBelow = new Map<number | undefined, number>();
  for (const row of before.values()) {
    if (isSame(row, after.get(row.pid))) continue;
    const heir = livingAncestor(row, before, after);
    usedBelow.set(heir, (usedBelow.get(heir) ?? 0) + total(row));
  }
  let lost = 0;
  for (const [heir, used] of usedBelow) {
    const takenOver = heir === undefined ? 0 : (after.get(heir)?.reaped ?? 0) - (before.get(heir)?.reaped ?? 0);
    lost += Math.max(0, used - takenOver);
  }
  return lost;
}

function livingAncestor(row: ProcessRow, before: ProcessTable, after: ProcessTable): number | undefined {
  let ancestor = before.get(row.parent);
  while (ancestor !== undefined && !isSame(ancestor, after.get(ancestor.pid))) ancestor = before.get(ancestor.parent);
  return ancestor?.pid;
}
