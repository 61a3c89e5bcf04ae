/** How many conversations are remembered, the latest. */
const maxConversations = 1000;

/**
 * The append-only law over the requests of one endpoint: what a conversation said before stays as it was. A request may go
 * on from the one before, repeat it, or go back to an earlier place of it.
 */
export class PrefixLaw {
  readonly #last = new Map<string, readonly string[]>();

  /**
   * Takes a request's digests (`digestsOf`) into account. Returns the index of the first piece that is no longer what it
   * was, -1 for the head, or undefined when the law is kept.
   */
  departure(conversation: string, digests: readonly string[]): number | undefined {
    const before = this.#last.get(conversation);
    this.#last.delete(conversation);
    this.#last.set(conversation, digests);
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= maxConversations) break;
      this.#last.delete(oldest);
    }
    const changed = before?.findIndex((digest, index) => digests[index] !== undefined && digests[index] !== digest);
    return changed === undefined || changed < 0 ? undefined : changed - 1;
  }
}
