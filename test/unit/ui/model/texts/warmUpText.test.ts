import assert from 'node:assert/strict';
import type { WarmUpResult } from '../../../../../src/contract/snapshot.ts';
import { type Reason, told } from '../../../../../src/core/outcome/reason.ts';
import { verdictOf, warmUpText } from '../../../../../src/ui/model/texts/warmUpText.ts';
import { warmUpResult } from '../snapshotParts.ts';
import { english } from '../viewContexts.ts';

describe('the result of a check', () => {
  const text = (parts: Partial<WarmUpResult>) => warmUpText(warmUpResult(parts), english);

  it('says how fast it was and what became of the key', () => {
    assert.equal(text({}), 'connected in 12 ms, answered in 35 ms, key accepted');
    assert.equal(text({ connectMs: null }), 'connection was open, answered in 35 ms, key accepted');
    const refused = text({
      key: 'refused',
      class: 'auth',
      ...told({ code: 'statusAndType', status: 401, type: 'authentication_error' }),
    });
    assert.equal(refused, 'key refused: 401 authentication_error, connected in 12 ms, answered in 35 ms');
    assert.match(
      text({
        key: 'notSupported',
        class: 'request',
        ...told({ code: 'statusAndType', status: 404, type: 'not_found_error' }),
      }),
      /key cannot be checked there$/,
    );
  });

  it('says what else came instead of a model list', () => {
    assert.match(
      text({ key: 'unknown', class: 'unknown', ...told({ code: 'statusAndType', status: 500, type: 'api_error' }) }),
      /^500 api_error, connected/,
    );
    assert.equal(text({ key: 'unknown', firstByteMs: null }), 'connected in 12 ms');
  });

  it('says why it was not reached', () => {
    const unreachable = { isReachable: false, key: 'unknown', connectMs: null, firstByteMs: null } as const;
    assert.equal(
      text({ ...unreachable, class: 'transient', ...told({ code: 'connectionRefused' }) }),
      'connection refused',
    );
    const webPage = text({ ...unreachable, class: 'badResponse', ...told({ code: 'notApiAnswer', status: 200 }) });
    assert.equal(webPage, '200: not an answer of the API');
  });
});

describe('the verdict on an endpoint', () => {
  const address = 'https://api.example.com/v1';
  const verdict = (parts: Partial<WarmUpResult>) => verdictOf(warmUpResult(parts), address, english);
  const unreachable = (why: Reason) =>
    verdict({ isReachable: false, key: 'unknown', connectMs: null, firstByteMs: null, ...told(why) });

  it('B5: is none where the endpoint answers and does not refuse the key', () => {
    for (const key of ['ok', 'notSupported', 'unknown'] as const) assert.equal(verdict({ key }), undefined);
  });

  it('B5: is the title, and the rest is a detail', () => {
    const refused = told({ code: 'statusAndType', status: 401, type: 'authentication_error' });
    assert.deepEqual(verdict({ key: 'refused', class: 'auth', ...refused }), {
      title: 'Key refused (401)',
      detail: 'api.example.com: key refused: 401 authentication_error, connected in 12 ms, answered in 35 ms',
      wrong: 'key',
    });
    assert.equal(verdict({ key: 'refused', class: 'auth', reason: 'refused', why: undefined })?.title, 'Key refused');
  });

  it('B5: names the host that was not reached', () => {
    const titles = [
      unreachable({ code: 'connectionRefused' }),
      unreachable({ code: 'hostNotFound', error: 'ENOTFOUND' }),
      unreachable({ code: 'certificateExpired' }),
    ].map((one) => one?.title);
    assert.deepEqual(titles, [
      'Connection refused (api.example.com)',
      'Host name not found: ENOTFOUND (api.example.com)',
      'Its certificate has expired (api.example.com)',
    ]);
    assert.equal(unreachable({ code: 'connectionRefused' })?.wrong, undefined);
  });
});
