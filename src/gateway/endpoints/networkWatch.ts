import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { NetworkState, NetworkTrouble } from '../../core/endpoint/networkState.ts';
import { reasonInEnglish } from '../../core/outcome/reason.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import type { EndpointSet } from './endpointSet.ts';

export interface NetworkWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly network: NetworkState;
  readonly endpoints: EndpointSet;
  /** Whether an endpoint answers, asked without spending a token. */
  readonly isReached: (endpoint: Endpoint) => Promise<boolean>;
}

const lookMs = 1000;
const firstGapMs = 2000;
const maxGapMs = 15_000;
/** A timer this late means that the machine slept. */
const sleptMs = 5000;

const troubleTexts: Readonly<Record<NetworkTrouble['kind'], string>> = {
  offline: 'this machine is offline',
  proxy: 'the network proxy fails',
  machine: 'this machine has nothing left to open a connection with',
};

/**
 * While this machine has no network, or its proxy fails, asks endpoints whether that is over: after two seconds, then less
 * often, and at once after the machine has slept (behaviour.md §2, row 2). Idle otherwise.
 */
export class NetworkWatch implements Disposable {
  readonly #options: NetworkWatchOptions;
  readonly #subscription: Disposable;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #lastLookWallMs = 0;
  #dueMs = 0;
  #gapMs = firstGapMs;

  constructor(options: NetworkWatchOptions) {
    this.#options = options;
    this.#subscription = options.network.changed.on(() => this.#changed());
  }

  dispose(): void {
    this.#subscription.dispose();
    clearInterval(this.#timer);
  }

  #changed(): void {
    const { network, logger, clock } = this.#options;
    const { trouble } = network;
    clearInterval(this.#timer);
    if (trouble === undefined) {
      logger.info('connections can be made again');
      return;
    }
    const { kind, reason } = trouble;
    logger.warn(troubleTexts[kind], {
      reason: reasonInEnglish(reason),
    });
    const now = clock.now();
    this.#gapMs = firstGapMs;
    this.#dueMs = now.mono + firstGapMs;
    this.#lastLookWallMs = now.wall;
    this.#timer = setInterval(() => void this.#look(), lookMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const now = this.#options.clock.now();
    const hasSlept = now.wall - this.#lastLookWallMs > lookMs + sleptMs;
    this.#lastLookWallMs = now.wall;
    if (hasSlept) this.#gapMs = firstGapMs;
    if (this.#isAsking || (!hasSlept && now.mono < this.#dueMs)) return;
    this.#isAsking = true;
    try {
      await this.#ask();
    } finally {
      this.#isAsking = false;
      this.#gapMs = Math.min(this.#gapMs * 1.5, maxGapMs);
      this.#dueMs = this.#options.clock.now().mono + this.#gapMs;
    }
  }

  /** One answer from an endpoint on this way out ends the trouble; so does a configuration that leaves no endpoint there. */
  async #ask(): Promise<void> {
    const { network, endpoints, isReached } = this.#options;
    const way = network.trouble?.way;
    const there = [...endpoints.byId.values()].filter(({ state }) => state.way === way && state.isEnabled);
    const answers = await Promise.all(there.map(isReached));
    if (way !== undefined && (there.length === 0 || answers.includes(true))) network.reached(way, 'new');
  }
}
