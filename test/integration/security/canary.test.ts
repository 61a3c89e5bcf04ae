import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { diagnostics } from '../../../src/ui/diagnostics/diagnostics.ts';
import { StateFiles } from '../../../src/ui/link/stateFiles.ts';
import type { GatewayStatus } from '../../../src/ui/model/gatewayStatus.ts';
import { ApiKeys } from '../../../src/ui/settings/apiKeys.ts';
import { startSocksProxy } from '../../support/endpoints/socksProxy.ts';
import { type GatewayProcess, send, until } from '../../support/processes/startGateway.ts';
import { exitOf, messages, TestBed } from '../../support/processes/testBed.ts';
import { WindowStore } from '../../support/windows/windowStore.ts';

/** Planted where it belongs; must be found nowhere else. With characters that every encoding writes differently. */
const secrets = {
  'the key of the first endpoint': 'sk-ant-canary+first/0123456789==key',
  'the key of the second endpoint': 'sk-proj-canary~second&"quoted"0123456789',
  'a key that is refused': 'sk-ant-canary-refused-0123456789',
  'a key that is only checked': 'sk-ant-canary-checked-0123456789',
  'the client token': 'canary-client-token+/=0123456789',
  'a wrong client token': 'canary-wrong-client-token-0123456789',
  'the prompt': 'canary prompt: "Süße Geheimnisse" of 2026',
  'the system prompt': 'canary system prompt <b>never to be seen</b>',
  'the answer': 'canary answer: forty-two, said the endpoint',
  'the session of the client': 'canary-session-0f8fad5b-d9cb-469f-a165-70867728950e',
  'a cookie': 'canary-cookie=0123456789abcdef',
  'a value of a query': 'canary-query-0123456789abcdef',
  'the password of a proxy': 'canary-proxy-password-0123456789',
  'the value of a header': 'canary-header+/=value-0123456789',
} as const;

/** The only place where a token may lie, and must. */
const homes: Readonly<Record<string, string>> = {
  'the control token': 'file control-token',
  'our own client token': 'file client-token',
};

