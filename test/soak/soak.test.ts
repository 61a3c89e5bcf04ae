import assert from 'node:assert/strict';
import { isLongRun } from '../support/extent.ts';
import { type SoakReport, soak } from './soak.ts';
import { soakTable } from './soakTable.ts';

const mebibyte = 1024 * 1024;

describe('a gateway under 50 streams with faults, aborts and slow readers', function () {
  this.timeout(150_000);
  let report: SoakReport;

  before(async () => {
    report = await soak({ seconds: isLongRun ? 25 : 10, streams: 50, seed: 20260801 });
  });

  it('ends every request in a whole answer, an error, a visible break, or because the client left', () => {
    assert.deepEqual(report.wrong, [], soakTable(report));
    assert.ok(report.requests > 100, soakTable(report));
    for (const kind of ['whole', 'break', 'ownAbort']) {
      assert.ok(
        [...report.endings.keys()].some((name) => name.startsWith(kind)),
        `none ended with ${kind}\n${soakTable(report)}`,
      );
    }
  });

  it('has no error inside it, and ends well', () => {
    assert.deepEqual(report.unhandled, []);
    assert.equal(report.exitCode, 0);
    assert.ok(report.failures.size > 0, 'faults did happen');
  });

  it('closes what it has opened', () => {
    assert.ok(report.samples.mostFiles() > report.files.before + 50, soakTable(report));
    assert.ok(report.files.after <= report.files.before + 2, soakTable(report));
  });

  // A leak of a request's body or answer alone would be a hundred times as much in an hour; this is for the gross ones.
  it('does not grow without bound', () => {
    const { first, most } = report.samples.memoryBytes();
    assert.ok(most - first < 150 * mebibyte, soakTable(report));
    assert.ok(most < 500 * mebibyte, soakTable(report));
  });
});
