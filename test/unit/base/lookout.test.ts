import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Lookout } from '../../../src/base/lookout.ts';

describe('Lookout', () => {
  let looks: number;
  /** The result of the next look. */
  let nextMs: number;
  let lookout: Lookout;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    looks = 0;
    nextMs = Number.POSITIVE_INFINITY;
    const look = (): number => {
      looks += 1;
      return nextMs;
    };
    lookout = new Lookout({ soonMs: 100, look });
  });
  afterEach(() => mock.timers.reset());

  it('looks once, soon after it was poked, however often', () => {
    mock.timers.tick(10_000);
    assert.equal(looks, 0, 'nobody has poked');
    lookout.poke();
    mock.timers.tick(60);
    lookout.poke();
    mock.timers.tick(40);
    assert.equal(looks, 1);
    mock.timers.tick(10_000);
    assert.equal(looks, 1);
  });

  it('looks again when the look has named a time, and earlier when it is poked', () => {
    nextMs = 5000;
    lookout.poke();
    mock.timers.tick(100);
    mock.timers.tick(4999);
    assert.equal(looks, 1);
    mock.timers.tick(1);
    assert.equal(looks, 2);
    lookout.poke();
    mock.timers.tick(100);
    assert.equal(looks, 3);
  });

  it('keeps its distance from look to look, however soon there is something new', () => {
    nextMs = 0;
    lookout.poke();
    for (let passed = 0; passed < 1000; passed += 50) mock.timers.tick(50);
    assert.equal(looks, 10);
  });

  it('does not look any more when it is disposed', () => {
    lookout.poke();
    lookout.dispose();
    lookout.poke();
    mock.timers.tick(10_000);
    assert.equal(looks, 0);
  });
});
