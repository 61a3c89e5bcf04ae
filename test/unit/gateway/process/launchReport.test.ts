import assert from 'node:assert/strict';
import { launchFailure } from '../../../../src/gateway/process/launchReport.ts';

describe('launchFailure', () => {
  it('has a text for whatever was thrown', () => {
    for (const thrown of [null, undefined, 'text', 0, Object.create(null)]) {
      const { failure, message } = launchFailure(thrown);
      assert.equal(failure, 'crashed');
      assert.ok(message.length > 0);
    }
  });
});
