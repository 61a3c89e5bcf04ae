import assert from 'node:assert/strict';
import { join } from 'node:path';
import { send, type TestGateway } from '../processes/startGateway.ts';
import { messages } from '../processes/testBed.ts';
import { integrity, looked, rollUpDifferences } from './storeBed.ts';

/** Sends so many requests at once, all of which are answered well; resolves with their ids. */
export async function answeredIds({ url }: Pick<TestGateway, 'url'>, count: number): Promise<string[]> {
  const ask = () => send(`${url}/v1/messages`, { json: messages() });
  const replies = await Promise.all(Array.from({ length: count }, ask));
  return replies.map(({ status, headers, text }) => {
    assert.equal(status, 200, text);
    return String(headers['x-signalbox-request-id']);
  });
}

/** The ids of the requests in a file, in their order. */
export function idsIn(stateDir: string): string[] {
  return looked(join(stateDir, 'metrics.sqlite'), (db) =>
    db
      .prepare('SELECT id FROM requests ORDER BY seq')
      .all()
      .map(({ id }) => String(id)),
  );
}

/** The file is whole, nothing is in it twice, and its sums say what its rows say. */
export function assertSound(stateDir: string): void {
  const path = join(stateDir, 'metrics.sqlite');
  assert.equal(integrity(path), 'ok');
  assert.deepEqual(rollUpDifferences(path), []);
  const ids = idsIn(stateDir);
  assert.equal(new Set(ids).size, ids.length, 'each request once');
}

/** The file is sound, and holds these requests and no others. */
export function assertHolds(stateDir: string, ids: readonly string[]): void {
  assert.deepEqual(idsIn(stateDir).sort(), [...ids].sort());
  assertSound(stateDir);
}
