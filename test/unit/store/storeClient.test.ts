import assert from 'node:assert/strict';
import { join } from 'node:path';
import { redactor } from '../../../src/base/redactor.ts';
import type { RequestPage } from '../../../src/contract/metrics.ts';
import type { Reason } from '../../../src/core/outcome/reason.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { StoreClient } from '../../../src/store/storeClient.ts';
import { requestsOver } from '../../support/store/storeBed.ts';

describe('the way into the store', () => {
  it('cuts secrets out of what clients and endpoints said, and out of nothing else', async () => {
    const [one] = requestsOver(1000, 1, Date.now());
    const [attempt] = one?.attempts ?? [];
    assert.ok(one && attempt);
    // LM Studio's own examples have it for a key; the other one is in a time.
    const secrets = ['lm-studio', 'sessionId', 'statusAndType', String(Math.round(one.startedWallMs)).slice(0, 9)];
    const why: Reason = { code: 'statusAndType', status: 401, type: 'refused lm-studio' };
    const record: RequestRecord = {
      ...one,
      endpointId: 'lm-studio',
      sessionId: 'mine',
      model: 'a lm-studio model',
      attempts: [{ ...attempt, endpointId: 'lm-studio', reason: 'refused lm-studio', why }],
    };
    const silent = () => undefined;
    const logger = {
      debug: silent,
      info: silent,
      warn: silent,
      error: silent,
      cut: redactor(secrets),
      redact(text: string): string {
        return this.cut(text);
      },
    };
    const program = { file: new URL('../../../src/store/storeWorker.ts', import.meta.url) };
    const store = new StoreClient({ program, path: ':memory:', maxBytes: 1e9, rawDays: 14, prices: {}, logger });
    try {
      store.add([{ kind: 'request', record }]);
      const { bytes } = await store.ask({ what: 'page', page: { limit: 10 } });
      const [kept] = (JSON.parse(new TextDecoder().decode(bytes)) as RequestPage).requests;
      assert.equal(kept?.model, 'a [redacted] model');
      assert.equal(kept.attempts[0]?.reason, 'refused [redacted]');
      assert.deepEqual(kept.attempts[0]?.why, { ...why, type: 'refused [redacted]' });
      assert.equal(kept.endpointId, 'lm-studio');
      assert.equal(kept.attempts[0]?.endpointId, 'lm-studio');
      assert.equal(kept.sessionId, 'mine');
      assert.equal(kept.startedWallMs, Math.round(one.startedWallMs));
    } finally {
      await store.close();
    }
  });

  it('tells at its end how many records it could not write', async () => {
    const warnings: string[] = [];
    const silent = () => undefined;
    const warn = (text: string, fields: unknown): void => void warnings.push(`${text} ${JSON.stringify(fields)}`);
    const logger = { debug: silent, info: silent, warn, error: silent, redact: (text: string) => text };
    const program = { file: new URL('../../../src/store/storeWorker.ts', import.meta.url) };
    const path = join('/nowhere', 'metrics.sqlite');
    const store = new StoreClient({ program, path, maxBytes: 1e9, rawDays: 14, prices: {}, logger });
    store.add(requestsOver(1000, 7, Date.now()).map((record) => ({ kind: 'request', record })));
    await store.close();
    assert.equal(warnings.at(-1), 'metrics were lost {"count":7}');
  });
});
