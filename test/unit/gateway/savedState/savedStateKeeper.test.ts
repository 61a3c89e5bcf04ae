import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../src/base/clock.ts';
import { parseConfig } from '../../../../src/core/config/config.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import { SessionAffinity } from '../../../../src/core/routing/affinity.ts';
import { EndpointSet } from '../../../../src/gateway/endpoints/endpointSet.ts';
import { Override } from '../../../../src/gateway/endpoints/override.ts';
import { SavedStateFile } from '../../../../src/gateway/savedState/savedStateFile.ts';
import { SavedStateKeeper } from '../../../../src/gateway/savedState/savedStateKeeper.ts';
import { until } from '../../../support/processes/startGateway.ts';

const config = parseConfig({ endpoints: [{ id: 'first', baseUrl: 'https://first.example.com', auth: 'none' }] });
const secret = 'a secret of this installation';

/** The state of one process. */
class Process {
  readonly affinity = new SessionAffinity({ ttlMs: 3_600_000, maxSessions: 10_000, avoidMs: 60_000 });
  readonly endpoints: EndpointSet;
  readonly override = new Override();
  readonly keeper: SavedStateKeeper;
  readonly logged: string[] = [];

  constructor(folder: string, markSecret = secret) {
    const say = (event: string): void => void this.logged.push(event);
    const redact = (text: string): string => text.replaceAll('hunter2', '[redacted]');
    const logger = { debug: say, info: say, warn: say, error: say, redact };
    this.endpoints = new EndpointSet(systemClock, Math.random, {}, markSecret);
    const offsetMs = Math.round(Date.now() - performance.now());
    this.keeper = new SavedStateKeeper({
      clock: {
        now: () => {
          const mono = performance.now();
          return { mono, wall: mono + offsetMs };
        },
      },
      file: new SavedStateFile({ folder, logger, isOurs: () => true }),
      logger,
      endpoints: this.endpoints,
      affinity: this.affinity,
      override: this.override,
      changesInMs: () => Number.POSITIVE_INFINITY,
    });
  }

  begin(): void {
    this.keeper.begin();
    assert.ok(config.kind === 'ok');
    this.endpoints.apply(config.config, '');
    this.keeper.restore(systemClock.now());
  }

  bind(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const sessionId = hash('sha256', `session ${n}`, 'base64url').slice(0, 22);
      const use = { sessionId, endpointId: 'first', client: 'claude-cli/2.1.330' };
      this.affinity.succeeded(use, true, systemClock.now().mono);
    }
    this.keeper.poke();
  }

  async end(): Promise<void> {
    await this.keeper.flush();
    this.keeper.dispose();
    await this.endpoints.destroy();
  }
}

describe('SavedStateKeeper', () => {
  let folder: string;
  let processes: Process[];
  const next = (markSecret?: string): Process => {
    const one = new Process(folder, markSecret);
    processes.push(one);
    return one;
  };
  const content = (): string => readFileSync(join(folder, 'state.json'), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    processes = [];
  });
  afterEach(async () => {
    for (const one of processes) await one.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('hands ten thousand sessions over in less than two megabytes', async () => {
    const one = next();
    one.begin();
    one.bind(10_000);
    await one.end();
    assert.ok(content().length < 2_000_000, String(content().length));
    const two = next();
    two.begin();
    assert.equal(two.affinity.size, 10_000);
    const idsOf = ({ affinity }: Process) =>
      affinity.list(10_000, systemClock.now().mono).map((each) => each.sessionId);
    assert.deepEqual(idsOf(two), idsOf(one));
  });

  it('A6: hands over sessions that have lost their endpoint', async () => {
    const one = next();
    one.begin();
    one.bind(2);
    one.affinity.loseAll('first');
    await one.end();
    const two = next();
    two.begin();
    assert.equal(two.affinity.size, 0);
    assert.equal(two.affinity.unbound(10, systemClock.now().mono).length, 2);
  });

  it('writes a change by itself, and at most once a second however many there are', async () => {
    const one = next();
    one.begin();
    const startedMs = performance.now();
    const seen = new Set<string>();
    const look = (): number => {
      one.bind(3);
      try {
        seen.add(content());
      } catch {
        // None so far.
      }
      return seen.size;
    };
    await until('it was written three times', look, (times) => times === 3, 30_000);
    // Each change of these would have been a file of its own.
    assert.ok(performance.now() - startedMs >= 2900, 'the third one cannot come before');
  }).timeout(40_000);

  it('writes nothing while nothing changes, and nothing before it is known what there is', async () => {
    const one = next();
    one.keeper.begin();
    one.bind(1);
    await one.keeper.flush();
    assert.throws(content, /ENOENT/);
    one.begin();
    await one.keeper.flush();
    const before = content();
    await one.keeper.flush();
    assert.equal(content(), before);
    one.affinity.unbindAll();
    await one.keeper.flush();
    assert.notEqual(content(), before);
  });

  it('redacts the words of clients', async () => {
    const one = next();
    one.begin();
    const use = { sessionId: 's', endpointId: 'first', client: 'my-token-is-hunter2' };
    one.affinity.succeeded(use, true, systemClock.now().mono);
    await one.keeper.flush();
    assert.doesNotMatch(content(), /hunter2/);
    assert.match(content(), /my-token-is-\[redacted\]/);
  });

  it('redacts the words of endpoints, in reasons and in the data of their codes', async () => {
    const one = next();
    one.begin();
    const [state] = one.endpoints.states;
    assert.ok(state !== undefined);
    const reason: Reason = { code: 'statusAndType', status: 402, type: 'hunter2' };
    const cause = { causedBy: 'billing', scope: 'key', reason } as const;
    state.cooldowns.begin({ scope: 'key', kind: 'until', forMs: 60_000 }, cause, systemClock.now());
    await one.keeper.flush();
    assert.doesNotMatch(content(), /hunter2/);
    assert.match(
      content(),
      /"reason":"402 \[redacted\]","why":\{"code":"statusAndType","status":402,"type":"\[redacted\]"\}/,
    );
  });

  it('gives nothing to an installation with another secret', async () => {
    const one = next();
    one.begin();
    one.bind(1);
    await one.end();
    const two = next('another secret');
    two.begin();
    assert.equal(two.affinity.size, 0);
    assert.deepEqual(two.affinity.unbound(10, systemClock.now().mono), []);
  });
});
