import type { DrillMessage } from '../../contract/drill.ts';
import { runDrill } from './drill.ts';
import { drillHead, drillLines, drillSummary } from './drillTable.ts';

/** The process exits this long after the last line, even with sockets open. */
const lingerMs = 2000;

/**
 * `gateway.js --drill`: prints a table, or with `isJson` one `DrillMessage` a line. The process exits with 0 when everything
 * was as designed, else with 1. SIGINT, SIGTERM, SIGHUP or a closed stdout cancel the drill; a second signal exits at once.
 */
export async function drillCommand(isJson: boolean): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  process.stdout.on('error', () => stop.abort());
  const write = (message: DrillMessage): void => {
    process.stdout.write(isJson ? `${JSON.stringify(message)}\n` : textOf(message));
  };
  if (!isJson) process.stdout.write(drillHead());
  const done = await runDrill({ signal: stop.signal, onRow: write });
  write(done);
  process.exitCode = done.isAsDesigned ? 0 : 1;
  setTimeout(() => process.exit(), lingerMs).unref();
}

function textOf(message: DrillMessage): string {
  return message.event === 'fault' ? drillLines(message) : drillSummary(message);
}
