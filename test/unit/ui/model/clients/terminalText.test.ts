import assert from 'node:assert/strict';
import { isClaudeCommand, openTerminalsText, terminalText } from '../../../../../src/ui/model/clients/terminalText.ts';
import { sentences } from '../../../../../src/ui/model/sentences.ts';
import { english } from '../viewContexts.ts';

describe('A7: the sentence about terminals', () => {
  it('says that they use Signalbox where they do, and nowhere else', () => {
    assert.equal(terminalText('connected', false, english), 'New terminals in VS Code use Signalbox.');
    for (const standing of ['unserved', 'off', 'declined'] as const) {
      for (const hasExtension of [true, false]) {
        const text = terminalText(standing, hasExtension, english);
        assert.doesNotMatch(text, /terminals in VS Code (?:and .* )?use Signalbox/i);
        assert.equal(/Claude Code extension/.test(text), hasExtension);
      }
    }
  });

  it('says what is missing', () => {
    assert.match(terminalText('unserved', false, english), /endpoint with a key/);
    assert.match(terminalText('off', false, english), /signalbox\.terminal\.inject/);
  });
});

describe('B4: terminals that were opened before', () => {
  it('are told of where there are any', () => {
    assert.equal(openTerminalsText(0, english), '');
    assert.match(openTerminalsText(1, english), /^The terminal that is already open does not/);
    assert.match(openTerminalsText(3, english), /^The terminals that are already open do not/);
  });

  for (const line of [
    'claude',
    '  claude -p "hi"',
    'DEBUG=1 FOO= claude --resume',
    '/usr/local/bin/claude',
    '~/.claude/local/claude',
    'C:\\Tools\\claude.exe --version',
    'claude.cmd',
    '"/opt/my tools/claude"',
    'npx @anthropic-ai/claude-code',
    'npx -y @anthropic-ai/claude-code@latest',
  ]) {
    it(`are noticed when Claude Code is started there: ${line}`, () => assert.ok(isClaudeCommand(line)));
  }

  for (const line of [
    '',
    'claudette',
    'ls ~/.claude',
    'echo claude',
    'vim claude.md',
    'git commit -m "claude"',
    'npx create-app',
    'ANTHROPIC_BASE_URL=https://mine.example claude',
  ]) {
    it(`are left alone with another command: ${line}`, () => assert.ok(!isClaudeCommand(line)));
  }
});

describe('sentences', () => {
  it('stand one after the other, in Chinese without a blank', () => {
    assert.equal(sentences('One.', '', 'Two.'), 'One. Two.');
    assert.equal(sentences('一。', '二。'), '一。二。');
  });
});
