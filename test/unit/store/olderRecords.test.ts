import assert from 'node:assert/strict';
import { metricsRequest } from '../../../src/contract/metrics.ts';
import { type Reason, told } from '../../../src/core/outcome/reason.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { migrations } from '../../../src/store/file/schema.ts';
import { makeFirstRelease } from '../../support/store/agedStore.ts';
import { looked, requestsOver, StoreBed } from '../../support/store/storeBed.ts';

const refused: Reason = { code: 'connectionRefused' };
const skipped = { endpointId: 'third', ...told({ code: 'paused', because: refused }), untilMs: undefined };

/** A request whose attempt failed, with a reason for everything. */
function failed(id: string, startedWallMs: number): RequestRecord {
  const [usual] = requestsOver(1000, 1, startedWallMs);
  const [attempt] = usual?.attempts ?? [];
  assert.ok(usual !== undefined && attempt !== undefined);
  const chosen = { chosenBecause: 'priority 2', chosenWhy: { code: 'priority', level: 2 } } as const;
  const attempts = [{ ...attempt, ...told(refused), ...chosen, passedOver: [skipped] }];
  return { ...usual, id, startedWallMs, attempts, passedOver: [skipped] };
}

/** All reasons of a record, in the order of its fields. */
function reasonsOf({ attempts, passedOver }: RequestRecord): (string | Reason | undefined)[] {
  return [
    ...attempts.flatMap((one) => [one.reason, one.why, one.chosenBecause, one.chosenWhy]),
    ...[...attempts.flatMap((one) => one.passedOver), ...passedOver].flatMap(({ reason, why }) => [reason, why]),
  ];
}

describe('records in the store', () => {
  let bed: StoreBed;
  beforeEach(() => {
    bed = new StoreBed();
  });
  afterEach(() => bed.close());

  function fill(id: string, atMs: number): void {
    const store = bed.store();
    const transition = { atMs: atMs - 500, endpointId: 'first', state: 'open', ...told(refused) } as const;
    store.add([
      { kind: 'request', record: failed(id, atMs) },
      { kind: 'transition', transition },
    ]);
    store.close();
  }

  const words = [
    'connection refused',
    'priority 2',
    'paused after failures: connection refused',
    'paused after failures: connection refused',
  ];

  it('come back with their reasons as codes and in words', () => {
    fill('new', bed.nowMs - 1000);
    const [found] = bed.store().page({ limit: 1 }).requests;
    assert.ok(found !== undefined);
    const why = [refused, { code: 'priority', level: 2 }, ...[skipped.why, skipped.why]];
    assert.deepEqual(
      reasonsOf(found),
      words.flatMap((one, index) => [one, why[index]]),
    );
  });

  it('of the first release keep the words that they were written with, beside new ones with codes', () => {
    fill('old', bed.nowMs - 2000);
    makeFirstRelease(bed.path);
    const version = () => looked(bed.path, (db) => db.prepare('PRAGMA user_version').get()?.['user_version']);
    assert.equal(version(), 1);
    fill('new', bed.nowMs - 1000);
    assert.equal(version(), migrations.length);
    const [fresh, old] = bed.store().page({ limit: 2 }).requests;
    assert.ok(fresh !== undefined && old !== undefined);
    assert.deepEqual([fresh.id, old.id], ['new', 'old']);
    assert.deepEqual(
      reasonsOf(old),
      words.flatMap((one) => [one, undefined]),
    );
    assert.deepEqual(reasonsOf(fresh).slice(0, 2), ['connection refused', refused]);
  });

  it('say why an endpoint was in a state, in words alone where the first release has seen it', () => {
    fill('old', bed.nowMs - 2000);
    makeFirstRelease(bed.path);
    fill('new', bed.nowMs - 1000);
    const { states } = bed.store().metrics(metricsRequest.parse({}));
    const open = states.filter(({ state }) => state === 'open');
    assert.deepEqual(
      open.map(({ reason, why }) => [reason, why]),
      [
        ['connection refused', undefined],
        ['connection refused', refused],
      ],
    );
  });
});
