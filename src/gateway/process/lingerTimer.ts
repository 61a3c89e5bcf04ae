const defaultSeconds = 1800;

/** Ends a gateway that a window started, some time after its last use (architecture.md, Life). */
export class LingerTimer {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Restarts the timer, or stops it while the gateway is needed. `seconds`: -1 = never ends. */
  watch(isNeeded: boolean, seconds: number = defaultSeconds): void {
    this.stop();
    if (isNeeded || seconds < 0) return;
    this.#timer = setTimeout(this.#onOver, seconds * 1000);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
