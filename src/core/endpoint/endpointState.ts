import type { Instant } from '../../base/clock.ts';
import type { EndpointConfig } from '../config/config.ts';
import { modelFamily } from '../config/modelName.ts';
import { failureMeaning } from '../outcome/failureMeaning.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { policies } from '../outcome/policies.ts';
import { type Reason, reasonKept, type Told } from '../outcome/reason.ts';
import {
  type BreakerOptions,
  type BreakerState,
  CircuitBreaker,
  type Permit,
  type SavedBreaker,
} from './circuitBreaker.ts';
import { type ActiveCooldown, Cooldowns, type SavedCooldowns } from './cooldowns.ts';
import { KeySuspension, missingKeyReason, type SavedSuspension, type Suspension } from './keySuspension.ts';
import { isUnreached, type LastKnown } from './lastKnown.ts';
import { LatencyWindow } from './latencyWindow.ts';
import { MissingPaths } from './missingPaths.ts';
import { type WayOut, wayOut } from './networkState.ts';
import { QuotaWatch } from './quotaWatch.ts';
import { RefusedFields } from './refusedFields.ts';
import { type SavedTimes, savedReason } from './savedTimes.ts';

/** The states of behaviour.md §9; an endpoint shows the most important one. */
export type EndpointStateName =
  | 'healthy'
  | 'unused'
  | 'degraded'
  | 'cooling'
  | 'halfOpen'
  | 'open'
  | 'suspended'
  | 'disabled'
  | 'keyMissing';

/** Why an endpoint cannot take a request now. */
export interface Blockage {
  readonly state: 'cooling' | 'halfOpen' | 'open' | 'suspended' | 'disabled' | 'keyMissing';
  /** The state with its cause. */
  readonly reason: Reason;
  /** Monotonic; undefined if only a user action ends it. */
  readonly untilMs: number | undefined;
  /** The endpoint may still be used when no better one is left. */
  readonly isSoft: boolean;
  /** Applies to every request, not only to this model: sessions bound here lose their binding. */
  readonly blocksAllModels: boolean;
  /** The endpoint has said that it does not have the model. */
  readonly lacksModel?: boolean;
}

interface LastFailure {
  readonly class: Outcome['class'];
  readonly reason: Reason;
  readonly wallMs: number;
}

/** The result of a check: a warm-up, a probe, or the check of a new key. */
export interface CheckFound extends Pick<Outcome, 'class' | 'reason'> {
  /** It speaks for the endpoint: requests can be expected to succeed. */
  readonly isGood: boolean;
  /** The endpoint answered, whatever it said. */
  readonly isReachable: boolean;
  /** The key was accepted. */
  readonly isKeyGood: boolean;
}

/** An endpoint's state as plain data, for the next process. Times are wall clock; contains no key. */
export interface SavedEndpointState {
  readonly enabledOverride: boolean | null;
  readonly breaker: SavedBreaker;
  readonly cooldowns: SavedCooldowns;
  readonly suspension: SavedSuspension;
  readonly lastFailure: (Told & { readonly class: Outcome['class']; readonly atMs: number }) | null;
}

/**
 * The state of one endpoint: breaker, cooldowns, key suspension, run-time enable or disable, and recent results. Reading
 * changes nothing; results enter only through `settle`.
 */
export class EndpointState {
  readonly breaker: CircuitBreaker;
  readonly cooldowns: Cooldowns;
  readonly latency = new LatencyWindow();
  readonly missingPaths = new MissingPaths();
  readonly refusedFields = new RefusedFields();
  config: EndpointConfig;
  hasKey: boolean;
  /** The network path by which connections leave this machine. */
  way: WayOut;
  /** The source of the proxy on that path (see `ProxyChoice`); undefined without a proxy. */
  proxyFrom: string | undefined;
  /** Enabled or disabled at run time, overriding the configuration until that value changes. */
  enabledOverride: boolean | undefined;
  /** Requests under way that count against `maxConcurrent`. */
  inFlight = 0;
  /** Connections that requests under way use, those of token counts and the like included. */
  inUse = 0;
  /** The limit of `inUse`. */
  maxConnections = Number.POSITIVE_INFINITY;
  requestCount = 0;
  lastFailure: LastFailure | undefined;
  /** Undefined before the first request and check, and after a reset. */
  lastKnown: LastKnown | undefined;
  readonly #suspension = new KeySuspension();
  readonly #quota = new QuotaWatch();

