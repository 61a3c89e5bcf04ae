import assert from 'node:assert/strict';
import { ToolCalls } from '../../../../../src/dialect/translation/answer/toolCalls.ts';

describe('ToolCalls', () => {
  it('take a call of many pieces in time by the pieces: a file of 400 KB is written word for word', () => {
    let told = '';
    const calls = new ToolCalls((delta) => {
      if (delta.kind === 'toolInput') told += delta.json;
    });
    calls.named('0', 'k0', 'Write');
    const input = JSON.stringify({ content: 'word'.repeat(100_000) });
    const startedMs = performance.now();
    for (let at = 0; at < input.length; at += 4) calls.input('0', input.slice(at, at + 4));
    assert.ok(performance.now() - startedMs < 3000, 'in time by the pieces, not by their square');
    assert.equal(
      calls.endAll(() => 'k', false),
      undefined,
    );
    assert.equal(told, input);
  });
});
