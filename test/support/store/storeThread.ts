import { once } from 'node:events';
import { type GatewayProcess, until } from '../processes/startGateway.ts';

/** Node options that make the store's thread of a gateway visible to the test. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const;

/**
 * Has the store's thread of a gateway do something, by way of Node's inspector, which knows every thread. Resolves when the
 * thread has been told.
 */
async function inStoreThread(gateway: GatewayProcess, expression: string): Promise<void> {
  const says = /Debugger listening on (ws:\S+)/;
  const [, url = ''] = says.exec(await until('the inspector', gateway.stderr, (text) => says.test(text))) ?? [];
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
  const told = Promise.withResolvers<void>();
  const send = (id: number, method: string, params: object): void =>
    socket.send(JSON.stringify({ id, method, params }));
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params } = JSON.parse(String(data));
    if (method === 'NodeWorker.attachedToWorker')
      send(2, 'NodeWorker.sendMessageToWorker', { sessionId: params.sessionId, message });
    if (id === 2) told.resolve();
  });
  send(1, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
  try {
    await told.promise;
  } finally {
    socket.close();
  }
}

/** The thread stands still for so long: it answers nothing and writes nothing. */
export function holdStoreThread(gateway: GatewayProcess, forMs: number): Promise<void> {
  return inStoreThread(gateway, `setImmediate(() => ${standStill(forMs)})`);
}

/** The thread stands still for so long, and ends of an error then. */
export function endStoreThread(gateway: GatewayProcess, afterMs: number): Promise<void> {
  const end = `throw new Error('the test ends this thread')`;
  return inStoreThread(gateway, `setImmediate(() => { ${standStill(afterMs)}; ${end}; })`);
}

function standStill(ms: number): string {
  return `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms})`;
}
