import assert from 'node:assert/strict';
import { NetworkState, type NetworkTrouble, wayOut } from '../../../../src/core/endpoint/networkState.ts';
import { proxyReason } from '../../../../src/core/outcome/connectionReason.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';

const now = { mono: 1000, wall: Date.UTC(2026, 5, 1) };

function watched() {
  const told: (NetworkTrouble | undefined)[] = [];
  const network = new NetworkState((error) => assert.fail(String(error)));
  network.changed.on((trouble) => told.push(trouble));
  return { network, told };
}

const offline: Reason = { code: 'offline', error: 'ENOTFOUND' };
const refused = proxyReason('ECONNREFUSED', 'HTTPS_PROXY');

describe('NetworkState', () => {
  it('is raised by what fails, and lifted by what gets through that way only', () => {
    const { network, told } = watched();
    assert.equal(network.trouble, undefined);
    network.failed('names', offline, now);
    assert.deepEqual(network.trouble, {
      kind: 'offline',
      way: 'names',
      reason: offline,
      sinceWallMs: now.wall,
    });
    for (const other of ['addresses', 'loopback', 'proxy http://127.0.0.1:1'] as const) network.reached(other, 'new');
    assert.notEqual(network.trouble, undefined);
    network.reached('names', 'kept');
    assert.equal(network.trouble, undefined);
    assert.equal(told.length, 2);
    assert.equal(told[1], undefined);
  });

  it('tells its beginning once, however much fails', () => {
    const { network, told } = watched();
    network.failed('proxy http://127.0.0.1:1', refused, now);
    network.failed('proxy http://127.0.0.1:1', proxyReason('407', 'HTTPS_PROXY'), {
      mono: 9000,
      wall: now.wall + 8000,
    });
    network.failed('names', { code: 'offline', error: 'EAI_AGAIN' }, { mono: 9000, wall: now.wall + 8000 });
    assert.equal(told.length, 1);
    assert.equal(network.trouble?.kind, 'proxy');
    assert.equal(network.trouble?.sinceWallMs, now.wall);
    assert.equal(network.trouble?.reason, refused);
  });

  it('A6: lacks connections until a new one could be opened', () => {
    const { network, told } = watched();
    const short: Reason = { code: 'machineShort', error: 'EMFILE' };
    network.failed('names', short, now);
    network.reached('names', 'kept');
    network.reached('names', 'new');
    network.failed('proxy http://127.0.0.1:1', short, now);
    const kinds = told.map((trouble) => trouble?.kind);
    assert.deepEqual(
      kinds,
      ['machine', undefined, 'machine'],
      'a kept connection proves nothing, no proxy is at fault',
    );
  });

  it('tells nothing while all is well', () => {
    const { network, told } = watched();
    for (const way of ['names', 'addresses', 'loopback'] as const) network.reached(way, 'new');
    assert.deepEqual(told, []);
  });
});

describe('wayOut', () => {
  const cases = [
    ['https://api.example.com', 'names'],
    ['https://localhost.example.com', 'names'],
    ['https://127.0.0.1.example.com', 'names'],
    ['http://192.0.2.7:8080/path', 'addresses'],
    ['http://[2001:db8::1]:8080', 'addresses'],
    ['http://127.0.0.1:11434', 'loopback'],
    ['http://127.1.2.3', 'loopback'],
    ['http://localhost:1234', 'loopback'],
    ['http://[::1]:1234', 'loopback'],
  ] as const;
  for (const [baseUrl, way] of cases) {
    it(`to ${baseUrl} is ${way}`, () => {
      assert.equal(wayOut({ baseUrl }, undefined), way);
      assert.equal(wayOut({ baseUrl }, 'http://10.0.0.1:3128'), 'proxy http://10.0.0.1:3128');
    });
  }
});
