import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bareEnvironment } from '../bareEnvironment.ts';

/** A gateway in a terminal of its own. */
export interface TerminalGateway {
  readonly url: string;
  /** All that is seen in the terminal so far. */
  screen(): string;
  /** Closes the terminal, as a click on its window does. */
  close(): void;
  /** Of the gateway. */
  readonly exitCode: Promise<number>;
  kill(): void;
}

/** Node opens no terminals; Python, which the tests need anyway, does. */
const script = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
while 0 not in select.select([0, terminal], [], [])[0]:
    try: os.write(1, os.read(terminal, 4096))
    except OSError: break
os.close(terminal)
_, status = os.waitpid(pid, 0)
print('\\nended with', os.waitstatus_to_exitcode(status), flush=True)
os._exit(0)
`;

/** Starts a gateway's command in a terminal; resolves when it listens. */
export async function openTerminal(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TerminalGateway> {
  const child = spawn('python3', ['-c', script, ...command], {
    env: { ...bareEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  const lines = createInterface({ input: child.stdout });
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      lines.on('line', (text) => {
        const [, found] = pattern.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(`the terminal ended before ${pattern}\n${screen}`)));
    });
  lines.on('line', (text) => {
    screen += `${text}\n`;
  });
  const exitCode = line(/^ended with (-?\d+)/).then(Number);
  exitCode.catch(() => undefined);
  const url = await line(/"event":"listening","url":"([^"]+)"/);
  return {
    url,
    screen: () => screen,
    close: () => void child.stdin.end('\n'),
    exitCode,
    kill: () => void child.kill('SIGKILL'),
  };
}
