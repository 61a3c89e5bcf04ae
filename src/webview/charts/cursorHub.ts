/** Something that shows where the common cursor is. */
export interface CursorFollower {
  showCursor(ms: number | undefined): void;
}

/** The cursor that all charts share: a moment, or none. */
export class CursorHub {
  readonly #followers = new Set<CursorFollower>();
  #ms: number | undefined;
  #isTelling = false;

  get ms(): number | undefined {
    return this.#ms;
  }

  follow(follower: CursorFollower): void {
    this.#followers.add(follower);
  }

  unfollow(follower: CursorFollower): void {
    this.#followers.delete(follower);
  }

  /** Moves the cursor of everybody; what followers do about it comes back here without effect. */
  set(ms: number | undefined): void {
    if (this.#isTelling) return;
    this.#ms = ms;
    this.#isTelling = true;
    try {
      for (const follower of this.#followers) follower.showCursor(ms);
    } finally {
      this.#isTelling = false;
    }
  }
}
