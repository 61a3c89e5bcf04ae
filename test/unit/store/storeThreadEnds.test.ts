import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { Entry } from '../../../src/store/file/writer.ts';
import { StoreClient } from '../../../src/store/storeClient.ts';
import { until } from '../../support/processes/startGateway.ts';
import { StoreBed } from '../../support/store/storeBed.ts';

function entryOf(reason: string): Entry {
  return { kind: 'transition', transition: { atMs: 1, endpointId: 'one', state: 'open', reason } };
}

/** A thread that notes its beginnings and what it is given in files, and ends where the test says so. */
function program(folder: string): { readonly text: string } {
  const text = `
    const { appendFileSync, existsSync } = require('node:fs');
    const { parentPort } = require('node:worker_threads');
    const file = (name) => ${JSON.stringify(folder)} + '/' + name;
    appendFileSync(file('starts'), Date.now() + '\\n');
    if (existsSync(file('dieAtStart'))) throw new Error('it dies at its start');
    parentPort.postMessage({ kind: 'health', health: { kind: 'ok', sizeBytes: 0, oldestMs: null } });
    parentPort.on('message', (message) => {
      if (message.kind === 'question') {
        if (message.question.page.limit === 1) process.exit(3);
        if (message.question.page.limit === 2) throw new Error('it dies of a question');
        return;
      }
      if (message.kind === 'close') return parentPort.close();
      if (message.kind !== 'entries') return;
      const reasons = JSON.parse(message.json).map((one) => one.transition.reason);
      if (reasons.includes('deadly')) process.exit(4);
      for (const reason of reasons) appendFileSync(file('taken'), reason + '\\n');
      parentPort.postMessage({ kind: 'taken', unwritten: reasons.includes('unwritten') ? 3 : 0 });
    });`;
  return { text };
}

