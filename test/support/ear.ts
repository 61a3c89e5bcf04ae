/** Connects clients that show an answer word by word with endpoints that do not end before it has been heard. */
export class Ear {
  #isListening = false;
  /** How often a word was shown that no call has taken yet. */
  readonly #heard = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Begins to listen; a client calls what this gives with each piece of text that it shows. */
  listen(): (text: string) => void {
    this.#isListening = true;
    return (text) => {
      const next = this.#waiting.get(text)?.shift();
      if (next === undefined) this.#heard.set(text, (this.#heard.get(text) ?? 0) + 1);
      else next();
    };
  }

  /** Resolves when the word has been shown once for each call so far; at once where no client is listened to. */
  async heard(word: string): Promise<void> {
    if (!this.#isListening) return;
    const count = this.#heard.get(word) ?? 0;
    if (count > 0) {
      this.#heard.set(word, count - 1);
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.set(word, [...(this.#waiting.get(word) ?? []), resolve]);
    });
  }
}
