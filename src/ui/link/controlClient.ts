import type { IncomingMessage } from 'node:http';
import type { CheckAnswer, ConfigAnswer, KeysAnswer, ProblemsAnswer, SettingsRequest } from '../../contract/control.ts';
import type { HandOverAnswer, HandOverRequest } from '../../contract/handOver.ts';
import type { Metrics, RequestPage } from '../../contract/metrics.ts';
import { settingsMark } from '../../contract/settingsMark.ts';
import type { EndpointSnapshot, Snapshot, WarmUpResult } from '../../contract/snapshot.ts';
import { ControlConnection, textOf } from './controlConnection.ts';
import type { GatewayProgram } from './gatewayProgram.ts';

/** The gateway refused a control request or could not be reached; `problems` describe errors in the request. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  /** The HTTP status; undefined without an answer. */
  readonly status: number | undefined;
  readonly problems: ProblemsAnswer['problems'];

  constructor(status: number | undefined, problems: ProblemsAnswer['problems']) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; '));
    this.status = status;
    this.problems = problems;
  }
}

/** Above the duration of the slowest call, a check with the longest timeouts; a stopped process never answers. */
const longestCallMs = 90_000;
/** Longer than a hand-over takes. */
const handOverMs = 25_000;
const askAgainMs = 100;

/** The calls of the control API. Each uses its own connection, which is verified first. Rejects with `ControlError`. */
export class ControlClient {
  readonly port: number;
  readonly #token: string;
  readonly #withinMs: number;

  constructor(port: number, token: string, withinMs = longestCallMs) {
    this.port = port;
    this.#token = token;
    this.#withinMs = withinMs;
  }

  status(): Promise<Snapshot> {
    return this.#call('GET', '/signalbox/status');
  }