  constructor(config: EndpointConfig, hasKey: boolean, breaker: BreakerOptions, random: () => number) {
    this.config = config;
    this.hasKey = hasKey;
    this.way = wayOut(config, undefined);
    this.breaker = new CircuitBreaker(breaker, random);
    this.cooldowns = new Cooldowns(random);
  }

  /** Host and port: endpoints on one host share overload. */
  get host(): string {
    return new URL(this.config.baseUrl).host;
  }

  get isEnabled(): boolean {
    return this.enabledOverride ?? this.config.enabled;
  }

  /** The reason why a request for this model cannot go here now; undefined if it can. */
  blockage(model: string | undefined, now: Instant): Blockage | undefined {
    if (!this.isEnabled) return { ...forAllModels, state: 'disabled', reason: { code: 'disabled' } };
    if (!this.hasKey) return { ...forAllModels, state: 'keyMissing', reason: missingKeyReason(this.config.apiKey) };
    const suspension = this.suspension(now);
    if (suspension !== undefined) {
      const reason: Reason = { code: 'keyRefused', because: suspension.reason };
      return { ...forAllModels, state: 'suspended', reason, untilMs: suspension.untilMonoMs };
    }
    const cooling = this.#cooling(model, now);
    const openUntilMs = this.breaker.blockedUntilMs(now.mono);
    if (openUntilMs === undefined) return cooling === undefined ? undefined : coolingBlockage(cooling);
    const isLonger = cooling !== undefined && !cooling.isSoft && cooling.untilMonoMs > openUntilMs;
    if (isLonger) return { ...coolingBlockage(cooling), blocksAllModels: true };
    const state = this.breaker.state(now.mono) === 'open' ? 'open' : 'halfOpen';
    const reason = state === 'open' ? this.#pauseReason() : this.trialReason();
    return { ...forAllModels, state, reason, untilMs: openUntilMs };
  }

  /** Whether a hard cooldown blocks requests for this model. */
  coolsHard(model: string | undefined, now: Instant): boolean {
    return this.#cooling(model, now)?.isSoft === false;
  }

  /** The current suspension of its key, if any. */
  suspension(now: Instant): Suspension | undefined {
    return this.#suspension.current(now);
  }

  /** Permission to send one request. The caller settles it on every path. */
  acquire(now: Instant): Permit | undefined {
    return this.breaker.acquire(now.mono);
  }

  /** Records the end of an attempt: the only place where results change state. */
  settle(permit: Permit, outcome: Outcome, model: string | undefined, now: Instant): void {
    const isSuccess = outcome.class === 'success';
    // A request that never left this machine says nothing about the endpoint, not even that it was used.
    if (outcome.class === 'localNetwork') this.requestCount -= 1;
    this.breaker.settle(permit, isSuccess ? 'success' : outcome.countsAgainstBreaker ? 'failure' : 'neutral', now.mono);
    if (isSuccess) {
      this.#suspension.accepted();
      this.#quota.clear();
    }
    if (isSuccess || outcome.countsAgainstBreaker) this.latency.addResult(isSuccess);
    const { class: causedBy, cooldown, reason } = outcome;
    if (isSuccess) this.lastKnown = { kind: 'good' };
    else if (!isNobodysFault(outcome)) {
      this.lastFailure = { class: causedBy, reason, wallMs: now.wall };
      // A failure of one model says nothing about the others; its cooldown says it of this one.
      const isOfOneModel = cooldown?.scope === 'model' || cooldown?.scope === 'family';
      if (!isOfOneModel) this.lastKnown = { kind: 'failedRequest', meaning: failureMeaning(outcome, 'requestFailed') };
    }
    if (cooldown === undefined) return;
    if (outcome.isQuota && this.#quota.refused(now.mono)) {
      const unpaid = policies.billing.cooldown;
      if (unpaid?.kind === 'until') this.cooldowns.begin(unpaid, { causedBy: 'billing', scope: 'key', reason }, now);
      return;
    }
    if (cooldown.kind === 'strike') this.#suspension.strike(reason, now);
    else this.cooldowns.begin(cooldown, { causedBy, scope: scopeName(cooldown.scope, model), reason }, now);
  }

