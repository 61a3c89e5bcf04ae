/** Callers that ask the same at the same time share one answer. */
export class SharedQuestions<Key, Answer> {
  readonly #open = new Map<Key, Promise<Answer>>();

  /** Asks, or waits for the answer of a question with this key that is still open. */
  ask(key: Key, question: () => Promise<Answer>): Promise<Answer> {
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    const answer = question().finally(() => this.#open.delete(key));
    this.#open.set(key, answer);
    return answer;
  }
}
