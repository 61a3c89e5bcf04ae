import assert from 'node:assert/strict';
import type { EndpointSnapshot, Snapshot } from '../../../../src/contract/snapshot.ts';
import { ClientUpdates } from '../../../../src/ui/clients/clientUpdates.ts';
import type { GatewayStatus } from '../../../../src/ui/model/gatewayStatus.ts';
import { endpointSnapshot, openEndpoint, requestRecord, snapshot } from '../model/snapshotParts.ts';

/** Counts what reads files: the token, the environment of terminals, Claude Code's settings. */
function scene(tokens: readonly (string | undefined)[] = ['token']) {
  const counts = { tokens: 0, terminals: 0, claudeCode: 0 };
  const seen = { token: undefined as string | undefined, renewed: [] as string[] };
  const updates = new ClientUpdates({
    state: {
      clientToken: () => {
        const token = tokens[Math.min(counts.tokens, tokens.length - 1)];
        counts.tokens += 1;
        return token;
      },
    },
    terminals: {
      baseUrl: 'http://127.0.0.1:8417',
      update: (_status, token) => {
        counts.terminals += 1;
        seen.token = token;
      },
    },
    claudeCode: {
      renew: async (url) => void seen.renewed.push(url),
      tellIfElsewhere: () => {
        counts.claudeCode += 1;
      },
    },
    onError: (error) => {
      throw error;
    },
  });
  return { updates, counts, seen };
}

function running(parts: Parameters<typeof snapshot>[0] = {}): GatewayStatus {
  return { kind: 'running', snapshot: snapshot({ endpoints: [endpointSnapshot()], ...parts }) };
}

describe('what clients are told', () => {
  it('is not looked at again while nothing changes but requests and states of endpoints', () => {
    const { updates, counts } = scene();
    const requests = (count: number): Partial<Snapshot> => ({
      requests: Array.from({ length: count }, (_, index) => requestRecord({ id: `r${index}` })),
    });
    const states: readonly EndpointSnapshot[] = [endpointSnapshot(), openEndpoint({ id: endpointSnapshot().id })];
    for (let event = 0; event < 100; event += 1) {
      updates.look(running({ ...requests(event), endpoints: states.slice(event % 2, (event % 2) + 1) }));
    }
    assert.deepEqual(counts, { tokens: 1, terminals: 1, claudeCode: 1 });
  });

  it('follows each change that concerns them, once', () => {
    const { updates, counts, seen } = scene();
    const course: readonly GatewayStatus[] = [
      running({ gateway: { hasConfig: false } }),
      running(),
      running({ gateway: { url: 'http://127.0.0.1:9000' } }),
      running({ gateway: { pid: 77 } }),
      running({ gateway: { clientToken: 'none' } }),
      running({ gateway: { isDraining: true } }),
      running({ endpoints: [endpointSnapshot({ isEnabled: false, state: 'disabled' })] }),
      running({ endpoints: [endpointSnapshot({ hasKey: false, state: 'keyMissing' })] }),
      running({ endpoints: [endpointSnapshot({ dialect: 'openai' })] }),
      running({ endpoints: [endpointSnapshot({ dialect: 'openai', alsoServes: ['anthropic'] })] }),
      { kind: 'stopped' },
    ];
    for (const [index, status] of course.entries()) {
      for (let time = 0; time < 3; time += 1) updates.look(status);
      assert.equal(counts.terminals, index + 1, JSON.stringify(status));
    }
    assert.equal(seen.renewed.includes('http://127.0.0.1:9000'), true);
    assert.equal(seen.token, undefined, 'a stopped gateway has none');
  });

  it('is looked at in any case when settings may have changed', () => {
    const { updates, counts } = scene();
    updates.look(running());
    updates.update(running());
    assert.equal(counts.terminals, 2);
  });

  it('waits for a token that cannot be read yet', () => {
    const { updates, counts, seen } = scene([undefined, 'token']);
    updates.look(running());
    assert.deepEqual(seen, { token: undefined, renewed: [] });
    for (let event = 0; event < 5; event += 1) updates.look(running());
    assert.equal(seen.token, 'token');
    assert.equal(counts.tokens, 2);
  });
});
