import assert from 'node:assert/strict';
import { readsFailedEvents } from '../../../../src/proxy/client/failedEvents.ts';

describe('readsFailedEvents', () => {
  it('F2: is true of every form of Codex, and of no other client', () => {
    for (const agent of ['codex_exec/0.171.0 (Debian)', 'codex_cli_rs/0.50.0', 'codex_vscode/1.0', 'Codex/2']) {
      assert.equal(readsFailedEvents({ 'user-agent': agent }), true, agent);
    }
    assert.equal(readsFailedEvents({ 'user-agent': 'reqwest', originator: 'codex_cli_rs' }), true);
    for (const agent of ['opencode/1.18 ai-sdk', 'claude-cli/2.1.330', 'my-codex/1', undefined]) {
      assert.equal(readsFailedEvents(agent === undefined ? {} : { 'user-agent': agent }), false, agent);
    }
  });
});
