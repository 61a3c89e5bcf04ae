import type { SessionBand, StateBand } from '../../contract/metrics.ts';
import type { Transition } from '../file/writer.ts';
import type { Scope, SessionStep } from './source.ts';

/** The periods in which each endpoint was in one state, clipped to the range, ordered by their start. */
export function stateBands(transitions: readonly Transition[], { fromMs, toMs }: Scope, nowMs: number): StateBand[] {
  const bands: StateBand[] = [];
  const endMs = Math.min(toMs, nowMs);
  for (const own of Map.groupBy(transitions, ({ endpointId }) => endpointId).values()) {
    const sorted = own.toSorted((a, b) => a.atMs - b.atMs);
    sorted.forEach(({ endpointId, state, atMs, ...why }, index) => {
      const from = Math.max(fromMs, atMs);
      const to = Math.min(endMs, sorted[index + 1]?.atMs ?? endMs);
      if (state !== null && to > from) bands.push({ endpointId, state, ...why, fromMs: from, toMs: to });
    });
  }
  return bands.sort((a, b) => a.fromMs - b.fromMs);
}

/** The periods in which the most recently used sessions went to one endpoint. */
export function sessionBands(steps: readonly SessionStep[], sessions: number): SessionBand[] {
  const bySession = [...Map.groupBy(steps, ({ session }) => session)].map(([, own]) => {
    return own.toSorted((a, b) => a.atMs - b.atMs);
  });
  const lastUsed = (own: readonly SessionStep[]): number => own.at(-1)?.atMs ?? 0;
  const shown = bySession.sort((a, b) => lastUsed(b) - lastUsed(a)).slice(0, sessions);
  return shown.flatMap(bandsOfSession);
}

function bandsOfSession(steps: readonly SessionStep[]): SessionBand[] {
  const bands: { -readonly [K in keyof SessionBand]: SessionBand[K] }[] = [];
  for (const { session, client, endpoint, atMs } of steps) {
    const last = bands.at(-1);
    if (last?.endpointId === endpoint) {
      last.toMs = atMs;
      last.requests += 1;
      last.client ??= client ?? null;
      continue;
    }
    if (last !== undefined) last.toMs = atMs;
    bands.push({
      sessionId: session,
      client: client ?? null,
      endpointId: endpoint,
      fromMs: atMs,
      toMs: atMs,
      requests: 1,
    });
  }
  return bands;
}