  /**
   * Records a check. An answer of any kind ends the open time of the breaker, an accepted key lifts a suspension (behaviour.md
   * §5) and a rest for money without a documented end: the next request is the proof.
   */
  checked(found: CheckFound, now: Instant): void {
    if (found.isReachable) this.breaker.halfOpenNow(now.mono);
    if (found.isKeyGood) {
      this.#suspension.lift();
      this.cooldowns.endUnpaid();
    }
    if (found.class === 'localNetwork') return;
    const meaning = failureMeaning(found, found.isReachable ? 'checkFailed' : 'down');
    this.lastKnown = found.isGood ? { kind: 'good' } : { kind: 'failedCheck', meaning };
  }

  /** Forgets that it was not reached, for which this machine's own network was to blame; true if it was so. */
  forgetUnreached(): boolean {
    if (this.lastKnown === undefined || !isUnreached(this.lastKnown)) return false;
    this.lastKnown = undefined;
    return true;
  }

  /** Clears breaker, cooldowns and suspension: reset by hand, key changed, or endpoint enabled again. */
  reset(now: Instant): void {
    this.breaker.reset(now.mono);
    this.cooldowns.clear();
    this.missingPaths.clear();
    this.#suspension.lift();
    this.#quota.clear();
    this.lastFailure = undefined;
    this.lastKnown = undefined;
  }

  /** The state to save for the next process, without counts and times, which are reported since the start. */
  saved(now: Instant): SavedEndpointState {
    return {
      enabledOverride: this.enabledOverride ?? null,
      breaker: this.breaker.saved(now),
      cooldowns: this.cooldowns.saved(now),
      suspension: this.#suspension.saved(now),
      lastFailure: savedFailure(this.lastFailure),
    };
  }

  /**
   * Continues from the saved state of another process; the caller ensures that destination and key are the same. Nothing lasts
   * longer than it would have there; an open breaker returns as half-open.
   */
  restore(
    { enabledOverride, breaker, cooldowns, suspension, lastFailure }: SavedEndpointState,
    times: SavedTimes,
  ): void {
    this.enabledOverride = enabledOverride ?? undefined;
    this.breaker.restore(breaker, times);
    this.cooldowns.restore(cooldowns, times);
    this.#suspension.restore(suspension, times);
    this.lastFailure = lastFailure === null ? undefined : restoredFailure(lastFailure, times);
    const isFailing = breaker.state !== 'closed' || breaker.consecutiveFailures > 0;
    this.lastKnown =
      isFailing && this.lastFailure !== undefined
        ? { kind: 'failedRequest', meaning: failureMeaning(this.lastFailure, 'requestFailed') }
        : undefined;
  }

  /** The state shown to people (behaviour.md §9). */
  stateName(now: Instant): EndpointStateName {
    const blocked = this.blockage(undefined, now);
    if (blocked !== undefined) return blocked.state;
    const breaker: BreakerState = this.breaker.state(now.mono);
    if (breaker === 'halfOpen') return 'halfOpen';
    const isFailing = (this.lastKnown ?? good).kind !== 'good' || this.breaker.consecutiveFailures > 0;
    if (isFailing || this.cooldowns.list(now).length > 0) return 'degraded';
    return this.requestCount === 0 ? 'unused' : 'healthy';
  }

