import assert from 'node:assert/strict';
import { filterChoices } from '../../../../../src/ui/model/trees/filterChoices.ts';
import { attemptRecord, endpointSnapshot, requestRecord, sessionSnapshot, snapshot } from '../snapshotParts.ts';
import { chinese, englishContext } from '../viewContexts.ts';

const overloaded = attemptRecord({ class: 'overloaded' });
const whole = snapshot({
  endpoints: [endpointSnapshot()],
  sessions: [sessionSnapshot()],
  requests: [requestRecord(), requestRecord({ attempts: [overloaded, attemptRecord()] })],
});

describe('D5: the choices of the filter', () => {
  it('begin with the result, and in each kind with what occurred', () => {
    const kinds = filterChoices(whole, englishContext());
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ['Result', 'Endpoint', 'Kind of failure', 'Session'],
    );
    const [result, , failure] = kinds.map(({ choices }) => choices[0]);
    assert.equal(result?.description, '1 of the last 2');
    assert.deepEqual([failure?.label, failure?.description], ['overloaded', '1 of the last 2']);
  });

  it('say more than a bare word', () => {
    for (const t of [englishContext().t, chinese]) {
      const choices = filterChoices(whole, { ...englishContext(), t }).flatMap((one) => one.choices);
      assert.deepEqual(
        choices.filter(({ label }) => ['model', 'request', 'unknown', '模型', '未知'].includes(label)),
        [],
      );
    }
  });

  it('are only of kinds that there are', () => {
    const kinds = filterChoices(snapshot(), englishContext()).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['Result', 'Kind of failure']);
  });
});
