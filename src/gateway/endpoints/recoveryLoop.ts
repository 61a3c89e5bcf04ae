import type { Clock, Instant } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import { minuteMs, secondMs } from '../../base/time.ts';
import type { Config } from '../../core/config/config.ts';
import type { EndpointState } from '../../core/endpoint/endpointState.ts';
import type { NetworkState } from '../../core/endpoint/networkState.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import type { EndpointSet } from './endpointSet.ts';

export interface RecoveryOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly endpoints: EndpointSet;
  /** Endpoints on a way out of this machine that is in trouble are not asked. */
  readonly network: NetworkState;
  readonly probe: (endpoint: Endpoint) => Promise<unknown>;
}

const lookMs = 1000;
const maxGapMs = 5 * minuteMs;

/**
 * Asks in the background whether endpoints are back that are paused, whose key is refused, or whose last check failed
 * (behaviour.md §5). Works from
 * the live state, so there is nothing to keep in step; backs off from the configured interval to five minutes; asks one
 * endpoint of a host at a time.
 */
export class RecoveryLoop implements Disposable {
  readonly #options: RecoveryOptions;
  readonly #due = new Map<string, { atMs: number; gapMs: number }>();
  #timer: NodeJS.Timeout | undefined;
  #intervalMs = minuteMs;
  readonly #askedHosts = new Set<string>();

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  configure({ enabled, intervalSeconds }: Config['recovery']): void {
    this.#intervalMs = intervalSeconds * secondMs;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!enabled) return;
    this.#timer = setInterval(() => this.#look(), Math.min(lookMs, this.#intervalMs));
    this.#timer.unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { endpoints, network, probe } = this.#options;
    for (const id of this.#due.keys()) if (!endpoints.byId.has(id)) this.#due.delete(id);
    for (const endpoint of endpoints.byId.values()) {
      const { host, way } = endpoint.state;
      if (way === network.trouble?.way || this.#askedHosts.has(host) || !this.#isDue(endpoint)) continue;
      this.#askedHosts.add(host);
      void probe(endpoint).finally(() => this.#askedHosts.delete(host));
    }
  }

  #isDue({ state }: Endpoint): boolean {
    const now = this.#options.clock.now();
    const { id } = state.config;
    if (!isInDoubt(state, now)) {
      this.#due.delete(id);
      return false;
    }
    const due = this.#due.get(id);
    if (due !== undefined && now.mono < due.atMs) return false;
    const gapMs = due === undefined ? this.#intervalMs : Math.min(due.gapMs * 2, maxGapMs);
    this.#due.set(id, { atMs: now.mono + gapMs * (0.8 + this.#options.random() * 0.4), gapMs });
    return due !== undefined;
  }
}

/** Whether only a check can tell what has become of an endpoint: no request goes there, or none has to. */
function isInDoubt(state: EndpointState, now: Instant): boolean {
  const name = state.stateName(now);
  if (name === 'open' || name === 'suspended') return true;
  if (name === 'halfOpen') return !state.isUsable(now);
  return name === 'degraded' && state.lastKnown?.kind === 'failedCheck';
}
