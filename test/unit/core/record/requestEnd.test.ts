import assert from 'node:assert/strict';
import type { RequestRecord } from '../../../../src/core/record/record.ts';
import type { RequestEnd } from '../../../../src/core/record/requestEnd.ts';
import { requestEnd } from '../../../../src/core/record/requestEnd.ts';
import { attemptRecord, requestRecord } from '../../ui/model/snapshotParts.ts';

describe('requestEnd', () => {
  const failed = attemptRecord({ class: 'transient' });
  const cases: readonly (readonly [RequestEnd, Partial<RequestRecord>])[] = [
    ['ok', {}],
    ['failedOver', { attempts: [failed, attemptRecord()] }],
    ['aborted', { terminal: 'clientAbort', attempts: [failed] }],
    ['truncated', { terminal: 'truncated' }],
    ['gatewayError', { terminal: 'gatewayError', attempts: [] }],
    ['endpointError', { terminal: 'endpointError', attempts: [failed] }],
    ['clientFault', { terminal: 'endpointError', attempts: [failed, attemptRecord({ class: 'request' })] }],
  ];
  for (const [end, more] of cases) {
    it(`is ${end} for ${JSON.stringify(more.terminal ?? 'ok')} after ${more.attempts?.length ?? 1} attempts`, () => {
      // So that the contract names them all, too.
      const found: RequestEnd = requestEnd(requestRecord(more));
      assert.equal(found, end);
    });
  }
});
