import assert from 'node:assert/strict';
import { isLongRun } from '../../support/extent.ts';
import { strategies } from './drafts/configDraft.ts';
import { faultNames } from './drafts/faults.ts';
import { Figures } from './figures.ts';
import { addFigures, simulateWorld } from './simulator.ts';

const times = isLongRun ? 5 : 1;
const wantedRequests = times * 20_000;
/** The worlds of every run are the same; `npm run simulate` goes to others. */
const firstSeed = 1_000_000;

describe('the data path in simulated worlds', () => {
  it('keeps what it promises through thousands of requests, whatever endpoints and clients do', async function () {
    this.timeout(900_000);
    const figures = new Figures();
    for (let seed = firstSeed; figures.requests < wantedRequests; seed += 1) {
      const { failure, figures: ofWorld } = await simulateWorld(seed);
      if (failure !== undefined) assert.fail(`seed ${seed} breaks what must hold\n${failure}`);
      addFigures(figures, ofWorld);
    }
    for (const fault of faultNames) assert.ok((figures.faults.get(fault) ?? 0) > times * 10, `too few of ${fault}`);
    for (const strategy of strategies)
      assert.ok((figures.strategies.get(strategy) ?? 0) > times, `too little ${strategy}`);
    for (const end of ['ok', 'endpointError', 'gatewayError', 'clientAbort', 'truncated']) {
      assert.ok((figures.terminals.get(end) ?? 0) > times * 40, `too few that end with ${end}`);
    }
    assert.ok(figures.success > 0.5 && figures.attemptsPerRequest > 0.5, 'worlds in which hardly anything works');
  });

  it('lives a world again from its seed, event by event', async () => {
    for (const seed of [11, 12, 13]) {
      const [once, again] = [await simulateWorld(seed), await simulateWorld(seed)];
      assert.equal(again.traceHash, once.traceHash);
      assert.deepEqual(again.figures, once.figures);
    }
    assert.notEqual((await simulateWorld(14)).traceHash, (await simulateWorld(15)).traceHash);
  });
});
