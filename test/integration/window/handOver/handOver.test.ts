import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Snapshot } from '../../../../src/contract/snapshot.ts';
import { anthropicError } from '../../../../src/simulated/behaviour.ts';
import { ControlError } from '../../../../src/ui/link/controlClient.ts';
import { itConcurrently } from '../../../support/itConcurrently.ts';
import { portForLater } from '../../../support/portForLater.ts';
import { type Reply, send, startGateway, until } from '../../../support/processes/startGateway.ts';
import { messages } from '../../../support/processes/testBed.ts';
import { hasEnded, isAlive, type WindowBed, withWindows } from '../../../support/windows/windowBed.ts';
import type { WindowSide } from '../../../support/windows/windowSide.ts';

const bundle = readFileSync(join(import.meta.dirname, '../../../../dist/gateway.js'), 'utf8');

const isNot =
  (pid: number) =>
  ({ gateway }: Snapshot): boolean =>
    gateway.pid !== pid;

/** The folder of an extension of another version, with the same gateway in it. */
function extensionOf(bed: WindowBed, version: string): string {
  return bed.extensionWith(bundle.replace(/"\d+\.\d+\.\d+\+([0-9a-f]{12})"/g, `"${version}+$1"`));
}

/** A window of another version. */
function windowOf(bed: WindowBed, version: string): WindowSide {
  return bed.side({ extensionFolder: extensionOf(bed, version), version });
}

/** Asks the gateway of a bed to hand over to a program; as a window does, or with parts of its own. */
function handOver(bed: WindowBed, parts: object): Promise<Reply> {
  const token = readFileSync(join(bed.stateDir, 'control-token'), 'utf8');
  const { PATH = '', HOME = '' } = process.env;
  const json = { pid: bed.announced()?.pid, runtime: process.execPath, program: '', env: { PATH, HOME }, ...parts };
  const headers = { authorization: `Bearer ${token}` };
  return send(`http://127.0.0.1:${bed.port}/signalbox/handover`, { json, headers });
}

/** A message on a connection of the client's choice; resolves when the answer is read. */
function ask(
  port: number,
  agent: Agent,
  headers: ClientRequestArgs['headers'] = {},
  path = '/v1/messages',
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const args = { host: '127.0.0.1', port, method: 'POST', path, agent };
    const sent = request({ ...args, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      response.resume().once('end', () => resolve(response));
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(messages()));
  });
}

/** A program that is given all that the gateway has, takes no connection, and does this; it works in the state folder. */
function successorThat(then: string): string {
  return `process.send({ event: 'ready' }); process.once('message', (_, socket) => { socket.close(); ${then} });`;
}

/** The one that runs goes on as if nothing had been asked of it. */
async function goesOn(bed: WindowBed, side: WindowSide, pid: number): Promise<void> {
  assert.equal((await side.running()).gateway.pid, pid);
  const reply = await send(`http://127.0.0.1:${bed.port}/v1/messages`, { json: messages() });
  assert.equal(reply.status, 200, reply.text);
  await bed.processesAre(1);
  assert.deepEqual(side.course(), ['starting', 'running']);
}

