import type { SessionSnapshot, Snapshot, SnapshotChange } from '../../contract/snapshot.ts';

const shownRequests = 100;

/** Applies a change to a snapshot: most parts replace earlier ones, changed sessions theirs, new requests go in front. */
export function changed(before: Snapshot, change: SnapshotChange): Snapshot {
  const { requests = [], sessions, ...parts } = change;
  return {
    ...before,
    ...parts,
    sessions: sessions === undefined ? before.sessions : changedSessions(before.sessions, sessions),
    requests: requests.length === 0 ? before.requests : [...requests, ...before.requests].slice(0, shownRequests),
  };
}

function changedSessions(
  before: Snapshot['sessions'],
  { changed: now, removed }: NonNullable<SnapshotChange['sessions']>,
): Snapshot['sessions'] {
  const replaced = new Set([...removed, ...now.map(({ id }) => id)]);
  return [...before.filter(({ id }) => !replaced.has(id)), ...now].sort(byLastUse);
}

/** The order of a snapshot's sessions. */
function byLastUse(one: SessionSnapshot, other: SessionSnapshot): number {
  return other.lastUsedMs - one.lastUsedMs || (one.id < other.id ? -1 : 1);
}
