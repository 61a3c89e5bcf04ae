import assert from 'node:assert/strict';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { NetworkState } from '../../../src/core/endpoint/networkState.ts';
import type { DataPath } from '../../../src/proxy/dataPath.ts';
import { isNameServiceDown } from '../../../src/proxy/nameResolution.ts';
import { endpointsOf } from '../core/routing/selectionRig.ts';

const failed = {
  kind: 'connection',
  phase: 'connect',
  code: 'ENOTFOUND',
  isStaleSocket: false,
  isProxy: false,
} as const;

describe('isNameServiceDown', () => {
  const lookedUp: string[] = [];
  let found: ReadonlySet<string>;

  before(() => {
    mock.method(dns, 'lookup', (name: string, then: (error: Error | null) => void) => {
      lookedUp.push(name);
      setImmediate(() => then(found.has(name) ? null : new Error('ENOTFOUND')));
    });
    syncBuiltinESMExports();
  });
  beforeEach(() => lookedUp.splice(0));
  after(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
  });

  const ask = (): Promise<boolean> => {
    const states = endpointsOf({ a: {}, b: {}, c: {} });
    const network = new NetworkState(() => undefined);
    return isNameServiceDown(failed, { states, network } as unknown as DataPath);
  };

  it('looks each name up once for all requests that fail at the same time', async () => {
    found = new Set();
    const answers = await Promise.all(Array.from({ length: 16 }, ask));
    assert.deepEqual(new Set(answers), new Set([true]));
    assert.deepEqual(lookedUp, ['a.example.com', 'b.example.com', 'c.example.com']);
  });

  it('looks again for the next one', async () => {
    found = new Set(['b.example.com']);
    assert.equal(await ask(), false);
    found = new Set();
    assert.equal(await ask(), true);
    assert.equal(lookedUp.length, 6);
  });
});
