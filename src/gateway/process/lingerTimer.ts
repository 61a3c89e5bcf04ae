const defaultSeconds = 1800;

/** Ends a gateway that a window started, a while after the last one that needed it (architecture.md, Life). */
export class LingerTimer {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** `seconds` -1 = for ever. The time counts from the moment on at which nobody needs it. */
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
