import type { StoreProgram } from '../../store/storeClient.ts';

/**
 * The program of the store's thread. The build replaces this file by one that holds the program as text: the extension's
 * folder may be deleted under a running gateway, which must still be able to restart a failed thread.
 */
export function storeProgram(): StoreProgram {
  return { file: new URL('../../store/storeWorker.ts', import.meta.url) };
}
