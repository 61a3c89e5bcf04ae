import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { RedactingLogger } from '../../base/logger.ts';
import type { Config } from '../../core/config/config.ts';
import { NetworkState } from '../../core/endpoint/networkState.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import { NetworkWatch } from './networkWatch.ts';
import { RecoveryLoop } from './recoveryLoop.ts';
import { type OnWarmUp, WarmUps } from './warmUps.ts';

export interface BackgroundChecksOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: RedactingLogger;
  /** Our entry in `via`. */
  readonly via: string;
  readonly endpoints: () => readonly Endpoint[];
  /** Something has been found out that windows show. */
  readonly onChange: () => void;
  readonly onWarmUp: OnWarmUp;
}

/** All that asks endpoints without a client's request: warm-up, recovery, and the watch over the machine's own network. */
export class BackgroundChecks implements Disposable {
  readonly network: NetworkState;
  readonly warmUps: WarmUps;
  readonly #recovery: RecoveryLoop;
  readonly #life = new DisposableStore();

  constructor({ clock, random, logger, via, endpoints, onChange, onWarmUp }: BackgroundChecksOptions) {
    this.network = new NetworkState((error) => logger.error('network state', { error: String(error) }));
    this.warmUps = new WarmUps(clock, logger, via, this.network, (what, result) => {
      onWarmUp(what, result);
      onChange();
    });
    const isReached = (endpoint: Endpoint) => this.warmUps.isReached(endpoint);
    this.#life.add(new NetworkWatch({ clock, network: this.network, endpoints, isReached, logger }));
    this.#life.add(this.network.changed.on(onChange));
    this.#recovery = this.#life.add(
      new RecoveryLoop({
        clock,
        random,
        endpoints,
        closedWay: () => this.network.trouble?.way,
        probe: async (endpoint) => void (await this.warmUps.run(endpoint, 'recovery probe')),
      }),
    );
  }

  configure(recovery: Config['recovery']): void {
    this.#recovery.configure(recovery);
  }

  dispose(): void {
    this.#life.dispose();
  }
}
