import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { portForLater } from '../../support/portForLater.ts';
import { send } from '../../support/processes/startGateway.ts';
import { keyOf } from '../../support/processes/testBed.ts';
import { isAlive, WindowBed } from '../../support/windows/windowBed.ts';
import { startWindowProcess } from '../../support/windows/windowProcess.ts';
import { WindowStore } from '../../support/windows/windowStore.ts';

/** Must be in no gateway's environment. */
const kept = {
  ANTHROPIC_API_KEY: 'sk-ant-canary-0123456789',
  ANTHROPIC_AUTH_TOKEN: 'canary-auth-0123456789',
  OPENAI_API_KEY: 'sk-canary-openai-0123456789',
  AWS_SECRET_ACCESS_KEY: 'canary-aws-0123456789',
  GITHUB_TOKEN: 'ghp_canary0123456789',
  KEY_SECOND: 'key-of-endpoint-second',
  NODE_OPTIONS: '--no-deprecation',
  NODE_PATH: '/nowhere/canary',
  NODE_EXTRA_CANARY: 'canary-node',
  VSCODE_IPC_HOOK: '/nowhere/canary.sock',
  VSCODE_PID: '1',
  VSCODE_ESM_ENTRYPOINT: 'vs/canary',
  ELECTRON_NO_ASAR: '1',
  SSH_AUTH_SOCK: '/nowhere/canary-agent.sock',
  PATHS_OF_CANARIES: 'canary',
};

/** Must be there: without them it would not find its files, its language or its way out. */
const passedOn = {
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'Europe/Vienna',
  XDG_STATE_HOME: '/nowhere/state',
  NO_PROXY: '127.0.0.1',
  https_proxy: 'http://127.0.0.1:9',
  SSL_CERT_DIR: '/nowhere/certificates',
};

/** Variables that Node adds for the IPC channel, and that make Electron run as Node. */
const added = ['ELECTRON_RUN_AS_NODE', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'];

describe('a gateway that a window has started', () => {
  let bed: WindowBed;
  let gateway: Snapshot['gateway'];

  before(async () => {
    bed = new WindowBed(await portForLater());
    await bed.served('first');
    await bed.served('second', { apiKey: 'env:KEY_SECOND' });
    const umask = process.umask(0);
    const window = startWindowProcess(bed, 'exit', { keys: { first: keyOf('first') } }, { ...kept, ...passedOn });
    process.umask(umask);
    gateway = await window.gateway;
    assert.equal(await window.ended, 0);
  });
  after(() => bed.close());

  const procFile = (name: string): string => `/proc/${gateway.pid}/${name}`;

  it('goes on when the process of that window has ended', async () => {
    assert.equal(isAlive(gateway.pid), true);
    assert.equal((await send(`${gateway.url}/healthz`, { method: 'GET' })).status, 200);
  });

  it('has its keys all the same, and serves the next window', async () => {
    // A window that has no key to bring.
    const side = bed.side({ store: new WindowStore(bed.store.document) });
    const { gateway: found, endpoints } = await side.start();
    assert.equal(found.pid, gateway.pid);
    assert.deepEqual(
      endpoints.map(({ id, hasKey }) => ({ id, hasKey })),
      [
        { id: 'first', hasKey: true },
        { id: 'second', hasKey: true },
      ],
    );
    side.dispose();
  });

  it('has nothing of its environment but what it needs', () => {
    if (platform() !== 'linux') return;
    const entries = readFileSync(procFile('environ'), 'utf8').split('\0').filter(Boolean);
    const environment = new Map(entries.map((entry) => [entry.split('=', 1)[0] ?? '', entry.replace(/^[^=]*=/, '')]));
    const allowed = new Set(['PATH', 'HOME', ...Object.keys(passedOn), ...added]);
    assert.deepEqual(
      [...environment.keys()].filter((name) => !allowed.has(name)),
      [],
    );
    for (const [name, value] of Object.entries(passedOn)) assert.equal(environment.get(name), value, name);
    assert.equal(environment.get('ELECTRON_RUN_AS_NODE'), '1');
  });

  it('has no secret in its command line', () => {
    if (platform() !== 'linux') return;
    const [node, ...args] = readFileSync(procFile('cmdline'), 'utf8').split('\0').filter(Boolean);
    assert.equal(node, process.execPath);
    const program = join(import.meta.dirname, '../../../dist/gateway.js');
    assert.deepEqual(args, [program, '--port', String(bed.port), '--state-dir', bed.stateDir]);
  });

  it('works in the state folder', () => {
    if (platform() !== 'linux') return;
    assert.equal(readlinkSync(procFile('cwd')), bed.stateDir);
  });

  it('is in a session of its own, so that no terminal takes it along', () => {
    if (platform() !== 'linux') return;
    // After the name, which may hold anything: state, parent, process group, session.
    const [, , group, session] = (readFileSync(procFile('stat'), 'utf8').split(') ').at(-1) ?? '').split(' ');
    assert.deepEqual([group, session], [String(gateway.pid), String(gateway.pid)]);
  });

  it('has a folder and files that are its user’s alone, whatever the umask', () => {
    assert.equal(statSync(bed.stateDir).mode & 0o777, 0o700);
    const names = readdirSync(bed.stateDir);
    for (const name of ['control-token', 'client-token', 'gateway.json', 'gateway.log', 'gateway.stderr']) {
      assert.ok(names.includes(name), `${name} in ${names}`);
    }
    for (const name of names) assert.equal(statSync(join(bed.stateDir, name)).mode & 0o777, 0o600, name);
  });

  it('leaves no key in any file of the state folder', () => {
    const secrets = [keyOf('first'), keyOf('second'), ...Object.values(kept).filter((value) => value.length > 8)];
    for (const name of readdirSync(bed.stateDir)) {
      const text = readFileSync(join(bed.stateDir, name), 'latin1');
      for (const secret of secrets) assert.ok(!text.includes(secret), `${name} holds ${secret}`);
    }
  });

  it('goes on when the process of a window is killed', async () => {
    const window = startWindowProcess(bed, 'stay');
    assert.equal((await window.gateway).pid, gateway.pid);
    window.kill();
    assert.equal(await window.ended, null);
    assert.equal(isAlive(gateway.pid), true);
    assert.equal((await send(`${gateway.url}/healthz`, { method: 'GET' })).status, 200);
  });
});
