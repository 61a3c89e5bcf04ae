import type { Clock } from '../../base/clock.ts';
import type { EndpointSnapshot, WarmUpPurpose, WarmUpResult } from '../../contract/snapshot.ts';
import type { SessionAffinity } from '../../core/routing/affinity.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import type { EndpointProbes } from '../endpoints/endpointProbes.ts';
import type { EndpointSet } from '../endpoints/endpointSet.ts';
import type { Override } from '../endpoints/override.ts';

export interface NodeActionsOptions {
  readonly clock: Clock;
  readonly endpoints: EndpointSet;
  readonly affinity: SessionAffinity;
  readonly probes: EndpointProbes;
  readonly override: Override;
  readonly endpointSnapshot: (endpointId: string) => EndpointSnapshot | undefined;
  /** The state that windows show has changed. */
  readonly onChange: () => void;
}

/** A person's actions on endpoints and sessions. Each returns its result; undefined when no endpoint or session has this id. */
export class NodeActions {
  readonly #options: NodeActionsOptions;

  constructor(options: NodeActionsOptions) {
    this.#options = options;
  }

  /** Overrides the configuration's `enabled` until that changes. Enabling also resets the endpoint's state. */
  setEnabled(id: string, isEnabled: boolean): EndpointSnapshot | undefined {
    const { clock, affinity } = this.#options;
    return this.#act(id, ({ state }) => {
      state.enabledOverride = isEnabled;
      if (isEnabled) state.reset(clock.now());
      else affinity.loseAll(id);
    });
  }

  /** Clears breaker, cooldowns and suspension; sessions stay bound. */
  reset(id: string): EndpointSnapshot | undefined {
    return this.#act(id, ({ state }) => state.reset(this.#options.clock.now()));
  }

  resetAll(): readonly string[] {
    const ids = [...this.#options.endpoints.byId.keys()];
    for (const id of ids) this.reset(id);
    return ids;
  }

  async warmUp(id: string): Promise<WarmUpResult | undefined> {
    return this.#ask(id, 'warm-up');
  }

  /** Warms up all endpoints that are enabled and have a key. */
  async warmUpAll(): Promise<readonly WarmUpResult[]> {
    const { endpoints, probes } = this.#options;
    const usable = [...endpoints.byId.values()].filter(({ state }) => state.isEnabled && state.hasKey);
    return Promise.all(usable.map((endpoint) => probes.run(endpoint, 'warm-up')));
  }

  /** Asks an endpoint at once whether it is back; success moves an open breaker to half-open (behaviour.md §5). */
  async probe(id: string): Promise<WarmUpResult | undefined> {
    return this.#ask(id, 'probe');
  }

  unbind(sessionId: string): { readonly unbound: number } | undefined {
    const isUnbound = this.#options.affinity.unbind(sessionId);
    this.#options.onChange();
    return isUnbound ? { unbound: 1 } : undefined;
  }

  unbindAll(): { readonly unbound: number } {
    const unbound = this.#options.affinity.unbindAll();
    this.#options.onChange();
    return { unbound };
  }

  moveSession(sessionId: string, endpointId: string) {
    const { affinity, clock, endpoints } = this.#options;
    if (!endpoints.byId.has(endpointId)) return undefined;
    const isMoved = affinity.move(sessionId, endpointId, clock.now().mono);
    this.#options.onChange();
    return isMoved ? { moved: sessionId, endpointId } : undefined;
  }

  setOverride(endpointId: string, minutes: number) {
    const { clock, endpoints, override } = this.#options;
    if (!endpoints.byId.has(endpointId)) return undefined;
    const now = clock.now();
    override.set(endpointId, minutes, now);
    this.#options.onChange();
    return override.snapshot(now);
  }

  clearOverride(): { readonly override: null } {
    this.#options.override.clear();
    this.#options.onChange();
    return { override: null };
  }

  async #ask(id: string, purpose: WarmUpPurpose): Promise<WarmUpResult | undefined> {
    const { endpoints, probes } = this.#options;
    const endpoint = endpoints.byId.get(id);
    return endpoint === undefined ? undefined : probes.run(endpoint, purpose);
  }

  #act(id: string, action: (endpoint: Endpoint) => void): EndpointSnapshot | undefined {
    const endpoint = this.#options.endpoints.byId.get(id);
    if (endpoint === undefined) return undefined;
    action(endpoint);
    this.#options.onChange();
    return this.#options.endpointSnapshot(id);
  }
}
