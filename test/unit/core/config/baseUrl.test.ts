import assert from 'node:assert/strict';
import fc from 'fast-check';
import { endpointPath, normaliseBaseUrl, otherBaseUrl } from '../../../../src/core/config/baseUrl.ts';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { isBareProblem } from '../../../../src/core/config/problem.ts';

function stored(text: string): string {
  const result = normaliseBaseUrl(text);
  assert.ok(result.kind === 'ok', `${text}: ${JSON.stringify(result)}`);
  return result.url;
}

/** The whole address that a client's path leads to. */
function asked(baseUrl: string, clientPath: string): string {
  const { origin, pathname } = new URL(stored(baseUrl));
  return origin + endpointPath(pathname.replace(/\/$/, ''), clientPath);
}

describe('normaliseBaseUrl', () => {
  it('takes off slashes, /v1 and the path of the API below it', () => {
    const forms = ['', '/', '//', '/v1', '/v1/', '/v1/messages', '/v1/messages/', '/v1/messages/count_tokens'];
    for (const form of [...forms, '/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/models']) {
      assert.equal(stored(`https://api.example.com${form}`), 'https://api.example.com', form);
      assert.equal(stored(`https://api.example.com/anthropic${form}`), 'https://api.example.com/anthropic', form);
    }
  });

  it('takes slashes that are doubled for one', () => {
    assert.equal(stored('https://api.example.com//a///b//'), 'https://api.example.com/a/b');
    for (const form of ['//v1', '/v1//', '//v1//messages', '/anthropic//v1/']) {
      assert.doesNotMatch(stored(`https://api.example.com${form}`), /\/(v1)?$/, form);
    }
  });

  it('keeps another version segment, and paths that only look like it', () => {
    for (const form of ['/api/paas/v4', '/v2', '/v1beta', '/xv1', '/v1/account/gateway/anthropic']) {
      assert.equal(stored(`https://api.example.com${form}`), `https://api.example.com${form}`);
      assert.equal(stored(`https://api.example.com${form}/`), `https://api.example.com${form}`);
    }
    assert.equal(stored('https://api.example.com/api/paas/v4/chat/completions'), 'https://api.example.com/api/paas/v4');
  });

  it('says what it took off, and only then', () => {
    const said = (text: string) => {
      const result = normaliseBaseUrl(text);
      return result.kind === 'ok' ? result.stripped : result.problem;
    };
    assert.equal(said('https://api.example.com/v1'), '/v1');
    assert.equal(said('https://api.example.com/v1/messages'), '/v1/messages');
    assert.equal(said('https://api.example.com/team/v1/messages'), '/v1/messages');
    assert.equal(said('https://api.example.com/'), undefined);
    assert.equal(said('https://api.example.com/api/paas/v4'), undefined);
  });

  it('keeps ports, drops what is said by the scheme, and forgives white space and capitals', () => {
    assert.equal(stored('http://127.0.0.1:11434/v1'), 'http://127.0.0.1:11434');
    assert.equal(stored('http://[::1]:8080'), 'http://[::1]:8080');
    assert.equal(stored('  HTTPS://API.Example.COM:443/v1 \n'), 'https://api.example.com');
  });

  it('refuses credentials, queries, fragments and other schemes, with words', () => {
    const bad = [
      'https://user:s3cret@a.example',
      'https://user@a.example',
      'https://:s3cret@a.example',
      'https://a.example?x=1',
      'https://a.example/#x',
    ];
    for (const text of [
      ...bad,
      'ftp://a.example',
      'a.example',
      'localhost:8080',
      '',
      'https://',
      'javascript:alert(1)',
    ]) {
      const result = normaliseBaseUrl(text);
      assert.ok(result.kind === 'bad', text);
      assert.ok(isBareProblem(result.problem), `${text}: ${result.problem}`);
    }
  });

  it('changes nothing the second time', () => {
    const own = fc.array(fc.constantFrom('anthropic', 'api', 'v4', 'v1beta', ''), { maxLength: 3 });
    const version = fc.array(fc.constantFrom('v1', ''), { maxLength: 3 });
    const api = fc.constantFrom('', 'messages', 'messages/count_tokens', 'chat/completions', 'models/', 'responses//');
    const property = fc.property(own, version, api, (base, versions, path) => {
      const once = stored(`https://api.example.com/${[...base, ...versions, path].join('/')}`);
      assert.doesNotMatch(once, /\/$/);
      assert.doesNotMatch(once, /\/v1$/);
      assert.equal(stored(once), once);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `https://a.example/${rest}`),
        ),
        (text) => void normaliseBaseUrl(text),
      ),
      { numRuns: 1000 },
    );
  });
});

