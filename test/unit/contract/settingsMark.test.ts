import assert from 'node:assert/strict';
import fc from 'fast-check';
import { settingsMark } from '../../../src/contract/settingsMark.ts';

const token = 'a-control-token';

/** The same document with all of its objects written the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, one]) => [name, reversed(one)]),
  );
}

describe('settingsMark', () => {
  it('is the same for the same settings in any order', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        assert.equal(settingsMark(reversed(document), token), settingsMark(document, token));
      }),
    );
  });

  it('is another one for other settings', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));
        assert.equal(settingsMark(one, token) === settingsMark(two, token), isSame);
      }),
    );
    assert.notEqual(settingsMark({ endpoints: ['a', 'b'] }, token), settingsMark({ endpoints: ['b', 'a'] }, token));
  });

  it('says nothing to who does not hold the token', () => {
    assert.notEqual(settingsMark({ port: 8417 }, token), settingsMark({ port: 8417 }, 'another-token'));
    assert.match(settingsMark({ clientToken: 'planted-client-token' }, token), /^[\w-]{16}$/);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, sorted(one)])
    .concat(['an object']);
}
