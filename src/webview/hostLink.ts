import type { Filter, HostMessage, PageMessage, Range, RequestQuery } from '../contract/dashboard.ts';
import type { Metrics, RequestPage } from '../contract/metrics.ts';

/** The API that VS Code gives a webview once. */
export interface VscodeApi {
  postMessage(message: PageMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** A question whose answer is still to come. */
interface Waiting {
  readonly resolve: (answer: Metrics | RequestPage) => void;
  readonly reject: (error: Error) => void;
}

/** The page's line to the window's side: questions with their answers, and news. */
export class HostLink {
  readonly #api: VscodeApi;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  /** `onNews` hears all that is no answer. */
  constructor(api: VscodeApi, onNews: (message: HostMessage) => void) {
    this.#api = api;
    addEventListener('message', ({ data }: MessageEvent<HostMessage>) => {
      if (typeof data?.kind !== 'string') return;
      if (!this.#answered(data)) onNews(data);
    });
  }

  send(message: PageMessage): void {
    this.#api.postMessage(message);
  }

  /** Rejects with why there are none, in the reader's language. */
  metrics(range: Range, filter: Filter): Promise<Metrics> {
    return this.#ask((ask) => ({ kind: 'askMetrics', ask, range, filter })) as Promise<Metrics>;
  }

  requests(query: RequestQuery): Promise<RequestPage> {
    return this.#ask((ask) => ({ kind: 'askRequests', ask, query })) as Promise<RequestPage>;
  }

  #ask(question: (ask: number) => PageMessage): Promise<Metrics | RequestPage> {
    this.#asked += 1;
    const ask = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject });
      this.send(question(ask));
    });
  }

  #answered(message: HostMessage): boolean {
    if (!('ask' in message)) return false;
    const waiting = this.#waiting.get(message.ask);
    this.#waiting.delete(message.ask);
    if (message.kind === 'metrics') waiting?.resolve(message.metrics);
    else if (message.kind === 'requests') waiting?.resolve(message.page);
    else waiting?.reject(new Error(message.message));
    return true;
  }
}
