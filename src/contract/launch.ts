/** Why a gateway did not start. */
export type LaunchFailure = 'portTaken' | 'portForbidden' | 'stateFolder' | 'crashed';

/** What a gateway tells whoever started it, over the IPC channel: exactly one of these, once. */
export type LaunchMessage =
  | { readonly event: 'listening'; readonly url: string; readonly pid: number; readonly stateDir: string }
  | { readonly event: 'failed'; readonly failure: LaunchFailure; readonly message: string };

/** What a gateway that takes over tells before: it is loaded, and waits for what it inherits. */
export interface ReadyMessage {
  readonly event: 'ready';
}
