import assert from 'node:assert/strict';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { upwardHeaders } from '../../../../src/proxy/http/headers.ts';

const parsed = parseConfig({ endpoints: [{ id: 'a', baseUrl: 'https://a.example', headers: { 'api-key': 'own' } }] });
assert.ok(parsed.kind === 'ok');
const [endpoint] = parsed.config.endpoints;
assert.ok(endpoint);

/** The names in lower case that an endpoint gets of a client's header lines. */
function passedOn(...rawHeaders: string[]): string[] {
  const headers = upwardHeaders({
    rawHeaders,
    endpoint: { ...(endpoint as NonNullable<typeof endpoint>), headers: {} },
    key: undefined,
    acceptEncoding: undefined,
    viaMark: 'signalbox-test',
  });
  return headers.filter((_, at) => at % 2 === 0).filter((name) => name !== 'via');
}

const credentials = [
  ...['Authorization', 'Proxy-Authorization', 'x-api-key', 'X-Goog-Api-Key', 'api-key', 'Cookie', 'cookie2'],
  ...['x-amz-security-token', 'x-amz-date', 'x-amz-content-sha256', 'Ocp-Apim-Subscription-Key', 'x-functions-key'],
  ...['x-auth-token', 'x-access-token', 'x-csrf-token', 'private-token', 'x-auth-key', 'apikey', 'x-apikey', 'dpop'],
  ...['cf-access-client-id', 'cf-access-client-secret', 'cf-aig-authorization', 'helicone-auth', 'x-portkey-api-key'],
  ...['x-litellm-api-key', 'x-goog-iam-authorization-token', 'x-ms-client-principal', 'x-hub-signature', 'api_key'],
];

describe('upwardHeaders', () => {
  for (const name of credentials) {
    it(`F26: keeps back ${name}, a credential of the client`, () => {
      assert.deepEqual(passedOn(name, 'secret-of-the-client'), []);
    });
  }

  it('F26: passes on names that only sound like a credential', () => {
    const names = [
      ...['idempotency-key', 'anthropic-beta', 'anthropic-version', 'openai-organization', 'openai-project'],
      ...['x-stainless-lang', 'x-claude-code-session-id', 'x-client-request-id', 'session-id', 'thread-id'],
      ...['x-codex-turn-metadata', 'max-tokens', 'x-goog-user-project', 'x-monkey', 'author', 'x-session-affinity'],
    ];
    assert.deepEqual(passedOn(...names.flatMap((name) => [name, '1'])), names);
  });

  it("F26: sends the endpoint's own credential under a name that is kept back from clients", () => {
    assert.ok(endpoint);
    const headers = upwardHeaders({
      rawHeaders: ['Api-Key', 'secret-of-the-client'],
      endpoint,
      key: undefined,
      acceptEncoding: undefined,
      viaMark: 'signalbox-test',
    });
    assert.deepEqual(headers.slice(-2), ['api-key', 'own']);
    assert.ok(!headers.includes('secret-of-the-client'));
  });
});
