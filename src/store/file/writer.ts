import type { WarmUpPurpose, WarmUpResult } from '../../contract/snapshot.ts';
import type { EndpointStateName } from '../../core/endpoint/endpointState.ts';
import type { Told } from '../../core/outcome/reason.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import { type Cell, Cells } from '../sums/cells.ts';
import { inTenths, type KeptRequest } from '../sums/keptRequest.ts';
import { levels } from '../sums/levels.ts';
import { EncodedSums } from '../sums/sums.ts';
import { codeText } from './reasonColumns.ts';
import { writeRequest } from './requestRow.ts';
import { addToSessions } from './sessionDays.ts';
import type { StoreFile } from './storeFile.ts';

/** An endpoint entered a state; null: from then on no gateway observed it. */
export interface Transition extends Told {
  readonly atMs: number;
  readonly endpointId: string;
  readonly state: EndpointStateName | null;
}

/** A warm-up or probe and its result. */
interface ProbeEntry extends WarmUpResult {
  readonly what: WarmUpPurpose;
}

/** One event to be stored. */
export type Entry =
  | { readonly kind: 'request'; readonly record: RequestRecord }
  | { readonly kind: 'transition'; readonly transition: Transition }
  | { readonly kind: 'probe'; readonly probe: ProbeEntry };

const rememberedSessions = 10_000;

const previousEndpoint = `
SELECT answered_by FROM requests
WHERE session = ? AND answered_by IS NOT NULL ORDER BY started_ms DESC, seq DESC LIMIT 1`;
const insertTransition = 'INSERT INTO transitions (at_ms, endpoint, state, reason, why) VALUES (?, ?, ?, ?, ?)';
const insertProbe = `
INSERT INTO probes (at_ms, endpoint, kind, is_reachable, key, connect_ms, first_byte_ms, class, reason, why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const endStates = `
INSERT INTO transitions (at_ms, endpoint, state, reason)
SELECT (
  SELECT max(at) FROM (
    SELECT max(started_ms) AS at FROM requests
    UNION ALL SELECT max(at_ms) FROM transitions
    UNION ALL SELECT max(at_ms) FROM probes)
), endpoint, NULL, ''
FROM (SELECT endpoint, state, max(at_ms) FROM transitions GROUP BY endpoint) WHERE state IS NOT NULL`;
const readCell = 'SELECT sums FROM rollups WHERE level = ? AND at = ? AND endpoint = ? AND model = ?';
const writeCell = 'INSERT OR REPLACE INTO rollups (level, at, endpoint, model, sums) VALUES (?, ?, ?, ?, ?)';

/** Writes entries and their roll-ups in one transaction, so that sums always agree with the rows. */
export class Writer {
  /** The endpoint that last answered each session; caches what is in the file. */
  readonly #lastOf = new Map<string, string>();

  /**
   * Call before the first write: ends the states that an earlier process recorded, at its last recorded event. Throws
   * `StoreTrouble`.
   */
  begin(file: StoreFile): void {
    file.transaction(() => file.prepare(endStates).run());
  }

  /** Writes all entries or none; throws `StoreTrouble`. */
  write(file: StoreFile, entries: readonly Entry[]): void {
    // Kept apart until the transaction succeeds.
    const learnt = new Map<string, string>();
    file.transaction(() => {
      const kept: KeptRequest[] = [];
      for (const entry of entries) {
        if (entry.kind === 'request') kept.push(this.#keptOf(file, inTenths(entry.record), learnt));
        else if (entry.kind === 'transition') addTransition(file, entry.transition);
        else addProbe(file, entry.probe);
      }
      for (const one of kept) writeRequest(file, one);
      addToSessions(
        file,
        kept.map(({ record }) => record),
      );
      const minutes = new Cells(levels.minute.of);
      for (const one of kept) minutes.add(one);
      // Hours and days begin with a minute.
      for (const level of Object.values(levels)) {
        for (const cell of minutes.over(level.of)) addCell(file, level.id, cell);
      }
    });
    this.#remember(learnt);
  }

  #keptOf(file: StoreFile, record: RequestRecord, learnt: Map<string, string>): KeptRequest {
    const { sessionId, endpointId } = record;
    if (sessionId === undefined) return { record, previous: null };
    const known = learnt.get(sessionId) ?? this.#lastOf.get(sessionId);
    const previous = known ?? textOrNull(file.prepare(previousEndpoint).get(sessionId)?.['answered_by']);
    if (endpointId !== undefined) learnt.set(sessionId, endpointId);
    return { record, previous };
  }

  #remember(learnt: ReadonlyMap<string, string>): void {
    for (const [session, endpoint] of learnt) {
      this.#lastOf.delete(session);
      this.#lastOf.set(session, endpoint);
    }
    for (const oldest of this.#lastOf.keys()) {
      if (this.#lastOf.size <= rememberedSessions) break;
      this.#lastOf.delete(oldest);
    }
  }
}

function addTransition(file: StoreFile, { atMs, endpointId, state, reason, why }: Transition): void {
  file.prepare(insertTransition).run(Math.round(atMs), endpointId, state, reason, codeText(why));
}

function addProbe(file: StoreFile, probe: ProbeEntry): void {
  file
    .prepare(insertProbe)
    .run(
      Math.round(probe.atMs),
      probe.endpointId,
      probe.what,
      probe.isReachable ? 1 : 0,
      probe.key,
      probe.connectMs,
      probe.firstByteMs,
      probe.class,
      probe.reason,
      codeText(probe.why),
    );
}

function addCell(file: StoreFile, level: number, { atMs, endpoint, model, sums }: Cell): void {
  const before = file.prepare(readCell).get(level, atMs, endpoint, model)?.['sums'];
  if (before instanceof Uint8Array) new EncodedSums().read(before).addTo(sums);
  file.prepare(writeCell).run(level, atMs, endpoint, model, sums.encode());
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
