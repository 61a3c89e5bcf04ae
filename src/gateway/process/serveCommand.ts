import process from 'node:process';
import { systemClock } from '../../base/clock.ts';
import { defaultPort } from '../../base/defaultPort.ts';
import { stackOf } from '../../base/stackOf.ts';
import { defaultStateFolder } from '../../contract/stateFolder.ts';
import { unusableProxyVariables } from '../../proxy/upstream/proxyChoice.ts';
import type { CommandLine } from './commandLine.ts';
import { type ConfigFile, readConfigFile } from './configFile.ts';
import { type Demo, demoCurl, startDemo } from './demo.ts';
import { GatewayServer } from './gatewayServer.ts';
import { receiveInheritance } from './inheritance.ts';
import { isLaunchedByWindow, reportLaunch } from './launchReport.ts';
import { warmOurselves } from './selfWarm.ts';

/** Serves until a signal or shutdown. Exits the process with 2 when the configuration is bad; rejects when the start fails. */
export async function serveCommand(options: CommandLine, build: string): Promise<void> {
  const file: ConfigFile | undefined =
    options.configPath === undefined ? undefined : readConfigFile(options.configPath, process.env, options.port);
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
    port: options.port ?? config?.port ?? defaultPort,
    stateDir: options.stateDir ?? defaultStateFolder(process.env),
    build,
    env: process.env,
    inheritance,
    isLaunchedByWindow,
    clock: systemClock,
    // A window reads the log through its event stream, and nobody reads its child's stderr.
    console: isLaunchedByWindow ? undefined : (text) => void process.stderr.write(text),
  });
  endOnSignals(server, demo);
  warnOfUnusableProxies(server);
  // The reader of stdout or stderr may be gone. Ignore EPIPE: reporting it would raise the next EPIPE.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // An error that escapes one request must not end all the others (security.md 14).
  process.on('uncaughtException', (thrown: unknown) => {
    server.gateway.logger.error('unhandled error', { stack: stackOf(thrown) });
  });
  await server.start();
  await announce(server, demo, file);
  await warmOurselves(() => server.gateway.inFlight > 0).catch((error: unknown) => {
    server.gateway.logger.warn('could not warm up', { error: String(error) });
  });
}

/** Announces the address: as JSON on stdout for programs, on stderr for people, over IPC for a window. */
async function announce(server: GatewayServer, demo: Demo | undefined, file: ConfigFile | undefined): Promise<void> {
  const url = `http://127.0.0.1:${server.port}`;
  const { stateDir } = server.gateway.about;
  const listening = { event: 'listening', url, pid: process.pid, stateDir } as const;
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  if (demo !== undefined) process.stderr.write(`\nTry it:\n  ${demoCurl(url)}\n\n`);
  else if (file === undefined && !isLaunchedByWindow)
    process.stderr.write('waiting for a VS Code window to push the configuration\n');
  await reportLaunch(listening);
}

function warnOfUnusableProxies({ gateway }: GatewayServer): void {
  for (const variable of unusableProxyVariables(process.env)) {
    const hint = 'it names no http, https, socks5 or socks5h proxy and is not used';
    gateway.logger.warn('proxy of the environment', { variable, hint });
  }
}

/** The first signal drains, after which the process ends by itself; the second exits at once. */
function endOnSignals(server: GatewayServer, demo: Demo | undefined): void {
  let isEnding = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isEnding) process.exit(0);
    isEnding = true;
    void server.stop(signal).then(() => demo?.close());
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
}
