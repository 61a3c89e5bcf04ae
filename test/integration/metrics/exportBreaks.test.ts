import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { send, until } from '../../support/processes/startGateway.ts';
import { withBed } from '../../support/processes/testBed.ts';
import {
  bytesRead,
  exportedCount,
  gatewayWithMany,
  manyTurns,
  openExport,
  openHandles,
} from '../../support/store/exportBed.ts';
import { answeredIds } from '../../support/store/storeTraffic.ts';
import { metricsOf, untilHealth } from '../../support/store/storeTrouble.ts';

/** How many requests a whole export says. */
function countIn(format: 'csv' | 'json', text: string): number {
  if (format === 'json') return (JSON.parse(text) as unknown[]).length;
  assert.ok(text.endsWith('\r\n'));
  return text.trimEnd().split('\r\n').length - 1;
}

describe('an export', () => {
  for (const format of ['csv', 'json'] as const) {
    it(
      `as ${format} that is broken off stops asking the store, and leaves nothing open`,
      withBed(async (bed) => {
        const { gateway } = await gatewayWithMany(bed);
        const handles = openHandles(gateway.pid);
        const begun = bytesRead(gateway.pid);
        const whole = await openExport(gateway, format);
        assert.equal(countIn(format, await whole.rest()), exportedCount);
        const wholeBytes = bytesRead(gateway.pid) - begun;
        for (let nth = 0; nth < 5; nth += 1) {
          const broken = await openExport(gateway, format);
          broken.destroy();
          const before = bytesRead(gateway.pid);
          await manyTurns(gateway);
          const since = bytesRead(gateway.pid) - before;
          assert.ok(since < wholeBytes / 2, `it has read ${since} bytes more, a whole export ${wholeBytes}`);
        }
        await until(
          'all sockets are closed',
          () => openHandles(gateway.pid),
          (n) => n <= handles,
        );
        await answeredIds(gateway, 5);
        await gateway.until('the store has been told of them', ({ totals }) => totals.requests === 5);
        assert.equal(countIn(format, await (await openExport(gateway, format)).rest()), exportedCount + 5);
      }),
    );

    it(
      `as ${format} goes at the pace of its reader: nothing is asked for that cannot be sent`,
      withBed(async (bed) => {
        const { gateway, file } = await gatewayWithMany(bed);
        const slow = await openExport(gateway, format);
        await manyTurns(gateway);
        // Nobody else removes them; what was not asked for yet is gone for this export.
        const other = new DatabaseSync(file);
        other.exec('PRAGMA busy_timeout = 5000; DELETE FROM requests');
        other.close();
        const count = countIn(format, await slow.rest());
        assert.ok(count >= 500 && count < exportedCount, `${count} of ${exportedCount}`);
        await answeredIds(gateway, 1);
      }),
    );

    it(
      `as ${format} does not end like a whole one when the file is deleted half-way`,
      withBed(async (bed) => {
        const { gateway, file } = await gatewayWithMany(bed);
        const slow = await openExport(gateway, format);
        for (const side of ['', '-wal', '-shm']) rmSync(file + side, { force: true });
        await untilHealth(gateway, 'failed');
        await untilHealth(gateway, 'ok');
        await assert.rejects(slow.rest(), { code: 'ECONNRESET' });
        await answeredIds(gateway, 1);
      }),
    );

    it(
      `as ${format} does not end like a whole one when the file breaks half-way`,
      withBed(async (bed) => {
        const { gateway, file } = await gatewayWithMany(bed);
        const slow = await openExport(gateway, format);
        const handle = openSync(file, 'r+');
        const garbage = Buffer.alloc(statSync(file).size - 8192, 'garbage ');
        writeSync(handle, garbage, 0, garbage.length, 8192);
        closeSync(handle);
        await assert.rejects(slow.rest(), { code: 'ECONNRESET' });
        const { status } = await send(`${gateway.url}/healthz`, { method: 'GET' });
        assert.equal(status, 200);
        await untilHealth(gateway, 'ok');
        assert.ok((await metricsOf(gateway)).totals.requests < exportedCount, 'it is a new file');
      }),
    );
  }
});
