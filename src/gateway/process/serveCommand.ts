import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { systemClock } from '../../base/clock.ts';
import { defaultPort } from '../../base/defaultPort.ts';
import { stackOf } from '../../base/stackOf.ts';
import { defaultStateFolder } from '../../contract/stateFolder.ts';
import type { Config } from '../../core/config/config.ts';
import { unusableProxyVariables } from '../../proxy/upstream/proxyChoice.ts';
import type { CommandLine } from './commandLine.ts';
import { type ConfigFile, readConfigFile } from './configFile.ts';
import { ConfigFollower } from './configFollower.ts';
import { type Demo, demoText, startDemo } from './demo.ts';
import { GatewayServer } from './gatewayServer.ts';
import { endingText, heedSignals } from './heedSignals.ts';
import { receiveInheritance } from './inheritance.ts';
import { isLaunchedByWindow, reportLaunch } from './launchReport.ts';
import { warmOurselves } from './selfWarm.ts';
import { startText } from './startText.ts';

/** The time that a reader of stdout and stderr has for the last words. */
const lastWordsMs = 1000;

/** A request that comes with the first moment would wait for the core. */
const warmAfterMs = 250;

/** Serves until a signal or shutdown. Exits the process with 2 when the configuration is bad; rejects when the start fails. */
export async function serveCommand(options: CommandLine, build: string): Promise<void> {
  const { configPath, port } = options;
  const read = (path: string): ConfigFile => readConfigFile(path, process.env, port);
  const file = configPath === undefined ? undefined : read(configPath);
  if (file?.kind === 'bad') {
    process.stderr.write(file.text);
    process.exit(2);
  }
  for (const note of file?.notes ?? []) process.stderr.write(`note: ${note}\n`);
  const demo: Demo | undefined = options.isDemo ? await startDemo(Math.random) : undefined;
  const config = file?.config ?? demo?.config;
  const inheritance = options.isTakingOver ? await receiveInheritance() : undefined;
  const server = new GatewayServer({
    owner: demo !== undefined ? 'demo' : file !== undefined ? 'config' : 'window',
    config,
    port: port ?? config?.port ?? defaultPort,
    stateDir: options.stateDir ?? defaultStateFolder(process.env),
    build,
    env: process.env,
    inheritance,
    isLaunchedByWindow,
    clock: systemClock,
    // A window reads the log through its event stream, and nobody reads its child's stderr.
    console: isLaunchedByWindow ? undefined : (text) => void process.stderr.write(text),
  });
  let follower: ConfigFollower | undefined;
  heedOurSignals(server, demo, () => follower);
  warnOfUnusableProxies(server);
  // The reader of stdout or stderr may be gone. Ignore EPIPE: reporting it would raise the next EPIPE.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // An error that escapes one request must not end all the others (security.md 14).
  process.on('uncaughtException', (thrown: unknown) => {
    server.gateway.logger.error('unhandled error', { stack: stackOf(thrown) });
  });
  await server.start();
  if (configPath !== undefined && file !== undefined) {
    follower = followConfig(server, file.config, configPath, () => read(configPath));
  }
  await announce(server, demo, config);
  await sleep(warmAfterMs);
  await warmOurselves(() => server.gateway.inFlight > 0).catch((error: unknown) => {
    server.gateway.logger.warn('could not warm up', { error: String(error) });
  });
}

/** Announces the address: as JSON on stdout for programs, on stderr for people, over IPC for a window. */
async function announce(server: GatewayServer, demo: Demo | undefined, config: Config | undefined): Promise<void> {
  const url = `http://127.0.0.1:${server.port}`;
  const { stateDir } = server.gateway.about;
  const listening = { event: 'listening', url, pid: process.pid, stateDir } as const;
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  if (config !== undefined && process.stderr.isTTY) {
    const tokenPath = join(stateDir, 'client-token');
    process.stderr.write(startText({ url, config, tokenPath, platform: process.platform }));
  }
  if (demo !== undefined) process.stderr.write(demoText(url));
  else if (config === undefined && !isLaunchedByWindow)
    process.stderr.write('waiting for a VS Code window to push the configuration\n');
  await reportLaunch(listening);
}

function warnOfUnusableProxies({ gateway }: GatewayServer): void {
  for (const variable of unusableProxyVariables(process.env)) {
    const hint = 'it names no http, https, socks5 or socks5h proxy and is not used';
    gateway.logger.warn('proxy of the environment', { variable, hint });
  }
}

/** The configuration file of a running gateway is followed; a demo, and a gateway that windows configure, have none. */
function followConfig({ gateway, settings }: GatewayServer, config: Config, path: string, read: () => ConfigFile) {
  const apply = async (next: Config) => (gateway.isDraining ? [] : settings.renew(next));
  const follower = new ConfigFollower({ path, read, apply, log: gateway.logger }, config);
  follower.watch();
  return follower;
}

function heedOurSignals(
  server: GatewayServer,
  demo: Demo | undefined,
  follower: () => ConfigFollower | undefined,
): void {
  const { gateway } = server;
  heedSignals(process, [0, 1, 2].some(isatty), {
    end: (signal) => {
      const text = endingText(signal, gateway.inFlight);
      if (text !== undefined && !isLaunchedByWindow) process.stderr.write(text);
      void server.stop(signal).then(async () => {
        await demo?.close();
        // Words that nobody reads from stdout or stderr would keep the process for ever.
        setTimeout(() => process.exit(), lastWordsMs).unref();
      });
    },
    endNow: () => process.exit(0),
    readAgain: () => {
      const { logger } = gateway;
      const followed = follower();
      if (followed === undefined) logger.info('SIGHUP', { result: 'there is no configuration file to read again' });
      else void followed.readAgain();
    },
  });
}
