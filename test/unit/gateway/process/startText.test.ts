import assert from 'node:assert/strict';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { startText } from '../../../../src/gateway/process/startText.ts';

const anthropic = { id: 'first', baseUrl: 'https://api.example.com', auth: 'none' };
const openai = { id: 'second', baseUrl: 'https://api.example.org', auth: 'none', dialect: 'openai' };

function textOf(document: object, platform: NodeJS.Platform = 'linux', tokenPath = '/state/client-token'): string {
  const result = parseConfig(document);
  assert.ok(result.kind === 'ok');
  return startText({ url: 'http://127.0.0.1:8417', config: result.config, tokenPath, platform });
}

describe('C11: the start says at a terminal how clients are connected', () => {
  it('Claude Code, with the token of the state folder', () => {
    const text = textOf({ endpoints: [anthropic] });
    assert.match(text, /^ {2}export ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:8417$/m);
    assert.match(text, /^ {2}export ANTHROPIC_AUTH_TOKEN="\$\(cat \/state\/client-token\)"$/m);
    assert.match(text, /^ {2}claude$/m);
    assert.doesNotMatch(text, /OPENAI|codex/, 'no endpoint speaks that API');
  });

  it('OpenAI SDKs and Codex, where an enabled endpoint speaks that API', () => {
    const text = textOf({ endpoints: [{ ...anthropic, enabled: false }, openai] });
    assert.match(text, /^ {2}export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:8417\/v1$/m);
    assert.match(text, /^ {2}export OPENAI_API_KEY="\$\(cat \/state\/client-token\)"$/m);
    assert.match(text, /^ {2}codex -c .*base_url='http:\/\/127\.0\.0\.1:8417\/v1'/m);
    assert.doesNotMatch(text, /claude/);
  });

  it('in PowerShell on Windows', () => {
    const text = textOf({ endpoints: [anthropic, openai] }, 'win32', String.raw`C:\Users\O'Hara\client-token`);
    assert.match(text, /^ {2}\$env:ANTHROPIC_BASE_URL = 'http:\/\/127\.0\.0\.1:8417'$/m);
    assert.ok(
      text.includes(String.raw`$env:ANTHROPIC_AUTH_TOKEN = Get-Content -Raw 'C:\Users\O''Hara\client-token'`),
      text,
    );
    assert.doesNotMatch(text, /export/);
  });

  it('with the token that the configuration asks for, which is never shown', () => {
    const tokenOf = (clientToken: string | null, platform?: NodeJS.Platform) =>
      /AUTH_TOKEN ?= ?(.*)/.exec(textOf({ endpoints: [anthropic], clientToken }, platform))?.[1];
    assert.equal(tokenOf('env:MY_TOKEN'), '"$MY_TOKEN"');
    assert.equal(tokenOf('env:MY_TOKEN', 'win32'), '$env:MY_TOKEN');
    assert.equal(tokenOf('a-secret-of-sixteen-letters'), "'the clientToken of the configuration file'");
    assert.equal(tokenOf(null), 'any-text');
  });

  it('with paths of every kind quoted', () => {
    const text = textOf({ endpoints: [anthropic] }, 'darwin', "/Users/O'Hara/Application Support/client-token");
    assert.ok(text.includes(String.raw`"$(cat '/Users/O'\''Hara/Application Support/client-token')"`), text);
  });

  it('not at all without an endpoint', () => {
    assert.equal(textOf({}), '');
  });
});
