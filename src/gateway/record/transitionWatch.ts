import type { Clock, Instant } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import { Lookout } from '../../base/lookout.ts';
import type { EndpointState, EndpointStateName } from '../../core/endpoint/endpointState.ts';
import { stateReason } from '../../core/endpoint/stateReason.ts';
import { type Told, told } from '../../core/outcome/reason.ts';
import type { Transition } from '../../store/file/writer.ts';

export interface TransitionWatchOptions {
  readonly clock: Clock;
  readonly states: () => readonly EndpointState[];
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
  readonly onTransitions: (transitions: readonly Transition[]) => void;
}

const lookMs = 200;

/** Reports when endpoints enter another state; compares some time after a change, so that no request waits for it. */
export class TransitionWatch implements Disposable {
  readonly #options: TransitionWatchOptions;
  readonly #lookout: Lookout;
  readonly #known = new Map<string, EndpointStateName>();

  constructor(options: TransitionWatchOptions) {
    this.#options = options;
    const look = (): number => {
      const nextMs = options.changesInMs();
      this.#look();
      return nextMs;
    };
    this.#lookout = new Lookout({ soonMs: lookMs, look });
  }

  /** The state of an endpoint may have changed. */
  poke(): void {
    this.#lookout.poke();
  }

  #look(): void {
    const { clock, states, onTransitions } = this.#options;
    const now = clock.now();
    const found = new Map(states().map((state) => [state.config.id, state] as const));
    const transitions: Transition[] = [];
    for (const [endpointId, state] of found) {
      const name = state.stateName(now);
      if (this.#known.get(endpointId) === name) continue;
      this.#known.set(endpointId, name);
      transitions.push({ atMs: now.wall, endpointId, state: name, ...reasonOf(state, now) });
    }
    for (const endpointId of [...this.#known.keys()].filter((id) => !found.has(id))) {
      this.#known.delete(endpointId);
      transitions.push(ended(endpointId, now.wall));
    }
    if (transitions.length > 0) onTransitions(transitions);
  }

  /** Reports the current states again, for a store that has restarted. */
  replay(): void {
    this.#known.clear();
    this.poke();
  }

  /** Reports no end of the watch: the next process finds it out, as it must after a kill. */
  dispose(): void {
    this.#lookout.dispose();
  }
}

function ended(endpointId: string, atMs: number): Transition {
  return { atMs, endpointId, state: null, reason: '' };
}

function reasonOf(state: EndpointState, now: Instant): Told {
  const reason = stateReason(state, now);
  return reason === undefined ? { reason: '' } : told(reason);
}
