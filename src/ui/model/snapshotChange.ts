import type { Snapshot, SnapshotChange } from '../../contract/snapshot.ts';

const shownRequests = 100;

/** Applies a change to a snapshot: present parts replace earlier ones, new requests go in front. */
export function changed(before: Snapshot, change: SnapshotChange): Snapshot {
  const { requests = [], ...parts } = change;
  if (requests.length === 0) return { ...before, ...parts };
  return { ...before, ...parts, requests: [...requests, ...before.requests].slice(0, shownRequests) };
}
