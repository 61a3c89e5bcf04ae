import process from 'node:process';
import { systemClock } from '../../base/clock.ts';
import { defaultStateFolder } from '../../contract/stateFolder.ts';
import { unusableProxyVariables } from '../../proxy/upstream/proxyChoice.ts';
import type { CommandLine } from './commandLine.ts';
import { type ConfigFile, readConfigFile } from './configFile.ts';
import { type Demo, demoCurl, startDemo } from './demo.ts';
import { GatewayServer } from './gatewayServer.ts';
import { receiveInheritance } from './inheritance.ts';
import { isLaunchedByWindow, reportLaunch } from './launchReport.ts';
import { warmOurselves } from './selfWarm.ts';

const defaultPort = 8417;

/** Serves until it is told to end. Ends the process with 2 when the configuration is bad; rejects when it cannot start. */
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
    // Nobody reads along where a window has started it: the log file and the windows have every line.
    console: isLaunchedByWindow ? undefined : (text) => void process.stderr.write(text),
  });
  endOnSignals(server, demo);
  warnOfUnusableProxies(server);
  // Who read along may be gone: telling of that would be the next error, for ever, and keep the process from its end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // An error that escaped one request must not end all the others (security.md 14).
  process.on('uncaughtException', ({ stack }) => server.gateway.logger.error('unhandled error', { stack }));
  await server.start();
  await announce(server, demo, file);
  await warmOurselves(() => server.gateway.inFlight > 0).catch((error: unknown) => {
    server.gateway.logger.warn('could not warm up', { error: String(error) });
  });
}

/** Says where it listens: in JSON for programs, on stderr for people, over IPC for a window. */
async function announce(server: GatewayServer, demo: Demo | undefined, file: ConfigFile | undefined): Promise<void> {
  const url = `http://127.0.0.1:${server.port}`;
  const { stateDir } = server.gateway.about;
  const listening = { event: 'listening', url, pid: process.pid, stateDir } as const;
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  if (demo !== undefined) process.stderr.write(`\nTry it:\n  ${demoCurl(url)}\n\n`);
  else if (file === undefined && !isLaunchedByWindow)
    process.stderr.write('waiting for a VS Code window to bring the configuration\n');
  await reportLaunch(listening);
}

function warnOfUnusableProxies({ gateway }: GatewayServer): void {
  for (const variable of unusableProxyVariables(process.env)) {
    const hint = 'it names no http, https, socks5 or socks5h proxy and is not used';
    gateway.logger.warn('proxy of the environment', { variable, hint });
  }
}

/** The first signal drains, the second ends at once. Nothing is left then, so the process ends by itself. */
function endOnSignals(server: GatewayServer, demo: Demo | undefined): void {
  let isEnding = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isEnding) process.exit(0);
    isEnding = true;
    void server.stop(signal).then(() => demo?.close());
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
}
