import { closeSync, openSync, readSync } from 'node:fs';
import { ControlConnection } from '../../src/ui/link/controlConnection.ts';

const everyMs = 5;

/** When a gateway has proved itself, and which. */
export interface HelloSeen {
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** The gateways of a bed and their port, looked at all the time from outside. On Linux, for it looks into `/proc`. */
export class PortWatch {
  readonly #port: number;
  readonly #token: () => string;
  #mostListeners = 0;
  #isOver = false;

  /** `token` is the control token; may throw while there is none. */
  constructor(port: number, token: () => string) {
    this.#port = port;
    this.#token = token;
  }

  /** The most listeners that the port has had at one moment. */
  get mostListeners(): number {
    return this.#mostListeners;
  }

  /** Looks at the listeners until `end`. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      this.#mostListeners = Math.max(this.#mostListeners, listenersAt(this.#port));
      await pause();
    }
  }

  end(): void {
    this.#isOver = true;
  }

  /** Resolves with the first gateway that answers `hello` and is none of these; rejects after the deadline. */
  async hello(not: ReadonlySet<number>, deadlineMs: number): Promise<HelloSeen> {
    const endsAt = performance.now() + deadlineMs;
    while (performance.now() < endsAt) {
      const pid = await this.#ask();
      if (pid !== undefined && !not.has(pid)) return { pid, atMs: epochMs() };
      await pause();
    }
    throw new Error(`no gateway within ${deadlineMs} ms`);
  }

  /** The process that proves itself on the port now, if any. */
  async #ask(): Promise<number | undefined> {
    let token: string;
    try {
      token = this.#token();
    } catch {
      return undefined;
    }
    const connection = new ControlConnection(this.#port, token);
    const hello = await connection.hello();
    connection.close();
    return hello.kind === 'ok' ? hello.answer.pid : undefined;
  }
}

/** The epoch, with fractions. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, everyMs));
}

/** How many sockets listen on this TCP port, of whatever address. */
function listenersAt(port: number): number {
  const end = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = new RegExp(`:${end} [0-9A-F]+:0000 0A `, 'g');
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(listenersIn);
  return tables.reduce((count, table) => count + (table.match(listening)?.length ?? 0), 0);
}

const connected = /^ *\d+: \S+ \S+ (?!0A )[0-9A-F]{2} /m;
const piece = Buffer.alloc(16 * 1024);

/** The rows of the table up to its first connection: listeners come first, and ten thousand connections cost 20 ms a look. */
function listenersIn(path: string): string {
  const file = openSync(path, 'r');
  try {
    let text = '';
    let bytes = 0;
    do {
      bytes = readSync(file, piece, 0, piece.length, null);
      text += piece.toString('latin1', 0, bytes);
    } while (bytes > 0 && !connected.test(text));
    return text;
  } finally {
    closeSync(file);
  }
}