  /** The mark by which the gateway identifies these settings. */
  markOf(document: unknown): string {
    return settingsMark(document, this.#token);
  }

  putSettings(settings: SettingsRequest): Promise<ConfigAnswer> {
    return this.#call('PUT', '/signalbox/settings', settings);
  }

  /** `settings`: the mark of the settings that the keys belong to. */
  putKeys(keys: Readonly<Record<string, string | null>>, settings?: string): Promise<KeysAnswer> {
    return this.#call('PUT', '/signalbox/keys', { keys, ...(settings === undefined ? {} : { settings }) });
  }

  check(endpoint: unknown, key: string | null, signal: AbortSignal): Promise<CheckAnswer> {
    return this.#call('POST', '/signalbox/check', { endpoint, key }, signal);
  }

  warmUp(endpointId: string, signal?: AbortSignal): Promise<WarmUpResult> {
    return this.#call('POST', `/signalbox/endpoints/${endpointId}/warmup`, undefined, signal);
  }

  probe(endpointId: string, signal?: AbortSignal): Promise<WarmUpResult> {
    return this.#call('POST', `/signalbox/endpoints/${endpointId}/probe`, undefined, signal);
  }

  reset(endpointId: string): Promise<EndpointSnapshot> {
    return this.#call('POST', `/signalbox/endpoints/${endpointId}/reset`);
  }

  resetAll(): Promise<unknown> {
    return this.#call('POST', '/signalbox/reset');
  }

  setEnabled(endpointId: string, isEnabled: boolean): Promise<EndpointSnapshot> {
    return this.#call('POST', `/signalbox/endpoints/${endpointId}/${isEnabled ? 'enable' : 'disable'}`);
  }

  unbind(sessionId: string): Promise<{ readonly unbound: number }> {
    return this.#call('DELETE', `/signalbox/sessions/${sessionId}`);
  }

  unbindAll(): Promise<{ readonly unbound: number }> {
    return this.#call('DELETE', '/signalbox/sessions');
  }

  move(sessionId: string, endpointId: string): Promise<unknown> {
    return this.#call('PUT', `/signalbox/sessions/${sessionId}`, { endpointId });
  }

  setOverride(endpointId: string, minutes: number): Promise<unknown> {
    return this.#call('PUT', '/signalbox/override', { endpointId, minutes });
  }

  clearOverride(): Promise<unknown> {
    return this.#call('DELETE', '/signalbox/override');
  }

  /** Makes this program take over the socket of the process `pid`. Resolves when it serves. */
  handOver(pid: number, { runtime, path, env }: GatewayProgram): Promise<HandOverAnswer> {
    const request = { pid, runtime, program: path, env } satisfies HandOverRequest;
    return this.#call('POST', '/signalbox/handover', request);
  }

  shutdown(): Promise<unknown> {
    return this.#call('POST', '/signalbox/shutdown');
  }

  /** `query` as defined in `contract/metrics.ts`. */
  metrics(query: string): Promise<Metrics> {
    return this.#call('GET', `/signalbox/metrics?${query}`);
  }

  requests(query: string): Promise<RequestPage> {
    return this.#call('GET', `/signalbox/metrics/requests?${query}`);
  }

  /** Streams all requests of a range to `receive`; the connection stays open as long as needed. */
  exportRequests(
    query: string,
    signal: AbortSignal,
    receive: (records: IncomingMessage) => Promise<void>,
  ): Promise<void> {
    return this.#call('GET', `/signalbox/metrics/export?${query}`, undefined, signal, receive);
  }

  /** A gateway that hands over asks to be asked again: by then its successor answers. */
  async #call<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    receive: (response: IncomingMessage) => Promise<T> = answerOf,
  ): Promise<T> {
    const endMs = performance.now() + handOverMs;
    for (;;) {
      try {
        return await this.#callOnce(method, path, body, signal, receive);
      } catch (error) {
        const isHandingOver = error instanceof ControlError && error.problems[0]?.why?.code === 'handingOver';
        if (!isHandingOver || performance.now() > endMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, askAgainMs));
      }
    }
  }

  async #callOnce<T>(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
    receive: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const connection = new ControlConnection(this.port, this.#token);
    // Streamed answers have no overall deadline.
    const limit = receive === answerOf ? AbortSignal.timeout(this.#withinMs) : undefined;
    try {
      const hello = await connection.hello();
      if (hello.kind !== 'ok') throw new Error('the gateway does not answer');
      const signals = [signal, limit].filter((one) => one !== undefined);
      const response = await connection.ask(method, path, body, AbortSignal.any(signals));
      return await ((response.statusCode ?? 0) < 400 ? receive(response) : answerOf<T>(response));
    } catch (error) {
      if (error instanceof ControlError) throw error;
      const told = error instanceof Error ? error.message : String(error);
      const message = limit?.aborted === true ? 'the gateway does not answer' : told;
      throw new ControlError(undefined, [{ path: '', message }]);
    } finally {
      connection.close();
    }
  }

  /** Opens the event stream, whose first event is a whole snapshot. Ends with `signal`. Rejects without a stream. */
  async events(signal: AbortSignal): Promise<IncomingMessage> {
    const connection = new ControlConnection(this.port, this.#token);
    const end = (): void => {
      signal.removeEventListener('abort', end);
      connection.close();
    };
    signal.addEventListener('abort', end);
    try {
      const hello = await connection.hello();
      if (hello.kind !== 'ok') throw new Error('the gateway does not answer');
      const response = await connection.ask('GET', '/signalbox/events', undefined, signal);
      // Not reused: a gateway that hands over would wait for this connection.
      return response.once('close', end);
    } catch (error) {
      end();
      throw error;
    }
  }
}

async function answerOf<T>(response: IncomingMessage): Promise<T> {
  return judged(response.statusCode ?? 0, await textOf(response)) as T;
}

function judged(status: number, text: string): unknown {
  const answer = JSON.parse(text) as unknown;
  if (status < 400) return answer;
  const { problems } = answer as Partial<ProblemsAnswer>;
  throw new ControlError(status, problems ?? [{ path: '', message: `answered ${status}` }]);
}
