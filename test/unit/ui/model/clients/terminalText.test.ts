import assert from 'node:assert/strict';
import { terminalText } from '../../../../../src/ui/model/clients/terminalText.ts';
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