/** The ways a text may be written. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  // In base64 a text inside a longer one starts at any of three places: what is left without the edges is the same.
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    return whole.slice(shift === 0 ? 0 : shift + 1, -2);
  });
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const uri = encodeURIComponent(text);
  const form = new URLSearchParams({ x: text }).toString().slice(2);
  const base64url = shifted.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = bytes.toString('hex');
  return [...new Set([text, json, ascii, uri, form, hex, hex.toUpperCase(), ...shifted, ...base64url])];
}

describe('the search for planted texts', () => {
  it('finds them however they are written, and wherever in a longer text', () => {
    for (const [what, secret] of Object.entries(secrets)) {
      const forms = formsOf(secret);
      const written = {
        plain: `say ${secret}!`,
        json: JSON.stringify({ said: secret }),
        'json in json': JSON.stringify({ body: Buffer.from(secret).toString('base64') }),
        url: `https://x.invalid/?q=${encodeURIComponent(secret)}`,
        form: new URLSearchParams({ secret }).toString(),
        hex: Buffer.from(`x${secret}`).toString('hex'),
        ...Object.fromEntries(
          ['', 'a', 'ab', 'abc', 'me:'].flatMap((before) => [
            [`base64 after "${before}"`, Buffer.from(`${before}${secret}:and more`).toString('base64')],
            [`base64url after "${before}"`, Buffer.from(`${before}${secret}`).toString('base64url')],
          ]),
        ),
      };
      for (const [how, text] of Object.entries(written)) {
        assert.ok(
          forms.some((form) => text.includes(form)),
          `${what}, ${how}: ${text}`,
        );
      }
    }
  });
});

describe('secrets and prompts', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: GatewayProcess;
  /** The gateway's outputs, by place. */
  let given: Map<string, string>;

  beforeEach(async () => {
    given = new Map();
    first = await bed.endpoint('first', { apiKey: secrets['the key of the first endpoint'] });
    second = await bed.endpoint('second', { apiKey: secrets['the key of the second endpoint'] });
  });
  afterEach(() => bed.close());

  const body = (stream: boolean, turn = 0) => ({
    ...messages(secrets['the prompt'], stream),
    system: secrets['the system prompt'],
    metadata: { user_id: JSON.stringify({ session_id: `${secrets['the session of the client']}-${turn}` }) },
  });

  async function ask(path: string, headers: Record<string, string>, json: object): Promise<void> {
    const reply = await send(`${gateway.url}${path}?q=${secrets['a value of a query']}`, { json, headers });
    if (reply.status !== 200) given.set(`error body of ${path} (${reply.status})`, reply.text);
    given.set(`response headers ${given.size}`, JSON.stringify(reply.headers));
  }

  async function control(method: string, path: string, json?: unknown): Promise<void> {
    const reply = await gateway.control(method, path, json);
    given.set(`${method} ${path} (${reply.status})`, reply.text);
  }

  /** All kinds of trouble, so that all kinds of messages are written. */
  async function makeTrouble(): Promise<void> {
    const login = { 'x-api-key': secrets['the client token'], cookie: secrets['a cookie'] };
    const answer = { text: secrets['the answer'] };
    const sawBefore = first.seen.length;
    const echo = (status: number) => ({
      kind: 'status' as const,
      status,
      body: { type: 'error', error: { type: 'api_error', message: `You said ${secrets['the prompt']}` } },
    });
    first.behaveNext(
      { kind: 'healthy', ...answer },
      { kind: 'healthy', ...answer },
      { kind: 'streamError', at: { afterEvents: 1 }, errorType: 'overloaded_error', answer },
      { kind: 'cut', at: 'beforeHeaders', how: 'rst' },
      echo(500),
      echo(529),
      { kind: 'rawResponse', bytes: `HTTP/1.1 2000 ${secrets['the prompt']}\r\n\r\n` },
      { kind: 'redirect', location: `http://x.invalid/?echo=${secrets['the key of the first endpoint']}` },
    );
    for (const [turn, stream] of [true, false, true, true, false, true, true, false].entries()) {
      // A stream that is cut after content breaks the connection for this client; that is how it should be.
      await ask('/v1/messages', login, body(stream, turn)).catch(() => undefined);
      await gateway.control('POST', '/signalbox/reset');
    }
    assert.ok(first.seen.length >= sawBefore + 8, 'all of it was tried on the first');
    await ask('/v1/messages', { 'x-api-key': secrets['a wrong client token'] }, body(false));
    await ask('/v1/nowhere/../x', login, body(false));
    await ask('/v1/chat/completions', login, body(false));
    await ask('/v1/messages', { ...login, 'content-encoding': 'gzip' }, body(false));
    await ask('/v1/messages', { ...login, origin: `https://${secrets['a value of a query']}.example` }, body(false));
    await ask('/v1/messages', { ...login, 'x-session-id': secrets['the session of the client'] }, body(false));
  }

  async function askEverything(): Promise<void> {
    await control('PUT', '/signalbox/keys', { keys: { third: secrets['a key that is refused'] } });
    const endpoint = { id: 'x', baseUrl: first.url };
    await control('POST', '/signalbox/check', { endpoint, key: secrets['a key that is only checked'] });
    const proxied = { ...endpoint, httpProxy: `http://me:${secrets['the password of a proxy']}@127.0.0.1:1` };
    await control('POST', '/signalbox/check', { endpoint: proxied, key: secrets['a key that is only checked'] });
    const misplaced = { endpoints: [{ ...endpoint, apiKey: secrets['a key that is refused'] }] };
    await control('PUT', '/signalbox/config', misplaced);
    await control('PUT', '/signalbox/config', {
      clientToken: 42,
      endpoints: [{ ...endpoint, key: secrets['a key that is refused'] }],
    });
    await control('PUT', '/signalbox/keys', { keys: { first: [secrets['a key that is refused']] } });
    await control('POST', '/signalbox/warmup');
    await control('GET', '/signalbox/status');
    const wrong = await send(`${gateway.url}/signalbox/status`, {
      method: 'GET',
      headers: { authorization: `Bearer ${secrets['the client token']}` },
    });
    given.set('a refused status', wrong.text);
  }

  /** *Export Diagnostics* of a window with these settings, with the running gateway and without it. */
  async function exportDiagnostics(document: object, env: Record<string, string> = {}): Promise<void> {
    const store = new WindowStore(document);
    const keys = new ApiKeys(store, env);
    for (const [id, key] of Object.entries(windowKeys)) await keys.store(id, key);
    const running: GatewayStatus = { kind: 'running', snapshot: await gateway.status() };
    // Lines are written to the file in batches.
    await until(
      'the log to be written',
      () => readFileSync(join(gateway.stateDir, 'gateway.log'), 'utf8'),
      (log) => log.includes('"msg":"request"'),
    );
    for (const status of [running, { kind: 'stopped' } as const]) {
      const { settings } = store;
      const problems = [{ path: 'endpoints[0]', message: `what is ${secrets['a key that is refused']}` }];
      const surroundings = { windowSettings: {}, host: {}, env, state: new StateFiles(gateway.stateDir) };
      const text = await diagnostics({ status, settings, keys, problems, ...surroundings });
      assert.match(text, /"msg":"request"/, 'the log is in it');
      assert.match(text, /control-token/, 'the state folder is in it');
      given.set(`diagnostics of a ${status.kind} gateway`, text);
    }
  }

  const windowKeys = {
    first: secrets['the key of the first endpoint'],
    second: secrets['the key of the second endpoint'],
    third: secrets['a key that is refused'],
    removed: secrets['a key that is only checked'],
  };

  function assertClean(): void {
    given.set('stderr', gateway.stderr());
    for (const name of readdirSync(gateway.stateDir, { recursive: true, encoding: 'utf8' })) {
      given.set(`file ${name}`, readFileSync(join(gateway.stateDir, name), 'latin1'));
    }
    const all: Record<string, string> = { ...secrets, 'the control token': gateway.controlToken };
    const ownToken = readdirSync(gateway.stateDir).includes('client-token');
    if (ownToken) all['our own client token'] = readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim();
    for (const [where, text] of given) {
      for (const [what, secret] of Object.entries(all)) {
        // An endpoint's own words go to the client as they are (behaviour.md §1.5); the log and the status do not have them.
        if (what === 'the prompt' && where.startsWith('error body of /v1/messages (5')) continue;
        if (homes[what] === where) {
          assert.ok(text.includes(secret), `${what} is not in ${where}`);
          continue;
        }
        for (const form of formsOf(secret)) {
          const at = Math.max(text.indexOf(form), text.indexOf(Buffer.from(form).toString('latin1')));
          assert.equal(at, -1, `${what} in ${where}: ...${text.slice(Math.max(0, at - 80), at + 80)}`);
        }
      }
    }
  }

  /** The saved state was written and searched; it contains keyed hashes and sessions. */
  function assertStateWasKept(): void {
    const { endpoints, sessions } = JSON.parse(given.get('file state.json') ?? '');
    assert.equal(typeof endpoints[0].keyMark, 'string');
    assert.ok(sessions.length > 0);
  }

  it('of a headless gateway are in no file, log, status, event, answer or error', async () => {
    const env = {
      KEY_FIRST: secrets['the key of the first endpoint'],
      KEY_SECOND: secrets['the key of the second endpoint'],
      CLIENT_TOKEN: secrets['the client token'],
      PROXY_KEY: secrets['a key that is refused'],
    };
    const proxy = `http://me:${secrets['the password of a proxy']}@127.0.0.1:1`;
    const socks = await startSocksProxy();
    bed.onClose(() => socks.close());
    socks.behave({ login: { username: 'me', password: 'another' } });
    const throughSocks = socks.url.replace('//', `//me:${secrets['the password of a proxy']}@`);
    const endpoints = [
      { id: 'first', baseUrl: first.url, apiKey: 'env:KEY_FIRST', priority: 1 },
      {
        ...{ id: 'second', baseUrl: second.url, apiKey: 'env:KEY_SECOND', priority: 2 },
        headers: { 'x-tenant-token': secrets['the value of a header'] },
      },
      { id: 'third', baseUrl: first.url, apiKey: 'env:PROXY_KEY', priority: 3, httpProxy: proxy },
      { id: 'fourth', baseUrl: second.url, apiKey: 'env:PROXY_KEY', priority: 4 },
      { id: 'fifth', baseUrl: first.url, apiKey: 'env:PROXY_KEY', priority: 5, httpProxy: throughSocks },
    ];
    gateway = await bed.process({ config: { clientToken: 'env:CLIENT_TOKEN', endpoints }, env });
    const window = await bed.window(gateway);
    await makeTrouble();
    await askEverything();
    assert.ok(socks.logins.length > 0, 'the password was sent, and refused');
    await exportDiagnostics(
      { endpoints, httpProxy: proxy, clientToken: secrets['the client token'] },
      { ...env, ALL_PROXY: proxy },
    );
    await gateway.control('POST', '/signalbox/shutdown');
    await window.ended;
    given.set('events', window.text());
    assert.equal(await exitOf(gateway), 0);
    assertClean();
    assert.match(given.get('file gateway.log') ?? '', /first/, 'the log was written and read');
    assertStateWasKept();
  });

  it('of a gateway with a window are in no file, log, status, event, answer or error', async () => {
    gateway = await bed.process();
    const window = await bed.window(gateway);
    const keys = { first: secrets['the key of the first endpoint'], second: secrets['the key of the second endpoint'] };
    await control('PUT', '/signalbox/keys', { keys });
    const endpoints = [first, second].map(({ name, url }, index) => ({ id: name, baseUrl: url, priority: index + 1 }));
    await control('PUT', '/signalbox/config', { endpoints, clientToken: secrets['the client token'] });
    await makeTrouble();
    await askEverything();
    const misplaced = { id: 'third', baseUrl: first.url, apikey: secrets['a key that is refused'] };
    await exportDiagnostics({ endpoints: [...endpoints, misplaced], clientToken: secrets['the client token'] });
    await gateway.control('POST', '/signalbox/shutdown');
    await window.ended;
    given.set('events', window.text());
    assert.equal(await exitOf(gateway), 0);
    assertClean();
    assertStateWasKept();
  });

  it('are not in the arguments of a process; what a window gives it is not in its environment, nor in that of children', async () => {
    if (process.platform !== 'linux') return;
    gateway = await bed.process();
    const keys = { first: secrets['the key of the first endpoint'], second: secrets['the key of the second endpoint'] };
    assert.equal((await gateway.control('PUT', '/signalbox/keys', { keys })).status, 200);
    const httpProxy = `http://me:${secrets['the password of a proxy']}@127.0.0.1:1`;
    const endpoints = [first, second].map(({ name, url }) => ({ id: name, baseUrl: url }));
    const proxied = { id: 'proxied', baseUrl: first.url, httpProxy };
    const config = { endpoints: [...endpoints, proxied], clientToken: secrets['the client token'] };
    assert.equal((await gateway.control('PUT', '/signalbox/config', config)).status, 200);
    await ask('/v1/messages', { 'x-api-key': secrets['the client token'] }, body(true));
    await control('POST', '/signalbox/warmup');
    const family = familyOf(gateway.pid);
    assert.equal(family[0], gateway.pid);
    for (const pid of family) {
      for (const file of ['cmdline', 'environ']) {
        given.set(`${file} of ${pid}`, readFileSync(`/proc/${pid}/${file}`, 'latin1'));
      }
    }
    await control('GET', '/signalbox/status');
    await gateway.control('POST', '/signalbox/shutdown');
    assert.equal(await exitOf(gateway), 0);
    assertClean();
  });

  it('that come by the environment are not in the arguments, and a child that it has does not get them', async () => {
    if (process.platform !== 'linux') return;
    gateway = await bed.gatewayProcess([first], {}, { env: { KEY_FIRST: secrets['the key of the first endpoint'] } });
    const [own = 0, ...children] = familyOf(gateway.pid);
    given.set('cmdline', readFileSync(`/proc/${own}/cmdline`, 'latin1'));
    for (const pid of children) given.set(`environ of ${pid}`, readFileSync(`/proc/${pid}/environ`, 'latin1'));
    assert.equal(await gateway.stop(), 0);
    assertClean();
  });
});

/** A process and all below it. */
function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(familyOf)];
}
