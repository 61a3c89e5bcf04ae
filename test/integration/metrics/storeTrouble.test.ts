import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { send, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { messages, type TestBed, withBed } from '../../support/processes/testBed.ts';
import { untilCounted, untilHealth } from '../../support/store/storeTrouble.ts';

const run = promisify(execFile);

describe('a store that cannot be used', () => {
  it(
    'for want of node:sqlite: requests are answered, and counted in memory',
    withBed(async (bed) => {
      const { gateway } = await begin(bed, {}, { NODE_OPTIONS: '--no-experimental-sqlite' });
      await answered(gateway, 5);
      await untilHealth(gateway, 'missing');
      await untilCounted(gateway, 5);
      await until('a line in the log', gateway.log, (log) => log.includes('kept in memory only (missing)'));
    }),
  );

  it(
    'while another process has it locked: requests are answered, and written when that lets go',
    withBed(async (bed) => {
      const { gateway, file } = await begin(bed);
      await answered(gateway, 2);
      await untilHealth(gateway, 'ok');
      const other = new DatabaseSync(file);
      other.exec('PRAGMA busy_timeout = 5000');
      other.exec('BEGIN IMMEDIATE');
      await answered(gateway, 5);
      await untilHealth(gateway, 'locked');
      await untilCounted(gateway, 7);
      other.exec('ROLLBACK');
      await untilHealth(gateway, 'ok');
      const rows = (): unknown => other.prepare('SELECT count(*) AS n FROM requests').get()?.['n'];
      await until('all to be written', rows, (n) => n === 7);
      other.close();
    }),
  );

  it(
    'because a newer release has made it: requests are answered, and the file stays as it is',
    withBed(async (bed) => {
      const { gateway, file } = await begin(bed, {}, {}, (path) => {
        const newer = new DatabaseSync(path);
        newer.exec('CREATE TABLE theirs (x); PRAGMA user_version = 99');
        newer.close();
      });
      const before = readFileSync(file);
      await untilHealth(gateway, 'newer');
      await answered(gateway, 5);
      await untilCounted(gateway, 5);
      assert.deepEqual(readFileSync(file), before);
    }),
  );

  it(
    'because it is no database: it is set aside, and a new one begun',
    withBed(async (bed) => {
      const { gateway, file } = await begin(bed, {}, {}, (path) => writeFileSync(path, 'garbage '.repeat(5000)));
      await answered(gateway, 5);
      await untilHealth(gateway, 'ok');
      await untilCounted(gateway, 5);
      const aside = readdirSync(join(file, '..')).filter((name) => name.startsWith('metrics.sqlite.bad-'));
      assert.equal(aside.length, 1);
      await until('a line in the log', gateway.log, (log) => log.includes('set aside as'));
    }),
  );

  it(
    'because it was deleted while it was open: a new one is begun',
    withBed(async (bed) => {
      const { gateway, file } = await begin(bed);
      await answered(gateway, 3);
      await untilHealth(gateway, 'ok');
      const look = new DatabaseSync(file, { readOnly: true });
      const rows = (): unknown => look.prepare('SELECT count(*) AS n FROM requests').get()?.['n'];
      await until('all to be written', rows, (n) => n === 3);
      look.close();
      for (const side of ['', '-wal', '-shm']) rmSync(file + side, { force: true });
      await answered(gateway, 4);
      const isThere = (): boolean => readdirSync(join(file, '..')).includes('metrics.sqlite');
      await until('a new file', isThere, (there) => there, 20_000);
      await untilHealth(gateway, 'ok');
      await untilCounted(gateway, 4);
    }),
  );

  it(
    'because its file system is full: requests are answered, and written when there is room',
    withBed(async (bed) => {
      const folder = join(bed.folder(), 'state');
      mkdirSync(folder, { mode: 0o700 });
      const told = await mounted('full', folder, 'mount -t tmpfs -o size=2m,mode=700 tmpfs "$1"');
      assert.deepEqual(told.statuses, Array(25).fill(200));
      assert.equal(told.after?.kind, 'ok');
    }),
  );

  for (const way of ['SIGTERM', 'shutdown'] as const) {
    it(
      `A8: because its file system is full when ${way} comes: the gateway ends in time and says what is lost`,
      withBed(async (bed) => {
        const folder = join(bed.folder(), 'state');
        mkdirSync(folder, { mode: 0o700 });
        const { end } = await mounted(way, folder, 'mount -t tmpfs -o size=2m,mode=700 tmpfs "$1"');
        assert.equal(end?.code, 0, JSON.stringify(end));
        assert.ok(end.afterMs < 10_000, `${end.afterMs} ms`);
        assert.match(end.stderr, /metrics were lost count=\d+/);
        assert.match(end.stderr, /lines of the log were lost lines=\d+/);
        assert.match(end.stderr, /state\.json cannot be written code=ENOSPC/);
      }),
    );
  }

  it(
    'because it may not be written: requests are answered, and counted in memory',
    withBed(async (bed) => {
      const folder = join(bed.folder(), 'state');
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(join(folder, 'metrics.sqlite'), '', { mode: 0o600 });
      const file = '"$1/metrics.sqlite"';
      const told = await mounted(
        'readOnly',
        folder,
        `mount --bind ${file} ${file} && mount -o remount,bind,ro ${file}`,
      );
      assert.deepEqual(told.statuses, Array(25).fill(200));
    }),
  );
});

describe('the store', () => {
  it(
    'outlives a restart: requests and sums are there again',
    withBed(async (bed) => {
      const endpoint = await bed.endpoint('only');
      const stateDir = join(bed.folder(), 'state');
      const first = await bed.gatewayProcess([endpoint], {}, { stateDir });
      await answered(first, 3);
      await untilHealth(first, 'ok');
      assert.equal(await first.stop(), 0);
      const second = await bed.gatewayProcess([endpoint], {}, { stateDir });
      const { requests, totals } = await second.until('the history', (now) => now.requests.length === 3);
      assert.equal(totals.requests, 0, 'totals are those since the start');
      assert.equal(requests[0]?.endpointId, 'only');
      await answered(second, 1);
      await untilCounted(second, 4);
      await second.until('the new one before the old ones', (now) => now.requests.length === 4);
    }),
  );

  it(
    'is off where the configuration says so, and leaves no file',
    withBed(async (bed) => {
      const { gateway, file } = await begin(bed, { metrics: { enabled: false } });
      await answered(gateway, 1);
      assert.equal((await gateway.control('GET', '/signalbox/metrics')).status, 404);
      assert.ok(!readdirSync(join(file, '..')).includes('metrics.sqlite'));
    }),
  );
});

/** A gateway with one endpoint, in a state folder into which `prepare` has put something. */
async function begin(
  bed: TestBed,
  config: object = {},
  env: Readonly<Record<string, string>> = {},
  prepare: (file: string) => void = () => undefined,
): Promise<{ readonly gateway: TestGateway; readonly file: string }> {
  const stateDir = join(bed.folder(), 'state');
  mkdirSync(stateDir, { mode: 0o700 });
  const file = join(stateDir, 'metrics.sqlite');
  prepare(file);
  const gateway = await bed.gatewayProcess([await bed.endpoint('only')], config, { stateDir, env });
  return { gateway, file };
}

async function answered(gateway: TestGateway, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) {
    const { status, text } = await send(`${gateway.url}/v1/messages`, { json: messages(`question ${nth}`) });
    assert.equal(status, 200, text);
  }
}

interface Told {
  readonly end?: { readonly code: number | null; readonly afterMs: number; readonly stderr: string };
  readonly statuses: readonly number[];
  readonly after?: { readonly kind: string };
}

/** Runs a gateway where `mount` has been done first, in a mount namespace of its own: it needs no rights outside. */
async function mounted(trouble: string, folder: string, mount: string): Promise<Told> {
  const program = join(import.meta.dirname, '../../support/store/storeTroubleProgram.ts');
  const script = `${mount} && exec "$0" ${program} ${trouble} "$1"`;
  const { stdout } = await run('unshare', ['-rm', 'sh', '-c', script, process.execPath, folder]);
  return JSON.parse(stdout) as Told;
}
