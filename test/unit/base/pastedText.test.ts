import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bareKey, namedKey, pastedAddress, pastedKey } from '../../../src/base/pastedText.ts';

const base = 'https://api.example.com';
const key = 'sk-ant-api03-Ab_9.x~+/=-Zz';

/** Pasted texts, and the address in each. */
const addresses: readonly (readonly [pasted: string, address: string])[] = [
  [`  ${base}  `, base],
  ['api.example.com', base],
  ['//api.example.com/v1/', `${base}/v1/`],
  ['api.example.com:8443/v1/messages', `${base}:8443/v1/messages`],
  ['127.0.0.1:9001', 'http://127.0.0.1:9001'],
  ['localhost:11434/v1', 'http://localhost:11434/v1'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['192.168.1.20:3000', 'http://192.168.1.20:3000'],
  ['172.31.0.2', 'http://172.31.0.2'],
  ['172.32.0.2', 'https://172.32.0.2'],
  ['gateway:4000', 'http://gateway:4000'],
  ['nas.local', 'http://nas.local'],
  ['localhost:443', 'https://localhost:443'],
  ['中转站.example.cn/api', 'https://中转站.example.cn/api'],
  [`"${base}"`, base],
  [`'${base}',`, base],
  [`“${base}”`, base],
  [`<${base}>`, base],
  [`\`${base}\``, base],
  [`\\"${base}\\"`, base],
  [`[the relay](${base}/api)`, `${base}/api`],
  [`${base}/v1/messages?beta=true`, `${base}/v1/messages`],
  [`${base}/v1/messages?beta=true#top`, `${base}/v1/messages`],
  [`\u200b${base}\ufeff`, base],
  ['https：／／api．example．com／v1', `${base}/v1`],
  [`export ANTHROPIC_BASE_URL=${base}`, base],
  [`export ANTHROPIC_BASE_URL="${base}/v1"`, `${base}/v1`],
  [`ANTHROPIC_BASE_URL=${base}`, base],
  ['ANTHROPIC_BASE_URL=api.example.com', base],
  [`set ANTHROPIC_BASE_URL=${base}`, base],
  [`setx ANTHROPIC_BASE_URL ${base}`, base],
  [`set -gx ANTHROPIC_BASE_URL ${base}`, base],
  [`setenv OPENAI_API_BASE '${base}'`, base],
  [`$env:ANTHROPIC_BASE_URL = "${base}"`, base],
  [`[Environment]::SetEnvironmentVariable("ANTHROPIC_BASE_URL", "${base}", "User")`, base],
  [`"ANTHROPIC_BASE_URL": "${base}",`, base],
  [`{"env":{"ANTHROPIC_AUTH_TOKEN":"${key}","ANTHROPIC_BASE_URL":"${base}"}}`, base],
  [`{\\"ANTHROPIC_BASE_URL\\": \\"${base}\\"}`, base],
  [`base_url: ${base}`, base],
  [`client = OpenAI(base_url="${base}/v1", api_key="${key}")`, `${base}/v1`],
  [`baseURL: '${base}/v1'`, `${base}/v1`],
  [`docker run -e ANTHROPIC_BASE_URL=${base} image`, base],
  [`export ANTHROPIC_BASE_URL=${base}\nexport ANTHROPIC_AUTH_TOKEN=${key}`, base],
  [`export HTTPS_PROXY=http://proxy:3128 ANTHROPIC_BASE_URL=${base}`, base],
  [`接口地址：${base}/v1，密钥：${key}`, `${base}/v1`],
  [`Base URL: ${base} Key: ${key}`, base],
  [`curl ${base}/v1/messages -H "x-api-key: ${key}"`, `${base}/v1/messages`],
  [`$ curl -X POST --url '${base}/v1/chat/completions'`, `${base}/v1/chat/completions`],
  [`curl --url=${base}/v1/messages`, `${base}/v1/messages`],
  ['curl localhost:8080/v1/messages -d "{}"', 'http://localhost:8080/v1/messages'],
  ['curl -X POST api.example.com/v1/messages -H "content-type: application/json"', `${base}/v1/messages`],
  [`curl -H "HTTP-Referer: https://mine.example" ${base}/v1 -d '{"url":"https://x.example/a.png"}'`, `${base}/v1`],
  [`curl -x http://proxy.example:3128 ${base}/v1`, `${base}/v1`],
  [
    `curl ${base}/v1/messages \\\n  -H "x-api-key: $ANTHROPIC_API_KEY" \\\n  -d '{"model": "m"}'`,
    `${base}/v1/messages`,
  ],
  [`curl.exe ^ "${base}/v1/messages" ^ -H "x-api-key: ${key}"`, `${base}/v1/messages`],
  [`Invoke-RestMethod -Uri ${base}/v1/messages -Headers @{ "x-api-key" = "${key}" }`, `${base}/v1/messages`],
  [`https ${base}/v1/models "Authorization: Bearer ${key}"`, `${base}/v1/models`],
];

/** Pasted texts, and the key in each. */
const keys: readonly (readonly [pasted: string, key: string])[] = [
  [`  ${key} `, key],
  [`"${key}"`, key],
  [`'${key}';`, key],
  [`“${key}”`, key],
  [`\\"${key}\\",`, key],
  [`<${key}>`, key],
  [`\u200b${key}\u200b`, key],
  ['ｓｋ－１２３４', 'sk-1234'],
  [`Bearer ${key}`, key],
  [`bearer  ${key}`, key],
  [`"Bearer ${key}"`, key],
  [`Authorization: Bearer ${key}`, key],
  [`"Authorization": "Bearer ${key}",`, key],
  [`authorization: ${key}`, key],
  [`-H 'Authorization: Bearer ${key}'`, key],
  [`-H"x-api-key:${key}"`, key],
  [`x-api-key: ${key}`, key],
  [`X-Api-Key: "${key}"`, key],
  [`api-key: ${key}`, key],
  [`x-goog-api-key: ${key}`, key],
  [`ANTHROPIC_API_KEY=${key}`, key],
  [`export ANTHROPIC_AUTH_TOKEN="${key}"`, key],
  [`export KEY='${key}'`, key],
  [`set OPENAI_API_KEY=${key}`, key],
  [`setx OPENAI_API_KEY "${key}"`, key],
  [`set -x OPENAI_API_KEY ${key}`, key],
  [`$env:ANTHROPIC_API_KEY="${key}"`, key],
  [`$Env:ANTHROPIC_API_KEY = '${key}'`, key],
  [`[System.Environment]::SetEnvironmentVariable('ANTHROPIC_AUTH_TOKEN', '${key}', 'User')`, key],
  [`"ANTHROPIC_AUTH_TOKEN": "${key}"`, key],
  [`{ "env": { "ANTHROPIC_BASE_URL": "${base}", "ANTHROPIC_AUTH_TOKEN": "${key}" } }`, key],
  [`{\\"ANTHROPIC_AUTH_TOKEN\\":\\"${key}\\"}`, key],
  [`apiKey: "${key}",`, key],
  [`client = OpenAI(base_url="${base}/v1", api_key="${key}")`, key],
  [`密钥：${key}`, key],
  [`接口地址：${base}/v1，密钥：${key}。`, key],
  [`curl ${base}/v1/messages -H "x-api-key: ${key}" -H "anthropic-version: 2023-06-01" -d '{"max_tokens": 9}'`, key],
  [`curl ${base} -H 'anthropic-beta: x' --header="Authorization: Bearer ${key}"`, key],
  [`curl.exe "${base}" -H \\"Authorization: Bearer ${key}\\"`, key],
  [`curl ${base}/v1beta/models?key=${key}`, key],
  [`Invoke-RestMethod ${base} -Headers @{ 'x-api-key' = '${key}' }`, key],
  ['env:MY_KEY', 'env:MY_KEY'],
  ['$ANTHROPIC_API_KEY', 'env:ANTHROPIC_API_KEY'],
  [`\${ANTHROPIC_API_KEY}`, 'env:ANTHROPIC_API_KEY'],
  ['"$ANTHROPIC_API_KEY"', 'env:ANTHROPIC_API_KEY'],
  ['%ANTHROPIC_API_KEY%', 'env:ANTHROPIC_API_KEY'],
  ['$env:ANTHROPIC_API_KEY', 'env:ANTHROPIC_API_KEY'],
  ['curl https://a.example -H "x-api-key: $MY_KEY"', 'env:MY_KEY'],
  [`-H "Authorization: Bearer \${MY_KEY}"`, 'env:MY_KEY'],
  ['apiKey: process.env.MY_KEY', 'env:MY_KEY'],
  ['api_key=os.environ["MY_KEY"]', 'env:MY_KEY'],
  ['api_key=os.environ.get("MY_KEY")', 'env:MY_KEY'],
  ["api_key = os.getenv('MY_KEY')", 'env:MY_KEY'],
];

describe('pasted text', () => {
  for (const [pasted, address] of addresses) {
    it(`B5: holds the address in ${JSON.stringify(pasted)}`, () => assert.equal(pastedAddress(pasted), address));
  }

  for (const [pasted, expected] of keys) {
    it(`B5: holds the key in ${JSON.stringify(pasted)}`, () => assert.equal(pastedKey(pasted), expected));
  }

  for (const text of [
    '',
    '   ',
    'relay',
    'not a url',
    key,
    'ftp://api.example.com',
    'https://',
    'env:NAME',
    '/v1',
    'a b.com',
  ]) {
    it(`B5: holds no address in ${JSON.stringify(text)}`, () => assert.equal(pastedAddress(text), undefined));
  }

  for (const text of [
    key,
    base,
    'curl https://a.example -d "{\\"max_tokens\\": 9}"',
    'Authorization: Basic dXNlcjpwYXNz',
  ]) {
    it(`B5: names no key in ${JSON.stringify(text)}`, () => assert.equal(namedKey(text), undefined));
  }

  it('B5: leaves a key alone that looks like a part of a text', () => {
    for (const one of ['monkey=abc', 'AbKEY==', 'user:abc', 'a=b', 'x/key.y', 'sk_token-12'])
      assert.equal(pastedKey(one), one);
  });

  it('B5: frees the value of a variable from what surrounds the key', () => {
    for (const one of [`"${key}"`, `Bearer ${key}`, ` 'Bearer ${key}' `, `${key}\ufeff\n`])
      assert.equal(bareKey(one), key);
    assert.equal(bareKey('$NAME'), '$NAME');
  });

  /** Keys as vendors make them: a prefix and letters, digits and the signs of Base64 and of tokens. */
  const anyKey = fc
    .tuple(
      fc.constantFrom('sk-', 'sk-ant-api03-', 'AIza', 'gsk_', 'eyJ', ''),
      fc.stringMatching(/^[\w.~+/-]{8,60}={0,2}$/),
    )
    .map(([prefix, rest]) => `${prefix}x${rest}`)
    .filter((one) => !/key|token|secret|authorization|bearer/i.test(one));
  const anyAddress = fc
    .tuple(
      fc.constantFrom('https://', 'http://'),
      fc.stringMatching(/^[a-z][a-z\d-]{0,20}[a-z\d](?:\.[a-z]{2,8}){1,3}$/),
      fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
      fc.stringMatching(/^(?:\/[a-z\d_-]{1,10}){0,4}\/?$/),
    )
    .map(([scheme, name, port, path]) => `${scheme}${name}${port === undefined ? '' : `:${port}`}${path}`)
    .filter((one) => !one.includes('xn--'));

  const wraps: readonly ((value: string, variable: string) => string)[] = [
    (value) => value,
    (value) => `  "${value}", `,
    (value, variable) => `export ${variable}=${value}`,
    (value, variable) => `set ${variable}=${value}`,
    (value, variable) => `$env:${variable} = "${value}"`,
    (value, variable) => `setx ${variable} '${value}'`,
    (value, variable) => `"${variable}": "${value}",`,
    (value, variable) => `{"env":{"OTHER":"1","${variable}":"${value}"}}`,
    (value, variable) => `${variable}: ${value}`,
  ];

  it('B5: gives any key back from any form (property)', () => {
    const names = fc.constantFrom('ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'OPENAI_API_KEY', 'RELAY2_KEY', 'TOKEN');
    const headers = [
      (one: string) => `Authorization: Bearer ${one}`,
      (one: string) => `curl https://a.example/v1/messages -H 'x-api-key: ${one}'`,
    ];
    fc.assert(
      fc.property(anyKey, names, fc.constantFrom(...wraps, ...headers), (one, name, wrap) => {
        assert.equal(pastedKey(wrap(one, name)), one);
      }),
    );
  });

  it('B5: gives any address back from any form (property)', () => {
    const names = fc.constantFrom('ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL', 'OPENAI_API_BASE', 'RELAY_URL', 'BASE_URL');
    const others = [
      (one: string) => `${one}?beta=true`,
      (one: string) => `curl -sS ${one} -H "x-api-key: sk-1" -d '{"url":"https://other.example"}'`,
    ];
    fc.assert(
      fc.property(anyAddress, names, fc.constantFrom(...wraps, ...others), (one, name, wrap) => {
        assert.equal(pastedAddress(wrap(one, name)), one);
      }),
    );
  });

  it('B5: makes an address or none of any text, and the same of that address (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const address = pastedAddress(text);
        if (address !== undefined) {
          assert.match(URL.parse(address)?.protocol ?? '', /^https?:$/);
          assert.equal(pastedAddress(address), address);
        }
        assert.equal(typeof pastedKey(text), 'string');
      }),
    );
  });

  it('B5: reads a long text at once', () => {
    for (const one of ['key', 'a.', ' https://', '-', '"', 'x=', 'bearer ', '[']) {
      const text = one.repeat(20_000);
      pastedKey(text);
      pastedAddress(text);
    }
  }).timeout(2000);
});
