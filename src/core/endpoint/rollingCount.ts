const slotMs = 1000;

/** Counts the results of the last minute, in steps of a second. Time is monotonic milliseconds. */
export class RollingCount {
  readonly #slots: { second: number; total: number; failed: number }[] = [];

  add(isFailure: boolean, nowMs: number): void {
    const second = Math.floor(nowMs / slotMs);
    let slot = this.#slots.at(-1);
    if (slot?.second !== second) {
      slot = { second, total: 0, failed: 0 };
      this.#slots.push(slot);
    }
    slot.total += 1;
    if (isFailure) slot.failed += 1;
    while ((this.#slots[0]?.second ?? second) < second - 60) this.#slots.shift();
  }

  /** Results and failures as of the last `add`. */
  sum(): { total: number; failed: number } {
    let total = 0;
    let failed = 0;
    for (const slot of this.#slots) {
      total += slot.total;
      failed += slot.failed;
    }
    return { total, failed };
  }

  clear(): void {
    this.#slots.length = 0;
  }
}
