import type { Instant } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { EndpointConfig } from '../config/config.ts';

/**
 * How connections to an endpoint leave this machine: by the name service, by a literal address, not at all (loopback), or
 * through the proxy of that URL. Trouble of one way says nothing of the others.
 */
export type WayOut = 'names' | 'addresses' | 'loopback' | `proxy ${string}`;

/** The way out to an endpoint; `httpProxy` is the one that connections to it really go through. */
export function wayOut({ baseUrl }: Pick<EndpointConfig, 'baseUrl'>, httpProxy: string | undefined): WayOut {
  if (httpProxy !== undefined) return `proxy ${httpProxy}`;
  const { hostname } = new URL(baseUrl);
  if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return 'loopback';
  return /^(?:\d+(?:\.\d+){3}|\[.*\])$/.test(hostname) ? 'addresses' : 'names';
}

/** Trouble between this machine and all that lies that way. */
export interface NetworkTrouble {
  readonly kind: 'offline' | 'proxy';
  readonly way: WayOut;
  /** For people, as in an outcome: `offline: ENOTFOUND`, `network proxy: ECONNREFUSED`. */
  readonly reason: string;
  readonly sinceWallMs: number;
}

/**
 * The one flag for trouble that is this machine's and no endpoint's (behaviour.md §2, row 2): it has no network, or its
 * proxy fails. Raised by requests, lifted by anything that gets through that way.
 */
export class NetworkState {
  /** Tells each time that the flag is raised or lifted. */
  readonly changed: Emitter<NetworkTrouble | undefined>;
  #trouble: NetworkTrouble | undefined;

  constructor(onError: (error: unknown) => void) {
    this.changed = new Emitter(onError);
  }

  get trouble(): NetworkTrouble | undefined {
    return this.#trouble;
  }

  /** Nothing gets through that way. What is known already stays as it is, its beginning most of all. */
  failed(way: WayOut, reason: string, now: Instant): void {
    if (this.#trouble !== undefined) return;
    this.#trouble = { kind: way.startsWith('proxy ') ? 'proxy' : 'offline', way, reason, sinceWallMs: now.wall };
    this.changed.emit(this.#trouble);
  }

  /** Something that lies that way has answered. */
  reached(way: WayOut): void {
    if (this.#trouble?.way !== way) return;
    this.#trouble = undefined;
    this.changed.emit(undefined);
  }
}
