import { stackOf } from '../../base/stackOf.ts';
import type { LaunchFailure, LaunchMessage } from '../../contract/launch.ts';
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

/** The reason why the gateway did not start: a message with a remedy where one is known, else the error's stack. */
export function launchFailure(error: unknown): LaunchFailure {
  if (error instanceof StateDirectoryError) {
    return { failure: 'stateFolder', message: error.message, problem: error.problem };
  }
  const { code, port } = (error ?? {}) as { readonly code?: unknown; readonly port?: unknown };
  if (code === 'EADDRINUSE') {
    const message = `port ${port} is taken by another program. Choose another one with --port or "port".`;
    return { failure: 'portTaken', message };
  }
  if (code === 'EACCES' && port !== undefined) {
    return { failure: 'portForbidden', message: `port ${port} may not be used. Choose one above 1023 with --port.` };
  }
  return { failure: 'crashed', message: stackOf(error) };
}
