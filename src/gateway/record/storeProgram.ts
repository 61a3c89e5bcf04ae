import type { StoreProgram } from '../../store/storeClient.ts';

/**
 * What the store's thread runs. The build puts another one in the place of this file, which is the thread as one text: the
 * folder of the extension may be deleted under a running gateway, and a thread that has failed is begun anew.
 */
export function storeProgram(): StoreProgram {
  return { file: new URL('../../store/storeWorker.ts', import.meta.url) };
}
