import assert from 'node:assert/strict';
import { type Config, parseConfig } from '../../../src/core/config/config.ts';
import { ClientToken } from '../../../src/gateway/clientToken.ts';

const own = 'the token of the state folder';
const inVariable = 'the token of a variable';

function configWith(clientToken: string | null | undefined): Config {
  const parsed = parseConfig({ endpoints: [], ...(clientToken === undefined ? {} : { clientToken }) });
  assert.ok(parsed.kind === 'ok');
  return parsed.config;
}

describe('ClientToken', () => {
  let reads = 0;
  const env = { SET: inVariable };
  const ownToken = (): string => {
    reads += 1;
    return own;
  };
  const tokenWith = (config: Config | undefined): ClientToken => new ClientToken({ env, ownToken }, config);
  beforeEach(() => {
    reads = 0;
  });

  it('is the one of the state folder until a window has pushed a configuration', () => {
    assert.equal(tokenWith(undefined).bytes?.toString(), own);
  });

  it('is that of the configuration that the gateway starts with from the first moment, nothing else being there yet', () => {
    assert.equal(tokenWith(configWith('a token of sixteen')).bytes?.toString(), 'a token of sixteen');
    assert.equal(tokenWith(configWith('env:SET')).bytes?.toString(), inVariable);
    assert.equal(tokenWith(configWith(null)).bytes, undefined);
    assert.equal(reads, 0, 'the state folder is not asked for a token that nobody needs');
  });

  it('follows the configuration', () => {
    const token = tokenWith(undefined);
    const text = (config: Config): string | undefined => {
      token.configure(config);
      return token.bytes?.toString();
    };
    assert.equal(text(configWith(null)), undefined);
    assert.equal(text(configWith('a token of sixteen')), 'a token of sixteen');
    assert.equal(text(configWith(undefined)), own);
  });

  it('is the own one, and never none, where the variable is not set', () => {
    for (const reference of ['env:UNSET', 'env:EMPTY']) {
      const token = new ClientToken({ env: { EMPTY: ' ' }, ownToken }, configWith(reference));
      assert.equal(token.bytes?.toString(), own);
    }
  });

  it('stays when the state folder cannot be used', () => {
    const token = new ClientToken(
      {
        env,
        ownToken: () => {
          throw new Error('disk full');
        },
      },
      configWith('a token of sixteen'),
    );
    assert.throws(() => token.configure(configWith(undefined)), /disk full/);
    assert.equal(token.bytes?.toString(), 'a token of sixteen');
  });
});
