/** Why a gateway did not start. */
export type LaunchFailure = 'portTaken' | 'portForbidden' | 'stateFolder' | 'crashed';

/** A gateway's only message to its parent over the IPC channel. */
export type LaunchMessage =
  | { readonly event: 'listening'; readonly url: string; readonly pid: number; readonly stateDir: string }
  | { readonly event: 'failed'; readonly failure: LaunchFailure; readonly message: string };

/** Sent earlier by a gateway that takes over: it has loaded and waits for its inheritance. */
export interface ReadyMessage {
  readonly event: 'ready';
}
