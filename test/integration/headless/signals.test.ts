import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { openTerminal } from '../../support/processes/openTerminal.ts';
import { builtGateway, type GatewayProcess, send, startGateway, until } from '../../support/processes/startGateway.ts';
import { configOf, keyEnvironment, messages, TestBed } from '../../support/processes/testBed.ts';
import { head } from '../../support/scenes/rawHttp.ts';
import { openStream } from '../../support/scenes/streamClient.ts';

describe('a gateway that is told to end', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: GatewayProcess;

  beforeEach(async () => {
    endpoint = await bed.endpoint('first');
    gateway = await bed.gatewayProcess([endpoint]);
  });
  afterEach(() => bed.close());

  const startStream = () => bed.stream(gateway);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal}: a running stream finishes, new connections are refused, exit 0`, async () => {
      endpoint.behave({ kind: 'healthy', textEvents: 20, eventDelayMs: 50 });
      const stream = await startStream();
      const exited = gateway.stop(signal);
      await until(
        'new connections are refused',
        () => canConnect(gateway.port),
        (is) => !is,
      );
      const text = await stream.ended;
      assert.match(text, /event: message_stop/);
      assert.equal(await exited, 0);
      assert.equal(existsSync(join(gateway.stateDir, 'gateway.json')), false, 'gateway.json is taken away');
    });
  }

  it('C5: not by SIGHUP where it has no terminal: it reads its configuration again', async () => {
    gateway.process.kill('SIGHUP');
    await until('it has read it', gateway.stderr, (text) => text.includes('configuration file read again'));
    assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200);
  });

  it('C5: by a terminal that closes: a running stream finishes, exit 0', async () => {
    endpoint.behave({ kind: 'healthy', textEvents: 20, eventDelayMs: 50 });
    const config = join(bed.folder(), 'signalbox.json');
    writeFileSync(config, JSON.stringify(configOf([endpoint])));
    const stateDir = join(bed.folder(), 'state');
    const args = [builtGateway, '--config', config, '--port', '0', '--state-dir', stateDir];
    const terminal = await openTerminal([process.execPath, ...args], keyEnvironment([endpoint]));
    bed.onClose(terminal.kill);
    const stream = await openStream(`${terminal.url}/v1/messages`, messages('hi', true));
    await until('C11: the commands for clients', terminal.screen, (text) =>
      /export ANTHROPIC_BASE_URL=.*\n.*\n *claude/.test(text),
    );
    terminal.close();
    assert.match(await stream.ended, /event: message_stop/);
    assert.equal(await terminal.exitCode, 0);
    assert.equal(existsSync(join(stateDir, 'gateway.json')), false, 'gateway.json is taken away');
    assert.match(readFileSync(join(stateDir, 'gateway.log'), 'utf8'), /"reason":"SIGHUP"/);
  });

  it('by SIGTERM where nobody reads what it says', async () => {
    const endpoints = Array.from({ length: 1000 }, (_, at) => ({
      id: `keyless-${at}`,
      baseUrl: 'https://api.example',
    }));
    const config = join(bed.folder(), 'signalbox.json');
    writeFileSync(config, JSON.stringify({ endpoints }));
    const args = ['--config', config, '--port', '0', '--state-dir', join(bed.folder(), 'state')];
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, [builtGateway, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    bed.onClose(async () => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    // A pipe takes 64 KiB; a note about each endpoint is more.
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  });

  it('C10: by Ctrl-C while it answers: it says how to end at once', async () => {
    endpoint.behave({ kind: 'hang', at: { afterEvents: 2 }, pingEveryMs: 50 });
    const stream = await startStream();
    const exited = gateway.stop('SIGINT');
    await until('it is told', gateway.stderr, (text) => text.includes('1 answer is still running'));
    assert.match(gateway.stderr(), /Press Ctrl-C again to stop at once/);
    gateway.process.kill('SIGINT');
    assert.equal(await exited, 0);
    await assert.rejects(stream.ended);
  });

  it('at once after it said that it listens: exit 0', async () => {
    const config = configOf([endpoint]);
    const fresh = await startGateway({ config, env: keyEnvironment([endpoint]) });
    assert.equal(await fresh.stop(), 0);
  });

  it('ends although nobody reads what it writes any more', async () => {
    gateway.process.stdout?.destroy();
    gateway.process.stderr?.destroy();
    assert.equal((await gateway.control('POST', '/signalbox/reset')).status, 200, 'says so in its log');
    assert.equal(await gateway.stop(), 0);
    assert.doesNotMatch(gateway.log(), /unhandled|EPIPE/);
  });

  it('by a second signal: it ends at once, the stream is cut', async () => {
    endpoint.behave({ kind: 'hang', at: { afterEvents: 2 }, pingEveryMs: 50 });
    const stream = await startStream();
    const exited = gateway.stop();
    await until(
      'new connections are refused',
      () => canConnect(gateway.port),
      (is) => !is,
    );
    assert.equal(gateway.process.exitCode, null, 'it waits for the stream');
    gateway.process.kill('SIGTERM');
    assert.equal(await exited, 0);
    await assert.rejects(stream.ended);
  });

  it('ends though clients and endpoints keep idle connections open', async () => {
    await rawConnection('');
    await rawConnection(head('GET /healthz', `host: 127.0.0.1:${gateway.port}`));
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(endpoint.connections.open, 1);
    assert.equal(await exitCodeSoon(), 0);
    await until(
      'the connection to the endpoint is closed',
      () => endpoint.connections.open,
      (open) => open === 0,
    );
  });

  it('ends though a client has sent half a head: that is no request yet', async () => {
    await rawConnection('POST /v1/messages HTT');
    await send(`${gateway.url}/healthz`, { method: 'GET' });
    assert.equal(await exitCodeSoon(), 0);
  });

  it('ends with a window attached: the window is told `stopped`', async () => {
    const reader = await bed.window(gateway);
    const exited = gateway.stop();
    await reader.ended;
    assert.equal(reader.events.at(-1)?.event, 'stopped');
    assert.equal(await exited, 0);
  });

  it('answers what began before, with Connection: close', async () => {
    endpoint.behave({ kind: 'healthy', firstByteDelayMs: 500 });
    const reply = send(`${gateway.url}/v1/messages`, { json: messages() });
    await endpoint.seenCount(1);
    const exited = gateway.stop();
    const { status, headers } = await reply;
    assert.equal(status, 200);
    assert.equal(headers['connection'], 'close');
    assert.equal(await exited, 0);
  });

  it('leaves no line but its first on stdout', async () => {
    let rest = '';
    gateway.process.stdout?.on('data', (text: string) => {
      rest += text;
    });
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(await gateway.stop(), 0);
    assert.equal(rest, '');
    assert.match(gateway.stderr(), /stop/);
  });

  function exitCodeSoon(): Promise<number | null> {
    void gateway.stop();
    return until(
      'it has ended',
      () => gateway.process.exitCode,
      (code) => code !== null,
    );
  }

  /** A connection that has sent these bytes and stays open. */
  function rawConnection(bytes: string): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: gateway.port });
    bed.onClose(() => void socket.destroy());
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject).on('error', () => undefined);
        socket.write(bytes, () => resolve());
      });
    });
  }
});

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
