/** Connects a client that shows an answer word by word with an endpoint that does not end before it has been heard. */
export class Ear {
  #isListening = false;
  readonly #words = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  /** Begins to listen; the client calls what this gives with each piece of text that it shows. */
  listen(): (text: string) => void {
    this.#isListening = true;
    return (text) => {
      this.#words.add(text);
      this.#waiting.get(text)?.();
    };
  }

  /** Resolves when the word has been shown since the last call for it; at once where no client is listened to. */
  async heard(word: string): Promise<void> {
    if (!this.#isListening) return;
    if (!this.#words.has(word)) await new Promise<void>((resolve) => this.#waiting.set(word, resolve));
    this.#waiting.delete(word);
    this.#words.delete(word);
  }
}
