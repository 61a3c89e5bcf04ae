import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from '../../support/bareEnvironment.ts';
import { builtGateway, send, startGateway, until } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { openStream } from '../../support/scenes/streamClient.ts';

const root = join(import.meta.dirname, '../../..');

describe('the start', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  it('is told in the first line on stdout, as documented', async () => {
    const stateDir = join(bed.folder(), 'state');
    const child = spawnProgram(['dist/gateway.js', '--demo', '--port', '0', '--state-dir', stateDir]);
    const line = await firstLine(child);
    assert.match(line, /^\{"event":"listening","url":"http:\/\/127\.0\.0\.1:\d+","pid":\d+,"stateDir":".+"\}$/);
    const told = JSON.parse(line);
    assert.equal(told.pid, child.pid);
    assert.equal(told.stateDir, stateDir);
    assert.equal((await send(`${told.url}/healthz`, { method: 'GET' })).status, 200);
  });

  it('writes gateway.json with pid, start time, port, protocol and build', async () => {
    const before = Date.now();
    const gateway = await bed.process();
    const file = JSON.parse(readFileSync(join(gateway.stateDir, 'gateway.json'), 'utf8'));
    const { protocol, build, startedAtMs } = (await gateway.status()).gateway;
    assert.equal(file.pid, gateway.pid);
    assert.equal(file.port, gateway.port);
    assert.equal(file.protocol, protocol);
    assert.equal(file.build, build);
    for (const at of [file.startedAtMs, startedAtMs]) assert.ok(at >= before - 1000 && at <= Date.now() + 1000);
    assert.equal(await gateway.stop(), 0);
    assert.equal(existsSync(join(gateway.stateDir, 'gateway.json')), false);
  });

  it('C10: on a Node that is too old says so, in words that one can read', () => {
    const program = readFileSync(builtGateway, 'utf8');
    const check = program.slice(program.indexOf('if (Number(process.versions'), program.indexOf('\n}\n') + 2);
    assert.ok(program.startsWith('"use strict";\n'), 'the whole program is strict');
    const run = (node: string): readonly unknown[] => {
      const said: unknown[] = [];
      const machine = { versions: { node }, exit: (code: number) => said.push(code) };
      new Function('process', 'console', check)(machine, { error: (text: string) => said.push(text) });
      return said;
    };
    const told = 'signalbox: Node 22 or newer is needed; this is 20.20.2. "npm start" brings its own.';
    assert.deepEqual(run('20.20.2'), [told, 2]);
    for (const node of ['22.19.0', '24.1.0', '100.0.0']) assert.deepEqual(run(node), [], node);
  });

  it('creates the state folder, with its parents', async () => {
    const stateDir = join(bed.folder(), 'a', 'b', 'state');
    const gateway = await startGateway({ stateDir });
    assert.ok(existsSync(join(stateDir, 'control-token')));
    assert.equal(await gateway.stop(), 0);
  });

  describe('of the demo', () => {
    it('streams an answer to the request that it shows, and fails none of 30 though one endpoint is flaky', async () => {
      const gateway = await bed.process({ args: ['--demo'] });
      const shown = await until(
        'the command is shown',
        () => gateway.stderr(),
        (text) => text.includes('curl'),
      );
      const [, url = '', contentType, version, data] =
        /curl -N (\S+) -H 'content-type: (\S+)' -H 'anthropic-version: (\S+)' -d '(.+)'/.exec(shown) ?? [];
      assert.ok(url.startsWith(gateway.url), shown);
      assert.equal(contentType, 'application/json');
      const body: object = JSON.parse(data ?? '');
      const all = Array.from({ length: 30 }, async () => {
        const answer = await openStream(url, body, { 'anthropic-version': version ?? '' });
        return { status: answer.status, text: await answer.ended };
      });
      for (const { status, text } of await Promise.all(all)) {
        assert.equal(status, 200, text);
        assert.match(text, /event: content_block_delta[\s\S]*event: message_stop/);
      }
      const { endpoints, totals, gateway: told } = await gateway.until('30 records', (s) => s.totals.requests >= 30);
      assert.equal(told.owner, 'demo');
      assert.equal(endpoints.length, 2);
      assert.equal(totals.succeeded, 30);
    });

    it('streams while it goes on: the first event comes before the last', async () => {
      const gateway = await bed.process({ args: ['--demo'] });
      const answer = await openStream(`${gateway.url}/v1/messages`, messages('hi', true));
      assert.doesNotMatch(answer.text(), /message_stop/);
      assert.match(await answer.ended, /message_stop/);
    });

    it('by `npm start` builds first, and ends on SIGTERM with 0', async () => {
      const stateDir = join(bed.folder(), 'state');
      const child = spawnProgram(['esbuild.js', '--run', '--port', '0', '--state-dir', stateDir]);
      const { url, pid } = JSON.parse(await firstLine(child));
      assert.equal(pid, child.pid);
      const reply = await send(`${url}/v1/messages`, { json: messages() });
      assert.equal(reply.status, 200);
      child.kill('SIGTERM');
      const code = await new Promise((resolve) => child.once('exit', resolve));
      assert.equal(code, 0);
    });
  });

  /** A program of the repository, killed at the end should it still run. */
  function spawnProgram(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: bareEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    bed.onClose(() => {
      if (child.exitCode !== null || child.signalCode !== null) return undefined;
      child.kill('SIGTERM');
      return new Promise((resolve) => child.once('exit', () => resolve()));
    });
    return child;
  }
});

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`ended with ${code} before its first line`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
  });
}
