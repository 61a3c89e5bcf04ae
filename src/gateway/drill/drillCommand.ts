import type { DrillMessage } from '../../contract/drill.ts';
import { runDrill } from './drill.ts';
import { drillHead, drillLines, drillSummary } from './drillTable.ts';

/** What is still open a while after the last line keeps the process no longer. */
const lingerMs = 2000;

/**
 * The whole of `gateway.js --drill`: a table for people, or with `isJson` one `DrillMessage` a line. Ends the process with
 * 0 when all was as designed, else with 1. SIGINT and SIGTERM stop it, a second one at once; so does a reader that is gone.
 */
export async function drillCommand(isJson: boolean): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
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
