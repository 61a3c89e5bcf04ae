import assert from 'node:assert/strict';
import { isLongRun } from '../support/extent.ts';
import { type KillsReport, runKills } from './kills.ts';
import { killsTable } from './killsTable.ts';

/** A start takes a second or two where others use the machine too; windows must not wait for much more than one. */
const generousMs = 15_000;

const numbers = isLongRun ? { kills: 25, mostWindows: 12 } : { kills: 5, mostWindows: 6 };

describe('a gateway that is killed again and again under several windows', function () {
  this.timeout(600_000);
  let report: KillsReport;

  before(async () => {
    report = await runKills({ ...numbers, seed: 20260802 });
    console.log(killsTable(report).replaceAll(/^/gm, '      '));
  });

  it('is replaced each time: every window has it, keys, bindings and breakers are there, clients are answered', () => {
    assert.deepEqual(report.wrong, []);
    assert.equal(report.kills.length, numbers.kills);
  });

  it('is replaced in good time', () => {
    for (const kill of report.kills) assert.ok(kill.helloMs < generousMs, JSON.stringify(kill));
  });

  it('is replaced by one, and no process is left when the last window has gone', () => {
    assert.equal(report.listeners, 1);
    assert.ok(report.lingerMs >= report.meantLingerMs, killsTable(report));
  });
});
