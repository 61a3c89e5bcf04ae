import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { clientToken, upstreamKey } from '../../../bench/targets/simulatorMessages.ts';
import type { LoadOrder, LoadReport } from './loadProgram.ts';

/** A client with its endpoint in a process of their own: nothing that they do is counted with what this process does. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #endpointPort: number;

  /** Resolves when the endpoint listens. */
  static async start(): Promise<LoadProcess> {
    const child = fork(join(import.meta.dirname, 'loadProgram.ts'), { execArgv: [] });
    return new LoadProcess(child, (await reportOf(child)).endpointPort ?? 0);
  }

  private constructor(child: ChildProcess, endpointPort: number) {
    this.#child = child;
    this.#endpointPort = endpointPort;
  }

  /** A gateway's configuration with this endpoint; `env` has the key. */
  get options(): { readonly config: object; readonly env: Readonly<Record<string, string>> } {
    const endpoint = {
      ...{ id: 'upstream', baseUrl: `http://127.0.0.1:${this.#endpointPort}`, dialect: 'anthropic' },
      ...{ auth: 'x-api-key', apiKey: 'env:LOAD_KEY' },
    };
    return { config: { clientToken, endpoints: [endpoint] }, env: { LOAD_KEY: upstreamKey } };
  }

  /** Sends the requests; rejects unless each is answered with 200. */
  async send(order: LoadOrder): Promise<void> {
    const answered = reportOf(this.#child);
    this.#child.send(order);
    const { trouble } = await answered;
    if (trouble !== undefined) throw new Error(trouble);
  }

  stop(): void {
    this.#child.kill();
  }
}

/** The next message; rejects when the process ends before it. */
async function reportOf(child: ChildProcess): Promise<LoadReport> {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`the process with client and endpoint ended with ${code}`);
  });
  try {
    const [report] = await Promise.race([once(child, 'message', { signal: over.signal }), ended]);
    return report;
  } finally {
    ended.catch(() => {});
    over.abort();
  }
}
