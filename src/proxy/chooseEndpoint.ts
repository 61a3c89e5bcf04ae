import {
  type Chosen,
  isFull,
  lastResort,
  type Selection,
  type SelectionRequest,
  select,
} from '../core/routing/selection.ts';
import type { QueuePlace } from './capacityQueue.ts';
import type { ClientPresence } from './client/clientPresence.ts';
import type { RequestRun } from './requestRun.ts';

/** How long a request may wait for a free slot (behaviour.md §1.4). */
const slotWithinMs = 30_000;
/** How long a request waits while another one tries an endpoint that is open like all the others (behaviour.md §3). */
const lastResortWithinMs = 2000;

/** Chooses where the next attempt goes, leaving out the endpoints that have been tried. */
export function chooseEndpoint(run: RequestRun, tried = run.retry.tried): Selection {
  return select(run.exchange.dataPath.states, selectionRequest(run, tried));
}

/**
 * Chooses again while the choice is of this kind. Where all endpoints are at their limit (`full`) the request waits for a
 * slot; where all are open (`none`) the least bad one gets one request at a time, and the others wait for the result.
 */
export async function waitForEndpoint(run: RequestRun, kind: 'full' | 'none'): Promise<Selection> {
  const { exchange, client } = run;
  const { dataPath } = exchange;
  const place = dataPath.queue.enter(kind === 'full' ? slotWithinMs : lastResortWithinMs);
  for (;;) {
    const resort = kind === 'none' ? lastResort(dataPath.states, selectionRequest(run)) : 'wait';
    if (resort === undefined) return chooseEndpoint(run);
    if (resort !== 'wait') resort.breaker.halfOpenNow(dataPath.clock.now().mono);
    else if (!(await hasWaited(place, client))) return chooseEndpoint(run);
    const selection = chooseEndpoint(run);
    if (selection.kind !== kind || client.isGone) return selection;
  }
}

/**
 * Chooses the same endpoint once more after a pause, waiting for a slot when it is at its limit by then; chooses another one
 * when it cannot be used any more.
 */
export async function chooseSameAgain(run: RequestRun, last: Chosen, afterMs: number): Promise<Selection> {
  const { exchange, client, retry } = run;
  const { endpoint, translatedTo } = last;
  await client.wait(afterMs);
  const { states, clock } = exchange.dataPath;
  const blocked = endpoint.blockage(exchange.fields.model, clock.now());
  const isUsable = states.includes(endpoint) && (blocked === undefined || blocked.isSoft);
  if (isUsable && !isFull(endpoint, !exchange.isUncounted)) {
    const again = { endpoint, reason: { code: 'onceMore' }, isOnNewConnection: true, translatedTo } as const;
    return { kind: 'chosen', ...again, movesSession: false, passedOver: [] };
  }
  // Only an endpoint that counts as not tried can be waited for.
  if (isUsable) retry.setTried(endpoint.config.id, false);
  const selection = chooseEndpoint(run);
  const waited = selection.kind === 'full' ? await waitForEndpoint(run, 'full') : selection;
  retry.setTried(endpoint.config.id, true);
  return waited;
}

/** Resolves true when a slot may be free, false when the wait is over. */
async function hasWaited(place: QueuePlace | undefined, client: ClientPresence): Promise<boolean> {
  if (client.isGone || place === undefined) return false;
  const isWorthLooking = await place.next((end) => client.endsWait(end));
  return isWorthLooking && !client.isGone;
}

/** The state that the choice depends on now; a binding whose endpoint is out for every request is dropped on the way. */
function selectionRequest({ exchange, retry }: RequestRun, tried = retry.tried): SelectionRequest {
  const { dataPath, session, route, fields, isUncounted } = exchange;
  const { affinity, config } = dataPath;
  const now = dataPath.clock.now();
  const binding = session === undefined ? undefined : affinity.binding(session.id, now.mono);
  const bound = binding === undefined ? undefined : dataPath.endpoints.get(binding.endpointId);
  const isLost =
    binding !== undefined && (bound === undefined || bound.state.blockage(undefined, now)?.blocksAllModels);
  if (isLost === true) affinity.lose(binding.sessionId);
  const parent = session?.parentId === undefined ? undefined : affinity.binding(session.parentId, now.mono);
  return {
    dialect: route.dialect,
    format: route.kind === 'model' ? route.format : undefined,
    model: fields.model,
    unmet: (config, format) => exchange.unmet(config, format),
    path: route.kind === 'model' ? route.name : undefined,
    tried,
    boundTo: isLost === true ? undefined : binding?.endpointId,
    idleMs: binding === undefined ? 0 : now.mono - binding.lastUsedMs,
    parentBoundTo: parent?.endpointId,
    holder: exchange.holder,
    avoid: session === undefined ? undefined : affinity.avoided(session.id, now.mono),
    closedWays: retry.closedWays,
    overloadedHosts: retry.overloadedHosts,
    override: dataPath.override,
    strategy: route.kind === 'once' ? 'priority' : config.strategy,
    isCounted: !isUncounted,
    // Another endpoint could not read what belongs to the session; only a turn of its own may move it.
    goHomeAfterIdleMs: route.kind === 'once' ? Number.POSITIVE_INFINITY : config.affinity.goHomeAfterIdleSeconds * 1000,
    roundRobin: dataPath.roundRobin,
    now,
    random: dataPath.random,
  };
}
