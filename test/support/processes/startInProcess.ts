import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import type { Config } from '../../../src/core/config/config.ts';
import { readConfigFile } from '../../../src/gateway/process/configFile.ts';
import { GatewayServer, type ServerOptions } from '../../../src/gateway/process/gatewayServer.ts';
import { type GatewayOptions, gatewayAt, type TestGateway } from './startGateway.ts';

/** How a gateway in this process is started for a test. */
export interface InProcessOptions extends GatewayOptions {
  /** Shorter waits than the program has. */
  readonly times?: NonNullable<ServerOptions['times']>;
}

/** Log lines of errors that no test provokes. */
const insideErrors =
  /"msg":"(request failed inside the gateway|control request failed|network state|use of the gateway)"/;

/**
 * Starts a gateway in this process, from the sources; an error that escapes it is mocha's. Its `stop` rejects when an error
 * inside has been logged.
 */
export async function startInProcess({ times, ...options }: InProcessOptions = {}): Promise<TestGateway> {
  const scratch = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const { stateDir = join(scratch, 'state'), env = {} } = options;
  const config = options.config === undefined ? undefined : checked(options.config, scratch, env);
  let aheadMs = 0;
  const server = new GatewayServer({
    owner: config === undefined ? 'window' : 'config',
    config,
    port: 0,
    stateDir,
    build: '0.0.0+source',
    env,
    inheritance: undefined,
    isLaunchedByWindow: false,
    clock: {
      now: () => {
        const { mono, wall } = systemClock.now();
        return { mono: mono + aheadMs, wall: wall + aheadMs };
      },
    },
    console: undefined,
    ...(times === undefined ? {} : { times }),
  });
  await server.start();
  const gateway = gatewayAt(`http://127.0.0.1:${server.port}`, stateDir);
  const end = async (): Promise<0> => {
    await server.stop('SIGTERM');
    const errors = gateway
      .log()
      .split('\n')
      .filter((line) => insideErrors.test(line));
    rmSync(scratch, { recursive: true, force: true });
    if (errors.length > 0) throw new Error(`errors inside the gateway:\n${errors.join('\n')}`);
    return 0;
  };
  let ended: Promise<0> | undefined;
  return {
    ...gateway,
    pid: process.pid,
    letPass: async (ms) => {
      aheadMs += ms;
      // Timers know nothing of it.
      server.gateway.changed();
    },
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
}

/** The configuration as the program reads it; throws with the program's message. */
function checked(document: object, folder: string, env: Readonly<Record<string, string>>): Config {
  const path = join(folder, 'signalbox.json');
  writeFileSync(path, JSON.stringify(document));
  const file = readConfigFile(path, env, 0);
  if (file.kind === 'bad') throw new Error(file.text);
  return file.config;
}
