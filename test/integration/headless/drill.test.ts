import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DrillMessage, type DrillRow, drillFaults } from '../../../src/contract/drill.ts';
import { runDrill } from '../../../src/gateway/drill/drill.ts';
import { drillScripts } from '../../../src/gateway/drill/drillScript.ts';
import { parseCommandLine } from '../../../src/gateway/process/commandLine.ts';
import { runDrillProcess } from '../../../src/ui/drill/drillProcess.ts';
import { bareEnvironment } from '../../support/bareEnvironment.ts';
import { endOf, type RunResult, runGateway } from '../../support/processes/runGateway.ts';
import { until } from '../../support/processes/startGateway.ts';
import { TestBed } from '../../support/processes/testBed.ts';

const root = join(import.meta.dirname, '../../..');
const program = join(root, 'dist/gateway.js');
const withinMs = 60_000;

describe('the fault drill', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  describe('of this build', () => {
    let folder: string;
    /** A run in a folder of its own, with a proxy that is not there. Several tests look at it. */
    let jsonRun: Promise<RunResult>;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
      const dead = { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' };
      const env = {
        ...bareEnvironment(),
        HOME: folder,
        XDG_STATE_HOME: join(folder, 'state'),
        TMPDIR: folder,
        ...dead,
      };
      jsonRun = endOf(spawn(process.execPath, [program, '--drill', '--json'], { cwd: folder, env }), withinMs);
    });
    after(() => rmSync(folder, { recursive: true }));

    it('finds every fault as designed: a table, a line that sums it up, exit 0', async () => {
      const { code, stdout, stderr } = await runGateway(['--drill'], {}, withinMs);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(stderr, '');
      const lines = stdout.trimEnd().split('\n');
      const title = lines.findIndex((line) => line.startsWith('fault '));
      const rows = lines.slice(title + 2, title + 2 + drillFaults.length);
      assert.equal(rows.length, drillFaults.length, stdout);
      const at = lines[title]?.indexOf('as designed') ?? 0;
      for (const row of rows) assert.equal(row.slice(at), 'yes', `not aligned, or not as designed:\n${row}`);
      assert.match(lines.at(-1) ?? '', /^17 of 17 as designed, in \d+\.\d s\./);
    });

    it('as JSON: one object a line, a fault as it has been played, the end last', async () => {
      const { code, stdout, stderr } = await jsonRun;
      assert.equal(code, 0, stdout + stderr);
      const messages = stdout
        .trimEnd()
        .split('\n')
        .map((line): DrillMessage => JSON.parse(line));
      const done = messages.pop();
      const rows = messages as DrillRow[];
      assert.deepEqual(
        rows.map(({ fault }) => fault),
        drillFaults,
      );
      for (const row of rows) {
        assert.equal(row.event, 'fault');
        assert.deepEqual(row.differences, []);
        assert.equal(row.isAsDesigned, true);
        const isClients = ['clientLeaves', 'badRequest', 'contextFull', 'tooLargePage'].includes(row.fault);
        assert.equal(row.failed, isClients ? null : 'first');
      }
      const sights = Object.fromEntries(
        rows.map(({ fault, clientSaw, answeredBy }) => [fault, [clientSaw, answeredBy]]),
      );
      const saved = ['wholeAnswer', 'second'];
      assert.deepEqual(sights, {
        rateLimit: saved,
        rateLimitWithoutReset: saved,
        overloaded: saved,
        refused: saved,
        silent: saved,
        cutBeforeContent: saved,
        cutAfterContent: ['brokenAnswer', 'first'],
        errorBeforeContent: saved,
        errorAfterContent: ['brokenAnswer', 'first'],
        badKey: saved,
        emptyAccount: saved,
        errorInBody: saved,
        clientLeaves: ['left', null],
        badRequest: ['endpointsError', 'first'],
        contextFull: ['otherError', 'first'],
        tooLargePage: ['otherError', 'first'],
        breaker: saved,
      });
      assert.ok(done?.event === 'done');
      assert.deepEqual(
        [done.end, done.isAsDesigned, done.played, done.failed],
        ['finished', true, drillFaults.length, 0],
      );
      assert.ok(done.totalMs < withinMs);
    });

    it('leaves no file, wherever the system would have them', async () => {
      assert.equal((await jsonRun).code, 0);
      assert.deepEqual(readdirSync(folder), []);
    });

    it('takes nothing from the environment, be it a proxy that is not there', async () => {
      const { code, stdout } = await jsonRun;
      assert.equal(code, 0, stdout);
    });

    it('does not disturb a gateway that runs at the same time', async () => {
      const endpoint = await bed.endpoint('mine');
      const gateway = await bed.gatewayProcess([endpoint]);
      const before = (await gateway.status()).totals;
      const seen = endpoint.seen.length;
      const { code, stdout } = await runGateway(['--drill'], {}, withinMs);
      assert.equal(code, 0, stdout);
      assert.deepEqual((await gateway.status()).totals, before);
      assert.equal(await gateway.stop(), 0);
      assert.doesNotMatch(gateway.stderr(), /drill|attempt failed/);
      assert.equal(endpoint.seen.length, seen);
    });

    it('goes through the build as `npm start -- --drill`, too', async () => {
      const child = spawn(process.execPath, ['esbuild.js', '--run', '--drill', '--json'], {
        cwd: root,
        env: bareEnvironment(),
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      endWithTest(child);
      const lines = linesOf(child);
      assert.equal(await exitOf(child), 0);
      assert.match(lines().at(-1) ?? '', /^\{"event":"done","end":"finished","isAsDesigned":true/);
    });
  });

  it('leaves no socket and no timer', async () => {
    // A moment later: then the test's own timer runs.
    const before = await Promise.resolve().then(openResources);
    const done = await runDrill({ signal: new AbortController().signal, onRow: () => undefined });
    assert.equal(done.isAsDesigned, true);
    await until('all to be closed', openResources, (now) => JSON.stringify(now) === JSON.stringify(before));
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends on ${signal} with what has been played, and exit 1`, async () => {
      const child = spawnDrill();
      const lines = linesOf(child);
      await until('the first fault', lines, (all) => all.length > 0, 30_000);
      child.kill(signal);
      assert.equal(await exitOf(child), 1);
      const messages = lines().map((line): DrillMessage => JSON.parse(line));
      const done = messages.pop();
      assert.ok(done?.event === 'done');
      assert.deepEqual([done.end, done.isAsDesigned, done.played], ['stopped', false, messages.length]);
      assert.ok(messages.length < drillFaults.length);
    });
  }

  it('ends when its reader is gone', async () => {
    const child = spawnDrill();
    const lines = linesOf(child);
    await until('the first fault', lines, (all) => all.length > 0, 30_000);
    child.stdout?.destroy();
    assert.equal(await exitOf(child), 1);
  });

  describe('with flags that do not go together', () => {
    const cases: readonly (readonly [string, ...string[]])[] = [
      ['--config', 'x.json'],
      ['--demo'],
      ['--port', '0'],
      ['--state-dir', '/nowhere'],
    ];
    for (const [flag, ...value] of cases) {
      it(`says that it takes no ${flag}`, () => {
        const parsed = parseCommandLine(['--drill', flag, ...value], '1.0.0', 'node dist/gateway.js');
        assert.ok(parsed.kind === 'exit' && parsed.code === 2);
        assert.ok(parsed.text.includes(`--drill takes no ${flag}`), parsed.text);
      });
    }

    it('says what --json belongs to', async () => {
      const { code, stderr } = await runGateway(['--demo', '--json']);
      assert.equal(code, 2);
      assert.match(stderr, /--json is for --drill/);
    });

    it('is described by --help', async () => {
      const { stdout } = await runGateway(['--help']);
      assert.match(stdout, /--drill \[--json\]/);
    });
  });

  describe('of a gateway that does not keep its promises', () => {
    const silent = new AbortController().signal;

    async function failures(document: object, faults: readonly string[] = drillFaults) {
      const scripts = drillScripts.filter(({ fault }) => faults.includes(fault));
      const rows: DrillRow[] = [];
      const done = await runDrill({ signal: silent, onRow: (row) => rows.push(row), scripts, document });
      assert.equal(done.failed, rows.filter(({ isAsDesigned }) => !isAsDesigned).length);
      assert.equal(done.isAsDesigned, done.failed === 0);
      return { done, failed: rows.filter(({ isAsDesigned }) => !isAsDesigned) };
    }

    it('says so where nothing is tried a second time', async () => {
      const saved = ['overloaded', 'cutBeforeContent', 'badKey', 'breaker'];
      const { done, failed } = await failures({ retry: { maxAttempts: 1 } }, saved);
      assert.equal(done.isAsDesigned, false);
      assert.deepEqual(
        failed.map(({ fault }) => fault),
        saved,
      );
      const [overloaded] = failed;
      assert.equal(overloaded?.clientSaw, 'otherError');
      assert.deepEqual(overloaded?.differences[0], {
        request: 1,
        aspect: 'clientSaw',
        expected: 'wholeAnswer',
        seen: 'otherError',
      });
    });

    it('says so where a breaker opens too late', async () => {
      const { failed } = await failures({ breaker: { failureThreshold: 4 } }, ['breaker', 'refused']);
      assert.deepEqual(
        failed.map(({ fault }) => fault),
        ['breaker'],
      );
      const [breaker] = failed;
      const found = breaker?.differences.map(({ request, aspect }) => `${request} ${aspect}`) ?? [];
      assert.ok(found.includes('3 blame') && found.includes('4 endpointsSaw'), found.join(', '));
    });

    it('says so where a client is told of a break in the wrong way', async () => {
      const { failed } = await failures({ stream: { breakStyle: 'event' } }, ['cutAfterContent', 'errorAfterContent']);
      assert.deepEqual(
        failed.map(({ clientSaw }) => clientSaw),
        ['errorEvent', 'errorEvent'],
      );
    });

    it('says so where it is the design that is wrong', async () => {
      const scripts = drillScripts
        .filter(({ fault }) => fault === 'cutAfterContent')
        .map((script) => ({
          ...script,
          steps: script.steps.map((step) => ({ ...step, expect: { ...step.expect, clientSaw: 'falseEnd' as const } })),
        }));
      const done = await runDrill({ signal: silent, onRow: () => undefined, scripts });
      assert.deepEqual([done.end, done.isAsDesigned, done.failed], ['finished', false, 1]);
    });

    it('ends at its deadline, and says that it did not finish', async () => {
      const done = await runDrill({ signal: silent, onRow: () => undefined, deadlineMs: 1 });
      assert.deepEqual([done.end, done.isAsDesigned], ['deadline', false]);
      assert.ok(done.played < drillFaults.length);
    });
  });

  describe('run by a window', () => {
    const { PATH = '', HOME = '' } = process.env;
    const run = (path: string) => ({ kind: 'found', runtime: process.execPath, path, env: { PATH, HOME } }) as const;

    it('gives the same rows, one after the other', async () => {
      const told: string[] = [];
      const onRow = ({ fault }: DrillRow): void => void told.push(fault);
      const { rows, done } = await runDrillProcess(run(program), new AbortController().signal, onRow);
      assert.equal(done.isAsDesigned, true, JSON.stringify(rows));
      assert.deepEqual(told, drillFaults);
      assert.equal(rows.length, drillFaults.length);
    });

    it('is over, process and all, once it is cancelled', async () => {
      const controller = new AbortController();
      const told: string[] = [];
      const running = runDrillProcess(run(program), controller.signal, ({ fault }) => {
        told.push(fault);
        controller.abort();
      });
      await assert.rejects(running, { name: 'AbortError' });
      assert.equal(told.length, 1);
    });

    it('says what the program said when there is no result', async () => {
      const silent = new AbortController().signal;
      const none = run(join(bed.folder(), 'nowhere.js'));
      await assert.rejects(
        runDrillProcess(none, silent, () => undefined),
        /nowhere\.js/,
      );
      const noNode = { ...run(program), runtime: join(bed.folder(), 'no-node') };
      await assert.rejects(
        runDrillProcess(noNode, silent, () => undefined),
        /ENOENT/,
      );
    });
  });

  function spawnDrill(env: NodeJS.ProcessEnv = {}, cwd = root): ChildProcess {
    const child = spawn(process.execPath, [program, '--drill', '--json'], {
      cwd,
      env: { ...bareEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout?.resume();
    endWithTest(child);
    return child;
  }

  /** Killed at the end of the test should it still run. */
  function endWithTest(child: ChildProcess): void {
    bed.onClose(() => void (child.exitCode ?? child.kill('SIGKILL')));
  }
});

function linesOf(child: ChildProcess): () => readonly string[] {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text.split('\n').slice(0, -1);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

/** The resources that keep a process alive, sorted. */
function openResources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /^(?:TCP|Timeout)/.test(name))
    .sort();
}
