import process from 'node:process';
import { parseCommandLine } from './gateway/commandLine.ts';
import { type ConfigFile, readConfigFile } from './gateway/configFile.ts';
import { type Demo, demoCurl, startDemo } from './gateway/demo.ts';
import { GatewayServer } from './gateway/gatewayServer.ts';
import { warmOurselves } from './gateway/selfWarm.ts';
import { defaultStateDirectory, StateDirectoryError } from './gateway/stateDirectory.ts';

/** Put in by the build: version and content hash. */
declare const SIGNALBOX_BUILD: string | undefined;
const build = typeof SIGNALBOX_BUILD === 'string' ? SIGNALBOX_BUILD : '0.0.0+source';
const defaultPort = 8417;

function exit(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}

async function main(): Promise<void> {
  const parsed = parseCommandLine(process.argv.slice(2), build);
  if (parsed.kind === 'exit') exit(parsed.code, parsed.text);
  const { options } = parsed;
  const file: ConfigFile | undefined =
    options.configPath === undefined ? undefined : readConfigFile(options.configPath, process.env, options.port);
  if (file?.kind === 'bad') exit(2, file.text);
  for (const note of file?.notes ?? []) process.stderr.write(`note: ${note}\n`);
  const demo: Demo | undefined = options.isDemo ? await startDemo(Math.random) : undefined;
  const config = file?.config ?? demo?.config;
  const port = options.port ?? config?.port ?? defaultPort;
  const server = createServer(port, {
    owner: demo !== undefined ? 'demo' : file !== undefined ? 'config' : 'window',
    config,
    stateDir: options.stateDir ?? defaultStateDirectory(process.env),
  });
  endOnSignals(server, demo);
  // An error that escaped one request must not end all the others (security.md 14).
  process.on('uncaughtException', ({ stack }) => server.gateway.logger.error('unhandled error', { stack }));
  await startServer(server, port);
  const url = `http://127.0.0.1:${server.port}`;
  const { stateDir } = server.gateway.snapshot().gateway;
  process.stdout.write(`${JSON.stringify({ event: 'listening', url, pid: process.pid, stateDir })}\n`);
  if (demo !== undefined) process.stderr.write(`\nTry it:\n  ${demoCurl(url)}\n\n`);
  else if (file === undefined) process.stderr.write('waiting for a VS Code window to bring the configuration\n');
  await warmOurselves(() => server.gateway.inFlight > 0).catch((error: unknown) => {
    server.gateway.logger.warn('could not warm up', { error: String(error) });
  });
}

type StartOptions = Pick<ConstructorParameters<typeof GatewayServer>[0], 'owner' | 'config' | 'stateDir'>;

function createServer(port: number, options: StartOptions): GatewayServer {
  try {
    const console = (text: string) => void process.stderr.write(text);
    return new GatewayServer({ ...options, port, build, env: process.env, console });
  } catch (error) {
    if (error instanceof StateDirectoryError) exit(2, `signalbox: ${error.message}\n`);
    throw error;
  }
}

async function startServer(server: GatewayServer, port: number): Promise<void> {
  try {
    await server.start();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      exit(2, `signalbox: port ${port} is taken by another program. Choose another one with --port or "port".\n`);
    }
    if (code === 'EACCES') exit(2, `signalbox: port ${port} may not be used. Choose one above 1023 with --port.\n`);
    throw error;
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

main().catch((error: unknown) => {
  exit(1, `signalbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
});
