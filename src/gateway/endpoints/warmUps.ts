import type { Clock } from '../../base/clock.ts';
import type { RedactingLogger } from '../../base/logger.ts';
import type { WarmUpResult } from '../../contract/snapshot.ts';
import type { NetworkState } from '../../core/endpoint/networkState.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import { warmUp } from './warmUp.ts';

/** Told what a warm-up or probe has shown, with the word for it in the log. */
export type OnWarmUp = (what: string, result: WarmUpResult) => void;

/** Warms endpoints up, or probes them, and remembers what came of it last. */
export class WarmUps {
  readonly #clock: Clock;
  readonly #logger: RedactingLogger;
  readonly #via: string;
  readonly #network: NetworkState;
  readonly #onResult: OnWarmUp;
  readonly #last = new Map<string, WarmUpResult>();

  constructor(clock: Clock, logger: RedactingLogger, via: string, network: NetworkState, onResult: OnWarmUp) {
    this.#clock = clock;
    this.#network = network;
    this.#via = via;
    this.#logger = logger;
    this.#onResult = onResult;
  }

  last(endpointId: string): WarmUpResult | undefined {
    return this.#last.get(endpointId);
  }

  /**
   * Asks an endpoint; `what` is the word for it in the log. That it answers moves an open breaker to half-open, that it
   * takes the key lifts a suspension (behaviour.md §5).
   */
  async run(endpoint: Endpoint, what: string): Promise<WarmUpResult> {
    const { state } = endpoint;
    const result = await this.#ask(endpoint);
    this.#last.set(state.config.id, result);
    if (result.isReachable) state.probed(result.key === 'ok', this.#clock.now());
    this.#logger[result.isReachable && result.key !== 'refused' ? 'info' : 'warn'](what, {
      endpoint: state.config.id,
      class: result.class,
      reason: result.reason,
      key: result.key,
      connectMs: rounded(result.connectMs),
      firstByteMs: rounded(result.firstByteMs),
    });
    this.#onResult(what, result);
    return result;
  }

  /** Whether an endpoint answers at all; leaves no trace. */
  async isReached(endpoint: Endpoint): Promise<boolean> {
    return (await this.#ask(endpoint)).firstByteMs !== null;
  }

  async #ask({ state, pool, key, basePath }: Endpoint): Promise<WarmUpResult> {
    const target = { config: state.config, pool, key, basePath };
    const redact = (text: string): string => this.#logger.redact(text);
    const result = await warmUp(target, this.#clock, this.#via, redact);
    if (result.firstByteMs !== null) this.#network.reached(state.way);
    return result;
  }
}

function rounded(ms: number | null): number | undefined {
  return ms === null ? undefined : Math.round(ms * 10) / 10;
}
