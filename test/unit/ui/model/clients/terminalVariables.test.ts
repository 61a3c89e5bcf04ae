import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EndpointSnapshot, Snapshot } from '../../../../../src/contract/snapshot.ts';
import { told } from '../../../../../src/core/outcome/reason.ts';
import { hiddenVariables, terminalVariables } from '../../../../../src/ui/model/clients/terminalVariables.ts';
import { endpointSnapshot, openEndpoint, snapshot } from '../snapshotParts.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ours = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:8417', ANTHROPIC_AUTH_TOKEN: 'token' };
const running = snapshot({ endpoints: [endpointSnapshot()] });
const variables = (given: Snapshot, host: Environment = {}) => terminalVariables(given, 'token', host);
const withEndpoint = (parts: Partial<EndpointSnapshot>) => snapshot({ endpoints: [endpointSnapshot(parts)] });

describe('terminalVariables', () => {
  it('tell clients where the gateway is and what to show it', () => {
    assert.deepEqual(variables(running), ours);
    assert.deepEqual(variables(running, { PATH: '/bin', HTTPS_PROXY: '', NO_PROXY: 'corp.example' }), ours);
  });

  it('are none while no endpoint could serve Claude Code', () => {
    assert.deepEqual(variables(snapshot()), {});
    assert.deepEqual(variables(withEndpoint({ dialect: 'openai' })), {});
    assert.deepEqual(variables(withEndpoint({ isEnabled: false, state: 'disabled' })), {});
    assert.deepEqual(variables(withEndpoint({ hasKey: false, state: 'keyMissing' })), {});
  });

  it('are there while an endpoint of the OpenAI API serves Claude Code by translation', () => {
    const translating = { dialect: 'openai', alsoServes: ['anthropic'] } as const;
    assert.deepEqual(variables(withEndpoint(translating)), ours);
    assert.deepEqual(variables(withEndpoint({ ...translating, isEnabled: false, state: 'disabled' })), {});
  });

  it('are there while one endpoint could, also when it is out of order for now', () => {
    const others = [endpointSnapshot({ id: 'second', isEnabled: false, state: 'disabled' })];
    assert.deepEqual(variables(snapshot({ endpoints: [...others, openEndpoint()] })), ours);
    assert.deepEqual(variables(withEndpoint({ state: 'suspended', ...told({ code: 'status', status: 401 }) })), ours);
  });

  it('are none while the gateway ends', () => {
    assert.deepEqual(variables(snapshot({ endpoints: running.endpoints, gateway: { isDraining: true } })), {});
  });
});

describe('terminalVariables, where an HTTP proxy is set', () => {
  const exempt = (host: Environment) => {
    const { NO_PROXY = '', no_proxy } = variables(running, { HTTPS_PROXY: 'http://proxy.corp:3128', ...host });
    assert.equal(no_proxy, NO_PROXY, 'both ways of writing it say the same');
    return NO_PROXY.split(',');
  };

  it('keep loopback traffic away from it, by whichever name it is set', () => {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
      const both = { NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' };
      assert.deepEqual(variables(running, { [name]: 'http://proxy.corp:3128' }), { ...ours, ...both });
    }
  });

  it('leave what is exempt already', () => {
    assert.deepEqual(exempt({ NO_PROXY: 'corp.example, .internal' }), [
      'corp.example',
      '.internal',
      '127.0.0.1',
      'localhost',
    ]);
    assert.deepEqual(exempt({ no_proxy: 'corp.example' }), ['corp.example', '127.0.0.1', 'localhost']);
    assert.deepEqual(exempt({ NO_PROXY: 'localhost,127.0.0.1' }), ['localhost', '127.0.0.1']);
    assert.deepEqual(exempt({ NO_PROXY: ',, ,' }), ['127.0.0.1', 'localhost']);
  });

  it('leave what is exempt by one way of writing it only', () => {
    assert.ok(exempt({ NO_PROXY: '', no_proxy: 'corp.example' }).includes('corp.example'));
    const both = exempt({ NO_PROXY: 'one.example', no_proxy: 'two.example,one.example' });
    assert.deepEqual(both.sort(), ['127.0.0.1', 'localhost', 'one.example', 'two.example']);
  });

  // For undici, curl and Python the asterisk stands for everything only where it stands alone.
  it('leave an exemption of everything as it is', () => {
    assert.deepEqual(exempt({ NO_PROXY: '*' }), ['*']);
    assert.deepEqual(exempt({ no_proxy: ' * ' }), ['*']);
  });

  it('lose no exemption, whatever is set', () => {
    const host = fc.constantFrom(
      'a.example',
      '.b.example',
      '10.0.0.0/8',
      '[::1]',
      'localhost',
      '127.0.0.1',
      'c.example:8443',
    );
    const property = fc.property(fc.array(host), (names) => {
      const found = exempt({ NO_PROXY: names.join(',') });
      for (const name of [...names, '127.0.0.1', 'localhost']) assert.ok(found.includes(name), name);
    });
    fc.assert(property);
  });
});

describe('hiddenVariables', () => {
  const ourUrl = 'http://127.0.0.1:8417';

  it('are none in a window that was opened from one of our terminals', () => {
    assert.deepEqual(hiddenVariables({ ANTHROPIC_BASE_URL: ourUrl, ANTHROPIC_AUTH_TOKEN: 'ours' }, ourUrl), []);
  });

  it('are those that a person has set and that would be replaced or beaten', () => {
    assert.deepEqual(hiddenVariables({}, ourUrl), []);
    assert.deepEqual(hiddenVariables({ PATH: '/bin', ANTHROPIC_MODEL: 'x', ANTHROPIC_BASE_URL: '' }, ourUrl), []);
    assert.deepEqual(hiddenVariables({ ANTHROPIC_BASE_URL: 'https://relay.example' }, ourUrl), ['ANTHROPIC_BASE_URL']);
    assert.deepEqual(hiddenVariables({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_AUTH_TOKEN: 't' }, ourUrl), [
      'ANTHROPIC_AUTH_TOKEN',
      'ANTHROPIC_API_KEY',
    ]);
  });
});
