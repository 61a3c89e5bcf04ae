import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stackOf } from '../../../src/base/stackOf.ts';

describe('stackOf', () => {
  it('is the trace of an error', () => {
    assert.match(stackOf(new TypeError('of this kind')), /^TypeError: of this kind\n.*stackOf\.test/);
  });

  it('is a text for whatever may be thrown', () => {
    assert.deepEqual(
      [stackOf(null), stackOf(undefined), stackOf('text'), stackOf(7)],
      ['null', 'undefined', 'text', '7'],
    );
    for (const odd of [Object.create(null), Symbol('odd'), Object.assign(new Error('odd'), { stack: undefined })]) {
      assert.ok(stackOf(odd).length > 0);
    }
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (thrown) => typeof stackOf(thrown) === 'string'));
  });
});
