import { type ChildProcess, spawn } from 'node:child_process';
import type { DrillDone, DrillMessage, DrillRow } from '../../contract/drill.ts';
import type { GatewayProgram } from '../link/gatewayProgram.ts';
import type { DrillResult } from '../model/drill/drillText.ts';

/** The drill ends within a minute; after this time it hangs. */
const patienceMs = 70_000;
const lastWordsLength = 2000;

/**
 * Runs the fault drill in a separate process, which has ended when this settles. `onRow` receives each fault after it was
 * played. Rejects if the process ends without a result, and with the signal's reason after killing it.
 */
export async function runDrillProcess(
  program: GatewayProgram,
  signal: AbortSignal,
  onRow: (row: DrillRow) => void,
): Promise<DrillResult> {
  signal.throwIfAborted();
  const child = spawn(program.runtime, [program.path, '--drill', '--json'], {
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: program.env,
  });
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, patienceMs);
  signal.addEventListener('abort', kill);
  const rows: DrillRow[] = [];
  let done: DrillDone | undefined;
  const onMessage = (message: DrillMessage): void => {
    if (message.event === 'done') done = message;
    else if (!signal.aborted) {
      rows.push(message);
      onRow(message);
    }
  };
  try {
    const lastWords = await whenEnded(child, onMessage);
    signal.throwIfAborted();
    if (done === undefined) throw new Error(lastWords);
    return { rows, done };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

/** Reads to the end; resolves with stderr, or how the process ended. */
function whenEnded(child: ChildProcess, onMessage: (message: DrillMessage) => void): Promise<string> {
  let stderr = '';
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-lastWordsLength);
  });
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      try {
        for (const line of lines) onMessage(JSON.parse(line));
      } catch (error) {
        child.kill('SIGKILL');
        reject(error);
      }
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(stderr.trim() || `exit ${signal ?? code}`));
  });
}
