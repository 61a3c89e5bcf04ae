import type { Server } from 'node:net';

/**
 * A listening socket that processes share. It is sent as it is and not as a `Server`, which Node makes accept connections as
 * soon as it arrives, before anything reads them.
 */
export interface ListeningSocket {
  readonly fd: number;
}

/** The socket of a server that listens; undefined of another. Node keeps it in `_handle`, and its cluster module sends it so. */
export function listeningSocketOf(server: Server): ListeningSocket | undefined {
  const { _handle } = server as unknown as { readonly _handle: ListeningSocket | null };
  return _handle ?? undefined;
}
