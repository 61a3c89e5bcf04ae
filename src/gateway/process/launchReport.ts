import { stackOf } from '../../base/stackOf.ts';
import type { HelloAnswer } from '../../contract/control.ts';
import type { LaunchFailure, LaunchMessage } from '../../contract/launch.ts';
import type { Owner } from '../../contract/snapshot.ts';
import { helloOf } from './answersAt.ts';
import { StateDirectoryError } from './stateDirectoryError.ts';

/** Whether a window started this process and reads its messages over IPC; otherwise a person reads its output. */
export const isLaunchedByWindow = process.send !== undefined;

/** Reports the result of the start to the window over IPC; resolves when the message is sent, or the window is gone. */
export function reportLaunch(message: LaunchMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

/** The gateway that answers at a port. */
type Holder = Pick<HelloAnswer, 'pid' | 'owner'>;

/**
 * The reason why the gateway did not start: a message with a remedy where one is known, else the error's stack. `holder`: the
 * gateway that has the port; undefined for another program.
 */
export function launchFailure(error: unknown, holder?: Holder): LaunchFailure {
  if (error instanceof StateDirectoryError) {
    return { failure: 'stateFolder', message: error.message, problem: error.problem };
  }
  const { code, port } = (error ?? {}) as { readonly code?: unknown; readonly port?: unknown };
  if (code === 'EADDRINUSE') {
    const message = holder === undefined ? takenText(port) : heldText(port, holder);
    return { failure: 'portTaken', message };
  }
  if (code === 'EACCES' && port !== undefined) {
    return { failure: 'portForbidden', message: `port ${port} may not be used. Choose one above 1023 with --port.` };
  }
  return { failure: 'crashed', message: stackOf(error) };
}

/** The gateway that has the port on which this one could not listen; undefined after any other error or for any other program. */
export async function holderOfPort(error: unknown): Promise<Holder | undefined> {
  const { code, port } = (error ?? {}) as { readonly code?: unknown; readonly port?: unknown };
  if (code !== 'EADDRINUSE' || typeof port !== 'number') return undefined;
  const hello = await helloOf(port, helloWithinMs);
  return typeof hello === 'object' && Object.hasOwn(starters, hello.owner) ? hello : undefined;
}

/** Gateways answer at once; other programs may say nothing. */
const helloWithinMs = 500;

const starters: Readonly<Record<Owner, string>> = {
  window: 'started by VS Code',
  config: 'started with --config',
  demo: 'the demo',
};

function takenText(port: unknown): string {
  return `port ${port} is taken by another program. Choose another one with --port or "port".`;
}

function heldText(port: unknown, { pid, owner }: Holder): string {
  return (
    `Signalbox already runs at http://127.0.0.1:${port} (process ${pid}, ${starters[owner]}). Use that one, or stop it first; ` +
    'for a second one, choose another port with --port and another folder with --state-dir.'
  );
}
