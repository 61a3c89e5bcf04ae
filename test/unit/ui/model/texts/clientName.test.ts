import assert from 'node:assert/strict';
import fc from 'fast-check';
import { clientName } from '../../../../../src/ui/model/texts/clientName.ts';
import { english, wordless } from '../viewContexts.ts';

const named = (userAgent: string | null | undefined) => clientName(userAgent, english);

describe('clientName', () => {
  it('knows the clients that people use', () => {
    assert.equal(named('claude-cli/2.1.330 (external, cli)'), 'Claude Code 2.1.330');
    assert.equal(named('claude-cli/2.1.330'), 'Claude Code 2.1.330');
    assert.equal(named('claude-code/3.0.1'), 'Claude Code 3.0.1');
    assert.equal(named('Anthropic/JS 1.12.0'), 'Anthropic SDK 1.12.0');
    assert.equal(named('Anthropic/Python 0.39.0'), 'Anthropic SDK (Python) 0.39.0');
    assert.equal(named('OpenAI/JS 6.49.0'), 'OpenAI SDK 6.49.0');
    assert.equal(named('OpenAI/Python 1.2.3'), 'OpenAI SDK (Python) 1.2.3');
    assert.equal(named('codex_cli_rs/0.21.0'), 'Codex 0.21.0');
    assert.equal(named('curl/8.5.0'), 'curl 8.5.0');
  });

  it('knows the asynchronous clients of the Python SDKs too', () => {
    assert.equal(named('AsyncAnthropic/Python 0.39.0'), 'Anthropic SDK (Python) 0.39.0');
    assert.equal(named('AsyncOpenAI/Python 1.2.3'), 'OpenAI SDK (Python) 1.2.3');
  });

  // A record holds the user agent up to its first space, and the SDKs put their version behind one.
  it('knows them by what a record keeps of the user agent', () => {
    assert.equal(named('Anthropic/JS'), 'Anthropic SDK');
    assert.equal(named('Anthropic/Python'), 'Anthropic SDK (Python)');
    assert.equal(named('OpenAI/JS'), 'OpenAI SDK');
    assert.equal(named('OpenAI/Python'), 'OpenAI SDK (Python)');
  });

  it('shows the first word of any other', () => {
    assert.equal(named('my-agent/1.0 (linux)'), 'my-agent/1.0');
    assert.equal(named('okhttp'), 'okhttp');
  });

  it('has words for a client that does not say what it is', () => {
    for (const nothing of [undefined, null, '', ' ', '(linux)']) assert.equal(named(nothing), 'unknown client');
    assert.equal(clientName(undefined, wordless), '');
  });

  // A record keeps 64 characters.
  it('is one short line, whatever a client calls itself', () => {
    const odd = ['curl/8\n5', 'x\ty', `curl/${'1'.repeat(59)}`, `claude-cli/${'9.'.repeat(26)}`, 'a'.repeat(64)];
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 64 });
    const property = fc.property(
      fc.oneof(fc.string({ maxLength: 64 }), ascii, fc.constantFrom(...odd)),
      (userAgent) => {
        const name = named(userAgent);
        assert.ok(name.length > 0 && name.length <= 80, name);
        assert.doesNotMatch(name, /[\n\r\t]/);
      },
    );
    fc.assert(property);
  });
});
