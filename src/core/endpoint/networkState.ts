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
  /** `machine`: no descriptor, port or memory is left for a connection. */
  readonly kind: 'offline' | 'proxy' | 'machine';
  readonly way: WayOut;
  /** That of the outcome: `offline`, `networkProxy`, `machineShort`. */
  readonly reason: Reason;
  readonly sinceWallMs: number;
}

/**
 * The flag for trouble of this machine rather than of an endpoint (behaviour.md §2, row 2): no network, a failing proxy, or
 * nothing left to open a connection with. Raised by requests, lifted by anything that gets through on that path.
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
    this.#trouble = { kind: kindOf(way, reason), way, reason, sinceWallMs: now.wall };
    this.changed.emit(this.#trouble);
  }

  /** Lifts the flag: something on that path has answered, on a connection opened for it or on one that was kept. */
  reached(way: WayOut, connection: 'new' | 'kept'): void {
    if (this.#trouble?.way !== way) return;
    // A kept connection is no proof that another one can be opened.
    if (this.#trouble.kind === 'machine' && connection === 'kept') return;
    this.#trouble = undefined;
    this.changed.emit(undefined);
  }
}

function kindOf(way: WayOut, reason: Reason): NetworkTrouble['kind'] {
  if (reason.code === 'machineShort') return 'machine';
  return way.startsWith('proxy ') ? 'proxy' : 'offline';
}
