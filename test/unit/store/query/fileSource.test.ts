import assert from 'node:assert/strict';
import { StoreFile } from '../../../../src/store/file/storeFile.ts';
import { FileSource } from '../../../../src/store/query/fileSource.ts';

describe('FileSource', () => {
  it('A7: prepares a bounded number of statements, whatever a question holds', () => {
    const file = StoreFile.open({ path: ':memory:' });
    const texts = new Set<string>();
    const prepare = file.prepare.bind(file);
    file.prepare = (sql) => {
      texts.add(sql);
      return prepare(sql);
    };
    const source = new FileSource(file);
    for (let nth = 1; nth <= 200; nth += 1) {
      const some = { endpoint: `endpoint-${nth}`, model: `model-${nth}`, session: `session-${nth}` };
      source.requests({ ...some, limit: nth, from: nth, to: 2 * nth });
      source.transitions({ ...some, fromMs: nth, toMs: 2 * nth });
      source.sessionSteps({ ...some, fromMs: nth, toMs: 2 * nth }, 50);
      source.sessions('day', { ...some, fromMs: nth, toMs: 2 * nth, session: undefined });
    }
    file.close();
    assert.ok(texts.size < 10, `${texts.size} statements`);
  });
});
