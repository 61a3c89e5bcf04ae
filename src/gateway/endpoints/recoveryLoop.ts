import type { Clock, Instant } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import { Lookout } from '../../base/lookout.ts';
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
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
}

interface Due {
  readonly why: 'failed' | 'unpaid';
  readonly atMs: number;
  readonly gapMs: number;
  /** It was back in use meanwhile. */
  readonly isOver: boolean;
}

const lookMs = 1000;
const maxGapMs = 5 * minuteMs;

/**
 * Asks in the background whether endpoints are back that are paused, whose key is refused or without money, or whose last
 * check failed
 * (behaviour.md §5). Works from
 * the live state, so there is nothing to keep in step; backs off from the configured interval to five minutes; asks one
 * endpoint of a host at a time.
 */
export class RecoveryLoop implements Disposable {
  readonly #options: RecoveryOptions;
  readonly #due = new Map<string, Due>();
  #lookout: Lookout | undefined;
  #intervalMs = minuteMs;
  readonly #askedHosts = new Set<string>();

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  configure({ enabled, intervalSeconds }: Config['recovery']): void {
    this.#intervalMs = intervalSeconds * secondMs;
    this.dispose();
    if (!enabled) return;
    this.#lookout = new Lookout({ soonMs: Math.min(lookMs, this.#intervalMs), look: () => this.#look() });
    this.poke();
  }

  /** The state of an endpoint or of the network may have changed, or a probe has ended. */
  poke(): void {
    this.#lookout?.poke();
  }

  dispose(): void {
    this.#lookout?.dispose();
    this.#lookout = undefined;
  }

  #look(): number {
    const { clock, endpoints, network, probe, changesInMs } = this.#options;
    const nextMs = changesInMs();
    const now = clock.now();
    for (const id of this.#due.keys()) if (!endpoints.byId.has(id)) this.#due.delete(id);
    for (const endpoint of endpoints.byId.values()) {
      const { host, way } = endpoint.state;
      if (way === network.trouble?.way || this.#askedHosts.has(host) || !this.#isDue(endpoint, now)) continue;
      this.#askedHosts.add(host);
      void probe(endpoint).finally(() => {
        this.#askedHosts.delete(host);
        this.poke();
      });
    }
    return Math.min(nextMs, this.#nextDueMs(now));
  }

  /** Those that are overdue wait for their host's answer, or for the network, which poke. */
  #nextDueMs(now: Instant): number {
    const waits = [...this.#due.values()].map(({ atMs }) => atMs - now.mono);
    return Math.min(...waits.filter((ms) => ms > 0));
  }

  #isDue({ state }: Endpoint, now: Instant): boolean {
    const { id } = state.config;
    const why = doubtAbout(state, now);
    let due = this.#due.get(id);
    if (due?.isOver && now.mono - due.atMs >= maxGapMs) due = undefined;
    if (why === undefined) {
      // A key without money may be accepted by the probe and refused by the request after it: it is still backed off from.
      if (due?.why === 'unpaid' && now.mono - due.atMs < maxGapMs) this.#due.set(id, { ...due, isOver: true });
      else this.#due.delete(id);
      return false;
    }
    if (due !== undefined && !due.isOver && now.mono < due.atMs) return false;
    const gapMs = due === undefined ? this.#intervalMs : Math.min(due.gapMs * 2, maxGapMs);
    const atMs = now.mono + gapMs * (0.8 + this.#options.random() * 0.4);
    this.#due.set(id, { why, atMs, gapMs, isOver: false });
    return due !== undefined && !due.isOver;
  }
}

/** Why only a check can tell what has become of an endpoint: no request goes there, or none has to. */
function doubtAbout(state: EndpointState, now: Instant): Due['why'] | undefined {
  const name = state.stateName(now);
  if (name === 'cooling' && state.cooldowns.restsUnpaid(now)) return 'unpaid';
  if (name === 'open' || name === 'suspended') return 'failed';
  if (name === 'halfOpen') return state.isUsable(now) ? undefined : 'failed';
  return name === 'degraded' && state.lastKnown?.kind === 'failedCheck' ? 'failed' : undefined;
}
