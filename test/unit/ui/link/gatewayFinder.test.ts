import assert from 'node:assert/strict';
import { GatewayFinder } from '../../../../src/ui/link/gatewayFinder.ts';
import type { StateFiles } from '../../../../src/ui/link/stateFiles.ts';

describe('a search for a gateway', () => {
  it('that is called off while it asks for the right to start one starts none', async () => {
    const search = new AbortController();
    const done: string[] = [];
    const state: Pick<StateFiles, 'controlToken' | 'claimStart' | 'create' | 'folder' | 'lastWords'> = {
      folder: '/no/such/folder',
      controlToken: undefined,
      claimStart: () => {
        search.abort();
        return () => done.push('given back');
      },
      create: () => {
        done.push('started');
        throw new Error('no start was to be tried');
      },
      lastWords: () => '',
    };
    const finder = new GatewayFinder({
      state: state as StateFiles,
      extensionFolder: '',
      version: '1.0.0',
      port: () => 8417,
      onError: (error) => {
        throw error;
      },
    });
    await finder.findOrStart(search.signal);
    assert.deepEqual(done, ['given back']);
  });
});