  /**
   * Whether requests can go there and the last thing known of it, request or check, was good. The only answer to this question:
   * views, counts and warnings all use it.
   */
  isUsable(now: Instant): boolean {
    const name = this.stateName(now);
    if (name === 'healthy' || name === 'unused') return true;
    if (name === 'halfOpen') return this.lastKnown?.kind === 'good';
    return name === 'degraded' && (this.lastKnown ?? good).kind === 'good';
  }

  /** Why a half-open endpoint is not simply healthy. */
  trialReason(): Reason {
    const { lastKnown, lastFailure } = this;
    if (lastKnown?.kind === 'good') return { code: 'back' };
    if (lastKnown?.kind === 'failedCheck') return lastKnown.meaning;
    return lastFailure === undefined ? { code: 'halfOpen' } : { code: 'trial', because: lastFailure.reason };
  }

  #pauseReason(): Reason {
    if (this.lastFailure === undefined) return { code: 'open' };
    const { reason: because } = this.lastFailure;
    const { consecutiveFailures: count } = this.breaker;
    // With fewer it was the share of failures within a minute.
    return count < this.breaker.options.failureThreshold
      ? { code: 'paused', because }
      : { code: 'pausedAfter', because, count };
  }

  #cooling(model: string | undefined, now: Instant): ActiveCooldown | undefined {
    return this.cooldowns.isEmpty ? undefined : this.cooldowns.blocking(cooldownScopes(model), now);
  }
}

function savedFailure(failure: LastFailure | undefined): SavedEndpointState['lastFailure'] {
  if (failure === undefined) return null;
  const { class: name, reason, wallMs } = failure;
  return { class: name, ...savedReason(reason), atMs: Math.floor(wallMs) };
}

function restoredFailure(
  { class: name, atMs, ...kept }: NonNullable<SavedEndpointState['lastFailure']>,
  times: SavedTimes,
): LastFailure {
  return { class: name, reason: reasonKept(kept), wallMs: times.at(atMs).wall };
}

const good = { kind: 'good' } as const;

const forAllModels = { untilMs: undefined, isSoft: false, blocksAllModels: true } as const;

function coolingBlockage(cooling: ActiveCooldown): Blockage {
  const isForAllModels = cooling.scope === 'key' || cooling.scope === 'endpoint';
  const { isSoft } = cooling;
  return {
    state: 'cooling',
    reason: coolingReason(cooling),
    untilMs: cooling.untilMonoMs,
    isSoft,
    blocksAllModels: isForAllModels && !isSoft,
    lacksModel: cooling.causedBy === 'model',
  };
}

/** A cooldown as a state, with the model or family that it holds for where that is not all. */
export function coolingReason({ causedBy, reason, scope }: ActiveCooldown): Reason {
  const isOfOneModel = scope !== 'endpoint' && scope !== 'key';
  const model = isOfOneModel ? scope.slice(scope.indexOf(':') + 1) : undefined;
  return failureMeaning({ class: causedBy, reason }, 'requestFailed', model);
}

function cooldownScopes(model: string | undefined): string[] {
  if (model === undefined) return ['endpoint', 'key'];
  return ['endpoint', 'key', scopeName('model', model), scopeName('family', model)];
}

function scopeName(scope: 'endpoint' | 'key' | 'model' | 'family', model: string | undefined): string {
  if (scope === 'model') return `model:${(model ?? '').toLowerCase()}`;
  if (scope === 'family') return `family:${modelFamily(model ?? '')}`;
  return scope;
}

function isNobodysFault(outcome: Outcome): boolean {
  return outcome.class === 'clientAbort' || outcome.class === 'request' || outcome.class === 'localNetwork';
}
