import type { Instant } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { EndpointConfig } from '../config/config.ts';
import type { Reason } from '../outcome/reason.ts';

/**
 * The network path by which connections leave this machine: by host name, by literal address, not at all (loopback), or
 * through the proxy with that URL. Trouble on one path says nothing about the others.
 */
export type WayOut = 'names' | 'addresses' | 'loopback' | `proxy ${string}`;

/** The network path to an endpoint; `httpProxy` is the proxy that its connections really use. */
export function wayOut({ baseUrl }: Pick<EndpointConfig, 'baseUrl'>, httpProxy: string | undefined): WayOut {
  if (httpProxy !== undefined) return `proxy ${httpProxy}`;
  const { hostname } = new URL(baseUrl);
  if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return 'loopback';
  return /^(?:\d+(?:\.\d+){3}|\[.*\])$/.test(hostname) ? 'addresses' : 'names';
}

/** Trouble between this machine and everything on that path. */
export interface NetworkTrouble {
  readonly kind: 'offline' | 'proxy';
  readonly way: WayOut;
  /** That of the outcome: `offline`, `networkProxy`. */
  readonly reason: Reason;
  readonly sinceWallMs: number;
}

/**
 * The flag for trouble of this machine rather than of an endpoint (behaviour.md §2, row 2): no network, or a failing proxy.
 * Raised by requests, lifted by anything that gets through on that path.
 */
export class NetworkState {
  /** Emits whenever the flag is raised or lifted. */
  readonly changed: Emitter<NetworkTrouble | undefined>;
  #trouble: NetworkTrouble | undefined;

  constructor(onError: (error: unknown) => void) {
    this.changed = new Emitter(onError);
  }

  get trouble(): NetworkTrouble | undefined {
    return this.#trouble;
  }

  /** Raises the flag: nothing gets through on that path. A flag that is already up keeps its start. */
  failed(way: WayOut, reason: Reason, now: Instant): void {
    if (this.#trouble !== undefined) return;
    this.#trouble = { kind: way.startsWith('proxy ') ? 'proxy' : 'offline', way, reason, sinceWallMs: now.wall };
    this.changed.emit(this.#trouble);
  }

  /** Lifts the flag: something on that path has answered. */
  reached(way: WayOut): void {
    if (this.#trouble?.way !== way) return;
    this.#trouble = undefined;
    this.changed.emit(undefined);
  }
}