describe('endpointPath', () => {
  it('leads where the vendor listens, however the base was pasted', () => {
    const path = '/v1/messages?beta=true';
    for (const form of ['', '/', '/v1', '/v1/', '/v1/messages']) {
      assert.equal(asked(`https://api.example.com${form}`, path), 'https://api.example.com/v1/messages?beta=true');
      assert.equal(asked(`https://a.example/api/anthropic${form}`, path), `https://a.example/api/anthropic${path}`);
    }
  });

  it('takes the client s path after /v1 where the base has a version of its own', () => {
    const chat = '/v1/chat/completions';
    assert.equal(asked('https://a.example/api/paas/v4', chat), 'https://a.example/api/paas/v4/chat/completions');
    assert.equal(asked('https://a.example/v1beta/', '/v1/models?limit=5'), 'https://a.example/v1beta/models?limit=5');
    assert.equal(asked('https://a.example/v12', chat), 'https://a.example/v12/chat/completions');
    assert.equal(asked('https://a.example/v4', '/health'), 'https://a.example/v4/health');
    assert.equal(asked('https://a.example/v4/team', chat), `https://a.example/v4/team${chat}`, 'not at its end');
    assert.equal(asked('https://a.example/v2ray', chat), 'https://a.example/v2ray/chat/completions');
  });
});

describe('parseConfig, base URLs', () => {
  it('stores the short form and notes what was taken off', () => {
    const result = parseConfig({
      endpoints: [
        { id: 'a', baseUrl: 'https://a.example/v1/messages' },
        { id: 'b', baseUrl: 'https://b.example/' },
      ],
    });
    assert.ok(result.kind === 'ok');
    assert.deepEqual(
      result.config.endpoints.map(({ baseUrl }) => baseUrl),
      ['https://a.example', 'https://b.example'],
    );
    assert.equal(result.notes.length, 1);
    assert.match(result.notes[0] ?? '', /endpoints\[0\].*\/v1\/messages/);
  });
});

describe('F10: base URLs of vendors', () => {
  const chat = '/v1/chat/completions';
  const messages = '/v1/messages';
  const table: readonly (readonly [pasted: string, client: string, asked: string])[] = [
    ['https://api.openai.com/v1', chat, 'https://api.openai.com/v1/chat/completions'],
    ['https://api.anthropic.com', messages, 'https://api.anthropic.com/v1/messages'],
    ['https://api.deepseek.com/chat/completions', chat, 'https://api.deepseek.com/chat/completions'],
    ['https://api.deepseek.com/anthropic', messages, 'https://api.deepseek.com/anthropic/v1/messages'],
    ['https://api.perplexity.ai/chat/completions', chat, 'https://api.perplexity.ai/chat/completions'],
    ['https://api.z.ai/api/paas/v4', chat, 'https://api.z.ai/api/paas/v4/chat/completions'],
    [
      'https://api.z.ai/api/coding/paas/v4/chat/completions',
      chat,
      'https://api.z.ai/api/coding/paas/v4/chat/completions',
    ],
    ['https://openrouter.ai/api/v1/chat/completions', chat, 'https://openrouter.ai/api/v1/chat/completions'],
    ['https://openrouter.ai/api', messages, 'https://openrouter.ai/api/v1/messages'],
    ['https://api.groq.com/openai/v1/', chat, 'https://api.groq.com/openai/v1/chat/completions'],
    ['https://api.fireworks.ai/inference/v1', chat, 'https://api.fireworks.ai/inference/v1/chat/completions'],
    [
      'https://models.github.ai/inference/chat/completions',
      chat,
      'https://models.github.ai/inference/chat/completions',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai',
      chat,
      'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
      '/v1/models',
      'https://generativelanguage.googleapis.com/v1beta/openai/models',
    ],
    [
      'https://us-aiplatform.googleapis.com/v1/projects/p/locations/us/endpoints/openapi',
      chat,
      'https://us-aiplatform.googleapis.com/v1/projects/p/locations/us/endpoints/openapi/chat/completions',
    ],
    ['https://api.deepinfra.com/v1/openai', chat, 'https://api.deepinfra.com/v1/openai/chat/completions'],
    [
      'https://r.services.ai.azure.com/models/chat/completions',
      chat,
      'https://r.services.ai.azure.com/models/chat/completions',
    ],
    [
      'https://r.openai.azure.com/openai/v1/responses',
      '/v1/responses',
      'https://r.openai.azure.com/openai/v1/responses',
    ],
    [
      'https://vanchin.streamlake.ai/api/gateway/v1/endpoints/e/claude-code-proxy',
      messages,
      'https://vanchin.streamlake.ai/api/gateway/v1/endpoints/e/claude-code-proxy/v1/messages',
    ],
    [
      'https://gateway.ai.cloudflare.com/v1/a/g/anthropic',
      messages,
      'https://gateway.ai.cloudflare.com/v1/a/g/anthropic/v1/messages',
    ],
    ['https://relay.example/messages', '/v1/messages/count_tokens', 'https://relay.example/messages/count_tokens'],
    ['https://relay.example/x/embeddings/', '/v1/embeddings', 'https://relay.example/x/embeddings'],
  ];
  for (const [pasted, client, expected] of table) {
    it(`${pasted} is asked at ${expected}`, () => {
      assert.equal(asked(pasted, client), expected);
      assert.equal(asked(stored(pasted), client), expected, 'and stays so when it is stored');
    });
  }

  it('have another way each, which leads back, unless they have a version of their own', () => {
    const exact = otherBaseUrl('https://a.example/x', 'openai');
    assert.equal(exact, 'https://a.example/x/chat/completions');
    assert.equal(otherBaseUrl('https://a.example', 'anthropic'), 'https://a.example/messages');
    assert.equal(otherBaseUrl(String(exact), 'openai'), 'https://a.example/x');
    assert.equal(otherBaseUrl('https://a.example/v4', 'openai'), undefined);
  });
});
