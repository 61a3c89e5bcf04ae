import assert from 'node:assert/strict';
import { ApiKeys } from '../../../../src/ui/settings/apiKeys.ts';
import { WindowStore } from '../../../support/windows/windowStore.ts';

const endpoint = { id: 'first-party', baseUrl: 'https://api.example.com' };

describe('keys of endpoints', () => {
  const keysWith = (env: Record<string, string> = {}): ApiKeys => new ApiKeys(new WindowStore({}), env);

  it('are looked for in the variable of the name, then in that of the API', () => {
    const env = { FIRST_PARTY_KEY: 'c', ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o' };
    assert.equal(keysWith({ ...env, FIRST_PARTY_API_KEY: 'b' }).likelyVariable(endpoint), 'FIRST_PARTY_API_KEY');
    assert.equal(keysWith(env).likelyVariable(endpoint), 'FIRST_PARTY_KEY');
    const other = { ...endpoint, id: 'other' };
    assert.equal(keysWith(env).likelyVariable(other), 'ANTHROPIC_API_KEY');
    assert.equal(keysWith(env).likelyVariable({ ...other, dialect: 'openai' }), 'OPENAI_API_KEY');
    assert.equal(keysWith({ ANTHROPIC_API_KEY: '', PATH: '/bin' }).likelyVariable(other), undefined);
  });

  it('B5: are read from variables without the quotes or the Bearer around them', async () => {
    const keys = keysWith({ QUOTED: '"sk-one"', BEARER: 'Bearer sk-two' });
    assert.equal(await keys.keyOf({ ...endpoint, apiKey: 'env:QUOTED' }), 'sk-one');
    assert.equal(await keys.keyOf({ ...endpoint, apiKey: 'env:BEARER' }), 'sk-two');
  });

  it('are all secret, those of endpoints that are gone and those that cannot be sent included', async () => {
    const keys = keysWith({ RELAY: 'from the environment' });
    await keys.store('removed', ' with blanks and a line\n');
    await keys.store('first-party', 'sk-one');
    const secrets = await keys.secrets([endpoint, { id: 'relay', baseUrl: 'https://r.example', apiKey: 'env:RELAY' }]);
    for (const secret of ['sk-one', 'with blanks and a line', 'from the environment']) {
      assert.ok(secrets.includes(secret), secret);
    }
    await keys.forget('removed');
    assert.ok(!(await keys.secrets([endpoint])).includes('with blanks and a line'));
  });
});
