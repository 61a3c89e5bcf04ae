import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itConcurrently } from '../../../support/itConcurrently.ts';
import { type Reply, send, until } from '../../../support/processes/startGateway.ts';
import { messages } from '../../../support/processes/testBed.ts';
import { type WindowBed, withWindows } from '../../../support/windows/windowBed.ts';

function control(bed: WindowBed, method: string, path: string, json?: object): Promise<Reply> {
  const headers = { authorization: `Bearer ${readFileSync(join(bed.stateDir, 'control-token'), 'utf8')}` };
  const url = `http://127.0.0.1:${bed.port}/signalbox/${path}`;
  return send(url, { method, headers, ...(json === undefined ? {} : { json }) });
}

/** Asks the gateway to hand over to a program that takes all it is given, listens to the socket, and does this. */
function handOverTo(bed: WindowBed, then: string): Promise<Reply> {
  const program = join(
    bed.extensionWith(`process.send({ event: 'ready' });
      process.once('message', (_, socket) => {
        const listening = () => process.send({ event: 'listening', pid: process.pid });
        require('node:fs').writeFileSync('given', '');
        ${then}
      });`),
    'dist/gateway.js',
  );
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME };
  return control(bed, 'POST', 'handover', { pid: bed.announced()?.pid, runtime: process.execPath, program, env });
}

const hangs = 'listening(); setTimeout(() => { for (;;); }, 20);';
const faults = {
  'hangs right after it said that it listens': [hangs, /answers nothing within 5 s/],
  'dies right after it said that it listens': ['listening(); setTimeout(() => process.exit(7), 5);', /it ended with 7/],
  'listens, and answers with something else': [
    "require('node:http').createServer((_, r) => r.end('hello')).listen(socket, listening);",
    /answers nothing within 5 s/,
  ],
  'says that it listens, and has closed the socket': [
    'socket.close(); listening(); setInterval(() => {}, 1000);',
    /answers nothing within 5 s/,
  ],
} as const;

describe('a hand-over to a successor that', () => {
  itConcurrently(
    {
      ...Object.fromEntries(
        Object.entries(faults).map(([what, [then, why]]) => [
          `A17: ${what} fails, and the old one goes on`,
          withWindows(async (bed) => {
            await bed.served('first');
            const side = bed.side();
            const { gateway } = await side.start();
            const refused = await handOverTo(bed, then);
            assert.equal(refused.status, 502, refused.text);
            assert.match(refused.text, why);
            assert.equal((await side.running()).gateway.pid, gateway.pid);
            for (let round = 0; round < 5; round += 1) {
              const url = `http://127.0.0.1:${bed.port}/v1/messages`;
              assert.equal((await send(url, { json: messages() })).status, 200);
            }
            await bed.processesAre(1);
            assert.equal(bed.announced()?.pid, gateway.pid);
          }),
        ]),
      ),

      'has been given the port, and dies before it listens to it, loses no connection': withWindows(async (bed) => {
        await bed.served('first');
        await bed.side().start();
        const failing = handOverTo(bed, 'setTimeout(() => process.exit(7), 500);');
        let isOver = false;
        void failing.then(() => {
          isOver = true;
        });
        const given = join(bed.stateDir, 'given');
        await until('it has been given everything', () => existsSync(given), Boolean);
        let asked = 0;
        for (; !isOver; asked += 10) {
          const url = `http://127.0.0.1:${bed.port}/v1/messages`;
          const replies = await Promise.all(Array.from({ length: 10 }, () => send(url, { json: messages() })));
          assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
        }
        assert.equal((await failing).status, 502);
        assert.ok(asked > 10, `${asked} requests`);
      }),

      'A11: is slow refuses what would be lost; the window asks again, and what it is told holds': withWindows(
        async (bed) => {
          await bed.served('first');
          const side = bed.side();
          await side.start();
          const failing = handOverTo(bed, hangs);
          const isGiven = (): boolean => existsSync(join(bed.stateDir, 'given'));
          await until('it has been given everything', isGiven, Boolean);
          const changes = [
            ['PUT', 'keys', { keys: { first: 'sk-new-key-0123456789' } }],
            [
              'PUT',
              'settings',
              { app: 'test', config: { port: bed.port, endpoints: [] }, keys: {}, before: null, replaces: 'any' },
            ],
            ['PUT', 'override', { endpointId: 'first', minutes: 5 }],
            ['POST', 'endpoints/first/disable', undefined],
            ['DELETE', 'sessions', undefined],
          ] as const;
          for (const [method, path, json] of changes) {
            const reply = await control(bed, method, path, json);
            assert.equal(reply.status, 409, `${path}: ${reply.text}`);
            assert.match(reply.text, /"code":"handingOver"/);
          }
          assert.equal((await control(bed, 'GET', 'status')).status, 200);
          const [disabled, failed] = await Promise.all([side.supervisor.client?.setEnabled('first', false), failing]);
          assert.equal(failed.status, 502);
          assert.equal(disabled?.isEnabled, false);
          await side.running('it is disabled', ({ endpoints }) => endpoints[0]?.isEnabled === false);
        },
      ),

      'A11: serves has the settings and the decisions that were acknowledged meanwhile': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const restarted = side.supervisor.restart();
        for (let round = 0; round < 12; round += 1) {
          const isEnabled = round % 2 === 0;
          bed.store.change({ affinity: { ttlMinutes: 100 + round } });
          const told = await side.supervisor.client?.setEnabled('first', isEnabled);
          assert.equal(told?.isEnabled, isEnabled);
        }
        await restarted;
        await side.running('the next one, as it was told last', (now) => {
          return now.gateway.pid !== gateway.pid && now.endpoints[0]?.isEnabled === false;
        });
      }),
    },
    3,
  );
});