describe('a hand-over', () => {
  itConcurrently(
    {
      'to a newer version happens when its first window comes; the others go along': withWindows(async (bed) => {
        await bed.served('first');
        const [one, two] = await bed.sides();
        const { gateway: old } = await one.running();
        const newer = windowOf(bed, '99.0.0');
        const { gateway } = await newer.start();
        assert.match(gateway.build, /^99\.0\.0\+/);
        for (const side of [one, two, newer]) {
          assert.equal((await side.running('the newer one', isNot(old.pid))).gateway.pid, gateway.pid);
          assert.deepEqual(side.course(), ['starting', 'running']);
        }
        await hasEnded(old.pid, 10_000);
        await goesOn(bed, newer, gateway.pid);
      }),

      'does not go back: a window of an older version takes the newer gateway as it is': withWindows(async (bed) => {
        await bed.served('first');
        const newer = windowOf(bed, '99.0.0');
        const { gateway } = await newer.start();
        const older = bed.side();
        assert.equal((await older.start()).gateway.pid, gateway.pid);
        assert.equal(older.supervisor.newerBuild, gateway.build, 'a restart there asks to reload the window');
        assert.equal(newer.supervisor.newerBuild, undefined);
        await goesOn(bed, newer, gateway.pid);
      }),

      'from many windows of a newer version at once is one': withWindows(async (bed) => {
        await bed.served('first');
        const old = bed.side();
        const { gateway: before } = await old.start();
        const folder = extensionOf(bed, '99.0.0');
        const sides = Array.from({ length: 10 }, () => bed.side({ extensionFolder: folder, version: '99.0.0' }));
        await Promise.all(sides.map((side) => side.start()));
        const after = await Promise.all(sides.map((side) => side.running('the newer one', isNot(before.pid))));
        assert.equal(new Set(after.map(({ gateway }) => gateway.pid)).size, 1);
        assert.equal(bed.startsOf(folder), 1);
        await hasEnded(before.pid, 10_000);
        await bed.processesAre(1);
      }),

      'of a gateway with a configuration of its own is refused, also to a newer window': withWindows(async (bed) => {
        const { port, stateDir } = bed;
        const endpoint = await bed.endpoint('own');
        const config = { port, clientToken: null, endpoints: [{ id: 'own', baseUrl: endpoint.url, auth: 'none' }] };
        const gateway = await startGateway({ stateDir, config, args: ['--port', String(port)] });
        bed.onClose(async () => void (await gateway.stop()));
        const newer = windowOf(bed, '99.0.0');
        assert.equal((await newer.start()).gateway.pid, gateway.pid);
        const reply = await handOver(bed, { program: join(extensionOf(bed, '99.0.0'), 'dist/gateway.js') });
        assert.equal(reply.status, 409, reply.text);
        assert.match(reply.text, /Restart it where it was started/);
        assert.ok(isAlive(gateway.pid));
      }),

      'to a program that is not there, or no gateway, fails with the reason, and nothing changes': withWindows(
        async (bed) => {
          await bed.served('first');
          const side = bed.side();
          const { gateway } = await side.start();
          const dying = join(bed.extensionWith(`process.exit(7)`), 'dist/gateway.js');
          const wrong = join(bed.extensionWith(`process.send({ event: 'ready' })`), 'dist/gateway.js');
          const complaining = join(
            bed.extensionWith(`process.send({ event: 'failed', failure: 'stateFolder', message: 'no room here' })`),
            'dist/gateway.js',
          );
          for (const [parts, reason] of [
            [{ program: join(bed.root, 'nowhere.js') }, /it ended with 1/],
            [{ runtime: join(bed.root, 'no-node'), program: dying }, /ENOENT/],
            [{ program: dying }, /it ended with 7/],
            [{ program: wrong }, /it ended with 0/],
            [{ program: complaining }, /no room here/],
          ] as const) {
            const reply = await handOver(bed, parts);
            assert.equal(reply.status, 502, reply.text);
            assert.match(reply.text, reason);
          }
          assert.equal((await handOver(bed, { pid: 1, program: dying })).status, 409);
          assert.equal((await handOver(bed, { pid: 'mine' })).status, 400);
          const failing = bed.side({ extensionFolder: join(dying, '../..') });
          await failing.start();
          await assert.rejects(failing.supervisor.restart(), (error) => {
            return error instanceof ControlError && /it ended with 7/.test(error.message);
          });
          await goesOn(bed, side, gateway.pid);
        },
      ),

      'is not for whoever has no control token': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const folder = extensionOf(bed, '99.0.0');
        const json = { pid: gateway.pid, runtime: process.execPath, program: join(folder, 'dist/gateway.js'), env: {} };
        const url = `${gateway.url}/signalbox/handover`;
        for (const headers of [{}, { authorization: 'Bearer wrong' }, { origin: 'https://evil.example' }]) {
          const reply = await send(url, { json, headers });
          assert.ok(reply.status === 401 || reply.status === 403, reply.text);
        }
        assert.equal(bed.startsOf(folder), 0);
        await goesOn(bed, side, gateway.pid);
      }),

      'takes along keys, bindings, what is held against endpoints and what a person chose': withWindows(async (bed) => {
        const first = await bed.served('first');
        const second = await bed.served('second');
        await bed.served('third');
        bed.store.change({ retry: { maxAttempts: 3 }, breaker: { failureThreshold: 1 }, recovery: { enabled: false } });
        const side = bed.side();
        const { gateway } = await side.start();
        first.behave(anthropicError('api_error', { status: 502 }));
        const agent = new Agent({ keepAlive: true });
        bed.onClose(() => agent.destroy());
        const bound = await ask(bed.port, agent, { 'x-session-id': 'bound' });
        assert.equal(bound.headers['x-signalbox-endpoint'], 'second');
        await side.supervisor.client?.setEnabled('third', false);
        await side.supervisor.restart();
        const after = await side.running('the next one', isNot(gateway.pid));
        const states = Object.fromEntries(after.endpoints.map(({ id, state }) => [id, state]));
        // Open comes back half-open: nobody knows what has happened meanwhile.
        assert.deepEqual(states, { first: 'halfOpen', second: 'unused', third: 'disabled' });
        assert.deepEqual(
          after.sessions.map(({ endpointId }) => endpointId),
          ['second'],
        );
        const fresh = new Agent({ keepAlive: true });
        bed.onClose(() => fresh.destroy());
        const again = await ask(bed.port, fresh, { 'x-session-id': 'bound' });
        assert.equal(again.headers['x-signalbox-endpoint'], 'second');
        assert.equal(second.seen.length, 2, 'the key was there: nobody was refused');
      }),

      'leaves an open connection time for one request more, which tells of its end': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        bed.onClose(() => agent.destroy());
        const before = await ask(bed.port, agent);
        assert.equal(before.headers.connection, 'keep-alive');
        await side.supervisor.restart();
        const last = await ask(bed.port, agent);
        assert.equal(last.headers.connection, 'close');
        assert.equal(last.statusCode, 200);
        await hasEnded(gateway.pid, 10_000);
        assert.equal((await ask(bed.port, agent)).headers.connection, 'keep-alive');
      }),

      'leaves a gateway behind that cannot stop the next one any more': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        bed.onClose(() => agent.destroy());
        assert.equal((await ask(bed.port, agent)).statusCode, 200);
        await side.supervisor.restart();
        const next = await side.running('the next one', isNot(gateway.pid));
        const authorization = `Bearer ${readFileSync(join(bed.stateDir, 'control-token'), 'utf8')}`;
        const late = await ask(bed.port, agent, { authorization }, '/signalbox/shutdown');
        assert.equal(late.statusCode, 409);
        assert.equal(side.state.isStopped, false);
        await hasEnded(gateway.pid, 10_000);
        await goesOn(bed, side, next.gateway.pid);
      }),

      'gives the next one no more of the environment than a window would': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const { PATH = '', HOME = '' } = process.env;
        const env = {
          PATH,
          HOME,
          TZ: 'Asia/Tokyo',
          ANTHROPIC_API_KEY: 'sk-ant-canary',
          NODE_OPTIONS: '--no-deprecation',
        };
        const program = join(extensionOf(bed, '0.0.1'), 'dist/gateway.js');
        const reply = await handOver(bed, { program, env });
        assert.equal(reply.status, 200, reply.text);
        assert.notEqual(reply.json.pid, gateway.pid);
        const names = readFileSync(`/proc/${reply.json.pid}/environ`, 'utf8').split('\0');
        assert.ok(names.includes('TZ=Asia/Tokyo'));
        assert.ok(!names.some((line) => /^(?:ANTHROPIC|NODE_OPTIONS)/.test(line)), names.join('\n'));
        const key = /key-of|sk-ant/;
        assert.doesNotMatch(readFileSync(`/proc/${reply.json.pid}/cmdline`, 'utf8'), key);
        assert.doesNotMatch(names.join('\n'), key);
      }),

      'that is under way ends when the port is changed: the settings are in force, and there is one gateway':
        withWindows(async (bed) => {
          await bed.served('first');
          const side = bed.side();
          const { gateway } = await side.start();
          const folder = bed.extensionWith(
            successorThat(`
            require('node:fs').writeFileSync('asked', '');
            setInterval(() => {
              if (require('node:fs').existsSync('go')) process.send({ event: 'listening', pid: process.pid });
            }, 20);
          `),
          );
          const waiting = handOver(bed, { program: join(folder, 'dist/gateway.js') });
          await until(
            'it has got the socket',
            () => existsSync(join(bed.stateDir, 'asked')),
            (is) => is,
          );
          const port = await portForLater();
          bed.store.change({ port });
          await side.running('it is at the new port', (now) => now.gateway.url.endsWith(`:${port}`));
          writeFileSync(join(bed.stateDir, 'go'), '');
          const refused = await waiting;
          assert.equal(refused.status, 502, refused.text);
          assert.match(refused.text, /the port has changed/);
          assert.equal((await side.running()).gateway.pid, gateway.pid);
          const reply = await send(`http://127.0.0.1:${port}/v1/messages`, { json: messages() });
          assert.equal(reply.status, 200, reply.text);
          await bed.processesAre(1);
        }),

      'that fails when the next one has announced itself already leaves the folder to the old one': withWindows(
        async (bed) => {
          await bed.served('first');
          const side = bed.side();
          const { gateway } = await side.start();
          const announcing = `
            const own = JSON.parse(require('node:fs').readFileSync('gateway.json', 'utf8'));
            require('node:fs').writeFileSync('gateway.json', JSON.stringify({ ...own, pid: process.pid }));
            process.exit(7);
          `;
          const reply = await handOver(bed, {
            program: join(bed.extensionWith(successorThat(announcing)), 'dist/gateway.js'),
          });
          assert.match(reply.text, /it ended with 7/);
          assert.equal(bed.announced()?.pid, gateway.pid);
          await side.supervisor.client?.setEnabled('first', false);
          await bed.untilSaved('"enabledOverride":false');
        },
      ),

      'that is under way does not outlive a stop': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const folder = bed.extensionWith(successorThat('setInterval(() => {}, 1000);'));
        const waiting = handOver(bed, { program: join(folder, 'dist/gateway.js') });
        await until(
          'it is asked',
          () => bed.startsOf(folder),
          (starts) => starts === 1,
        );
        await side.supervisor.stop();
        assert.equal((await waiting).status, 502);
        await side.stopped();
        await hasEnded(gateway.pid);
        await bed.processesAre(0);
      }),
    },
    3,
  );
});
