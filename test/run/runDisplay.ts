/** Where a run shows what it does: standard output, a terminal or not. */
export interface DisplayStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows a run: the output of a job as one block when the job ends; what runs at the moment in the last line of a terminal,
 * and elsewhere in one line for each beginning.
 */
export class RunDisplay {
  readonly #stream: DisplayStream;
  readonly #now: () => number;
  /** When each running job began. */
  readonly #running = new Map<string, number>();

  constructor(stream: DisplayStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
  }

  begin(label: string): void {
    this.#running.set(label, this.#now());
    if (this.#stream.isTTY !== true) this.#stream.write(`... ${label}\n`);
    this.refresh();
  }

  /** Shows what an ended job has written, between two lines of its own. */
  end(label: string, output: string, summary: string): void {
    const seconds = secondsText(this.#now() - (this.#running.get(label) ?? this.#now()));
    this.#running.delete(label);
    const body = output.trimEnd();
    this.line(`\n=== ${label}\n${body === '' ? '' : `${body}\n`}=== ${label}: ${summary} in ${seconds}`);
  }

  line(text: string): void {
    this.#clear();
    this.#stream.write(`${text}\n`);
    this.refresh();
  }

  /** Brings the line about running jobs up to date; on a terminal to be called every second. */
  refresh(): void {
    if (this.#stream.isTTY !== true) return;
    this.#clear();
    const parts = [...this.#running].map(([label, since]) => `${label} (${secondsText(this.#now() - since)})`);
    this.#stream.write(parts.join(', ').slice(0, (this.#stream.columns || 80) - 1));
  }

  #clear(): void {
    if (this.#stream.isTTY === true) this.#stream.write('\r\u001b[K');
  }
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}
