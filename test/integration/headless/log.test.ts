import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type GatewayProcess, send, until } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';

describe('the log', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: GatewayProcess;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.gatewayProcess([first, second], {
      breaker: { failureThreshold: 1 },
      recovery: { enabled: false },
    });
  });
  afterEach(() => bed.close());

  const lines = () =>
    (existsSync(join(gateway.stateDir, 'gateway.log')) ? gateway.log() : '')
      .split('\n')
      .filter((text) => text !== '')
      .map((line): Record<string, unknown> => JSON.parse(line));

  /** The first line of the file that fits. */
  async function line(
    what: string,
    fits: (line: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    const all = await until(what, lines, (known) => known.some(fits));
    return all.find(fits) ?? {};
  }

  it('names endpoint, class, reason and milliseconds of a failed attempt, in the file and on stderr', async () => {
    first.behaveNext({ kind: 'status', status: 529 });
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    const told = JSON.stringify(await line('the attempt', (one) => JSON.stringify(one).includes('overloaded')));
    assert.match(told, /first/);
    assert.match(told, /529/);
    assert.match(told, /[mM]s"?:/);
    await until(
      'it is on stderr',
      () => gateway.stderr(),
      (text) => /first.*overloaded/.test(text),
    );
  });

  it('is a line of JSON each, with time and level; trouble is a warning', async () => {
    await first.refuse();
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    await line('the trouble', (one) => Number(one['level']) >= 40);
    for (const one of lines()) {
      assert.ok(Math.abs(Number(one['time']) - Date.now()) < 60_000, JSON.stringify(one));
      assert.equal(typeof one['level'], 'number');
      assert.equal(typeof one['msg'], 'string');
    }
  });

  it('tells start, configuration, and the end with its reason', async () => {
    assert.equal(await gateway.stop(), 0);
    const text = gateway.log();
    for (const word of ['listening', gateway.url, 'first', 'SIGTERM']) assert.ok(text.includes(word), word);
  });

  it('grows by nothing when 1000 forged requests come', async () => {
    const before = (await until('the start is logged', lines, (known) => known.length > 0)).length;
    const forged = () => send(`${gateway.url}/v1/messages`, { json: {}, headers: { origin: 'https://evil.example' } });
    for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 50 }, forged));
    assert.equal(await gateway.stop(), 0);
    assert.ok(lines().length - before < 20, 'a web page cannot fill the disk');
  });
});
