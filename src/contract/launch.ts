/** Why a state folder cannot be used. `path`: the folder, or the file in it; `error`: the system's code, such as EACCES. */
export type FolderProblem =
  | { readonly code: 'notCreated' | 'notWritten'; readonly path: string; readonly error: string }
  /** Another gateway uses it and listens at that port. */
  | { readonly code: 'inUse'; readonly path: string; readonly port: string; readonly pid: string }
  | { readonly code: 'notFolder' | 'otherOwner' | 'writableByOthers' | 'noToken'; readonly path: string };

/** Why a gateway did not start; `message` is the same in English, with a remedy where one is known. */
export type LaunchFailure =
  | { readonly failure: 'portTaken' | 'portForbidden' | 'crashed'; readonly message: string }
  | { readonly failure: 'stateFolder'; readonly message: string; readonly problem: FolderProblem };

/** A gateway's only message to its parent over the IPC channel. */
export type LaunchMessage =
  | { readonly event: 'listening'; readonly url: string; readonly pid: number; readonly stateDir: string }
  | ({ readonly event: 'failed' } & LaunchFailure);

/** Sent earlier by a gateway that takes over: it has loaded and waits for its inheritance. */
export interface ReadyMessage {
  readonly event: 'ready';
}