/** A client of such threads, with what it has said. */
function begin(bed: StoreBed) {
  const errors: string[] = [];
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const error = (_: string, fields: unknown): void => void errors.push(JSON.stringify(fields));
  const warn = (text: string, fields: unknown): void => void warnings.push(`${text} ${JSON.stringify(fields)}`);
  const logger = { debug: silent, info: silent, warn, error, redact: (text: string) => text };
  let begun = 0;
  const onStart = (): void => {
    begun += 1;
  };
  const options = { path: ':memory:', maxBytes: 1e9, rawDays: 14, prices: {}, logger, onStart };
  const client = new StoreClient({ ...options, program: program(bed.folder) });
  const lines = (name: string): string[] => {
    const path = join(bed.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  };
  const add = (...reasons: string[]): void => client.add(reasons.map(entryOf));
  const ask = (limit: number) => client.ask({ what: 'page', page: { limit } });
  return { client, errors, warnings, lines, add, ask, begun: () => begun };
}

describe('a store whose thread ends', () => {
  let bed: StoreBed;
  let store: ReturnType<typeof begin>;
  beforeEach(() => {
    bed = new StoreBed();
    store = begin(bed);
  });
  afterEach(async () => {
    await store.client.close();
    bed.close();
  });
  const untilHealth = (kind: string) =>
    until(
      `its health is ${kind}`,
      () => store.client.health,
      (health) => health.kind === kind,
      10_000,
    );

  for (const [how, limit] of [
    ['of its own accord', 1],
    ['of an error', 2],
  ] as const) {
    it(`${how}: what is asked is refused, what is added waits for the next thread, and health tells of both`, async () => {
      await untilHealth('ok');
      const open = [store.ask(10), store.ask(limit), store.ask(11)];
      for (const { status, reason } of (await Promise.allSettled(open)) as PromiseRejectedResult[]) {
        assert.equal(status, 'rejected');
        assert.match(String(reason), /the store has ended/);
      }
      const { health } = store.client;
      assert.ok(health.kind === 'degraded' && health.cause === 'failed');
      assert.match(health.reason, /restarts/);
      store.add('first', 'second');
      store.add('third');
      await assert.rejects(store.ask(10), /the store is not running/);
      await untilHealth('ok');
      await until(
        'all are taken, in their order',
        () => store.lines('taken').join(),
        (all) => all === 'first,second,third',
      );
      assert.equal(store.begun(), 2, 'who knows what lasts is told of each beginning');
      assert.equal(store.errors.length, limit === 1 ? 0 : 1);
    });
  }

  const untilTaken = (...reasons: string[]) =>
    until(
      `${reasons.join()} are taken, in their order`,
      () => store.lines('taken').join(),
      (all) => all === reasons.join(),
      20_000,
    );

  it('has what was on its way to it sent to the next thread, and nothing is lost', async () => {
    await untilHealth('ok');
    store.add('before');
    const asked = store.ask(1);
    store.add('on the way');
    store.add('on the way, too');
    await assert.rejects(asked);
    store.add('after');
    await untilTaken('before', 'on the way', 'on the way, too', 'after');
    assert.deepEqual(store.warnings, []);
  });

  it('because of what it is sent: that is given up with the second thread, and told; the rest is kept', async () => {
    await untilHealth('ok');
    store.add('before');
    store.add('deadly', 'beside it');
    store.add('behind');
    await untilTaken('before', 'behind');
    assert.equal(store.begun(), 3);
    assert.deepEqual(store.warnings, ['metrics were lost {"count":2}']);
  });

  it('with entries that it had not written yet: they are told as lost', async () => {
    await untilHealth('ok');
    store.add('unwritten');
    await untilTaken('unwritten');
    await assert.rejects(store.ask(1));
    assert.deepEqual(store.warnings, ['metrics were lost {"count":3}']);
  });

  it('and that is closed before the next one has begun tells of all that was not sent', async () => {
    await untilHealth('ok');
    const asked = store.ask(1);
    store.add('on the way');
    await assert.rejects(asked);
    store.add('after', 'it');
    await store.client.close();
    assert.deepEqual(store.warnings, ['metrics were lost {"count":3}']);
  });

  it('but hangs: what is asked is refused after half a minute', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const asked = store.ask(3).then(
        () => 'it is answered',
        (error: unknown) => String(error),
      );
      mock.timers.tick(29_999);
      let isOver = false;
      void asked.finally(() => {
        isOver = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(isOver, false);
      mock.timers.tick(1);
      assert.equal(await asked, 'StoreUnavailable: the store does not answer');
    } finally {
      mock.timers.reset();
    }
  });

  it('is restarted at longer and longer intervals while it fails at its start, until it takes entries', async () => {
    await untilHealth('ok');
    const dying = join(bed.folder, 'dieAtStart');
    writeFileSync(dying, '');
    await assert.rejects(store.ask(1));
    const starts = (): string[] => store.lines('starts');
    await until('it has died twice more', starts, (all) => all.length === 3, 10_000);
    const why = (): Promise<string> => store.ask(10).then(String, String);
    await until('the third one is gone', why, (text) => text.includes('not running'));
    // The next one comes after 4 s.
    rmSync(dying);
    store.add('kept');
    await until(
      'what was added is taken',
      () => store.lines('taken').join(),
      (all) => all === 'kept',
      10_000,
    );
    const [, second = 0, third = 0, fourth = 0] = starts().map(Number);
    assert.ok(third - second >= 1990, `never sooner than 2 s: ${third - second}`);
    assert.ok(fourth - third >= 3990, `never sooner than 4 s: ${fourth - third}`);
    assert.ok(store.errors.length >= 2);
    const again = store.begun();
    const sinceMs = Date.now();
    await assert.rejects(store.ask(1));
    await until(
      'it is restarted',
      () => store.begun(),
      (n) => n > again,
      10_000,
    );
    assert.ok(Date.now() - sinceMs >= 990);
  });

  it('and that is closed meanwhile begins no other one', async () => {
    await untilHealth('ok');
    await assert.rejects(store.ask(1));
    await store.client.close();
    store.add('too late');
    await assert.rejects(store.ask(10), /the store is not running/);
    assert.equal(store.begun(), 1);
  });
});
