import assert from 'node:assert/strict';
import { snapshotOf } from '../../../../src/ui/model/gatewayStatus.ts';
import { snapshot } from './snapshotParts.ts';

describe('snapshotOf', () => {
  it('is there only while a gateway runs', () => {
    const running = snapshot();
    assert.equal(snapshotOf({ kind: 'running', snapshot: running }), running);
    assert.equal(snapshotOf({ kind: 'stopped' }), undefined);
    assert.equal(snapshotOf({ kind: 'starting' }), undefined);
    assert.equal(snapshotOf({ kind: 'failed', failure: { kind: 'portTaken', port: 8417 } }), undefined);
  });
});
