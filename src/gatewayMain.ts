import process from 'node:process';
import { defaultStateFolder } from './contract/stateFolder.ts';
import { drillCommand } from './gateway/drill/drillCommand.ts';
import { parseCommandLine } from './gateway/process/commandLine.ts';
import { invocation } from './gateway/process/invocation.ts';
import { holderOfPort, launchFailure, reportLaunch } from './gateway/process/launchReport.ts';
import { serveCommand } from './gateway/process/serveCommand.ts';
import { reportCommand } from './gateway/report/reportCommand.ts';

/** Put in by the build: version and content hash. */
declare const SIGNALBOX_BUILD: string | undefined;
const build = typeof SIGNALBOX_BUILD === 'string' ? SIGNALBOX_BUILD : '0.0.0+source';

function exit(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}

async function main(): Promise<void> {
  const [, program = '', ...args] = process.argv;
  const parsed = parseCommandLine(args, build, invocation(program, process.env, process.cwd()));
  switch (parsed.kind) {
    case 'run':
      return serveCommand(parsed.options, build);
    case 'drill':
      return drillCommand(parsed.isJson);
    case 'report':
      process.exitCode = await reportCommand({
        ...parsed,
        stateDir: parsed.stateDir ?? defaultStateFolder(process.env),
      });
      return;
    case 'exit':
      return exit(parsed.code, parsed.text);
    default:
      parsed satisfies never;
  }
}

main().catch(async (error: unknown) => {
  const why = launchFailure(error, await holderOfPort(error));
  await reportLaunch({ event: 'failed', ...why });
  exit(why.failure === 'crashed' ? 1 : 2, `signalbox: ${why.message}\n`);
});
