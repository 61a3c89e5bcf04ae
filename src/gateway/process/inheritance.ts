import { Server } from 'node:net';
import process from 'node:process';
import { type InheritanceMessage, inheritanceMessage } from '../../contract/handOver.ts';
import type { ReadyMessage } from '../../contract/launch.ts';

/** What a gateway takes over from the one before it: the socket that listens, configuration and keys. */
export interface Inheritance extends Omit<InheritanceMessage, 'event'> {
  readonly socket: Server;
}

const withinMs = 15_000;

/** Tells the one before us that we are ready and waits for what it leaves us. Rejects when nothing comes. */
export function receiveInheritance(): Promise<Inheritance> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error('only a running gateway starts another one in its place');
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      process.off('disconnect', gone);
      then();
    };
    const gone = (): void => settle(() => reject(new Error('the gateway that was to hand over has gone')));
    const timer = setTimeout(gone, withinMs);
    process.once('disconnect', gone);
    process.once('message', (message, socket) => {
      const parsed = inheritanceMessage.safeParse(message);
      settle(() => {
        if (parsed.success && socket instanceof Server) resolve({ ...parsed.data, socket });
        else reject(new Error('the gateway that was to hand over has sent something else'));
      });
    });
    process.send({ event: 'ready' } satisfies ReadyMessage);
  });
}
