import process from 'node:process';
import { type InheritanceMessage, inheritanceMessage } from '../../contract/handOver.ts';
import type { ReadyMessage } from '../../contract/launch.ts';
import type { ListeningSocket } from '../../proxy/listeningSocket.ts';

/** Everything that a gateway takes over from its predecessor: the listening socket, configuration and keys. */
export interface Inheritance extends Omit<InheritanceMessage, 'event'> {
  readonly socket: ListeningSocket;
}

const withinMs = 15_000;

/** Tells the predecessor that this process is ready, and waits for the inheritance. Rejects when none comes within 15 s. */
export function receiveInheritance(): Promise<Inheritance> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error('only a running gateway starts another one in its place');
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      process.off('disconnect', gone);
      then();
    };
    const gone = (): void =>
      settle(() => reject(new Error('the gateway that hands over has ended, or did not answer in time')));
    const timer = setTimeout(gone, withinMs);
    process.once('disconnect', gone);
    process.once('message', (message, socket: unknown) => {
      const parsed = inheritanceMessage.safeParse(message);
      settle(() => {
        if (parsed.success && isSocket(socket)) resolve({ ...parsed.data, socket });
        else reject(new Error('the gateway that hands over has sent an unknown message'));
      });
    });
    process.send({ event: 'ready' } satisfies ReadyMessage);
  });
}

/** Earlier builds send a `Server`, which can be listened to in the same way. */
function isSocket(handle: unknown): handle is ListeningSocket {
  return typeof handle === 'object' && handle !== null;
}
