import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { until } from '../processes/startGateway.ts';

/** A port that answers no SYN: connecting to it hangs, as it does behind a firewall that drops packets. */
export interface DeafEndpoint {
  readonly url: string;
  /** Has it accept from now on: connections under way come about with their next SYN, within seconds. */
  wake(): void;
  /** All that was sent to it since it woke up; it answers nothing. */
  received(): string;
  close(): Promise<void>;
}

const backlog = 1;

const program = `
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(process.stdout, { end: false });
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: ${backlog} }, () => {
    process.stdout.write(server.address().port + '\\n');
  });
`;

/** Starts one on a free port of loopback: a process that is stopped while its queue of new connections is full. */
export async function startDeafEndpoint(): Promise<DeafEndpoint> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  const fillers: Socket[] = [];
  const close = async (): Promise<void> => {
    for (const one of fillers) one.destroy();
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await until(
      'it listens',
      () => written,
      (text) => text.includes('\n'),
    );
    const port = Number.parseInt(written, 10);
    written = '';
    child.kill('SIGSTOP');
    let connected = 0;
    for (let filler = 0; filler < backlog + 3; filler += 1) {
      const socket = connect(port, '127.0.0.1', () => {
        connected += 1;
      });
      fillers.push(socket.on('error', () => undefined));
    }
    // The kernel takes one more than the backlog says.
    await until(
      'its queue is full',
      () => connected,
      (count) => count > backlog,
    );
    return {
      url: `http://127.0.0.1:${port}`,
      wake: () => {
        for (const one of fillers) one.destroy();
        child.kill('SIGCONT');
      },
      received: () => written,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
