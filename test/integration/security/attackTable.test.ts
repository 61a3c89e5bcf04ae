// Forged requests, each of which one control of the listener stops. Everything in them is right but the one thing that
// their row names, the token included; and where a row does not say otherwise a body is promised that never comes: an
// answer shows that nobody waited for it.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type Case, itConcurrently } from '../../support/itConcurrently.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { type RawReply, rawExchange } from '../../support/scenes/rawHttp.ts';

const limitBytes = 256 * 1024;
const json = JSON.stringify(messages());
/** Immediate refusals have arrived by then. */
const promptMs = 8000;
/** Of the gateway that waits for slow clients, in place of the program's minute. */
const times = { headMs: 300, bodySilenceMs: 300, checkMs: 50 };

/** The facts that an attacker may know or guess about the gateway. */
interface Target {
  readonly port: number;
  readonly client: string;
  readonly control: string;
}

/** The parts of a request that an attack replaces; an empty line is left out. */
interface Parts {
  readonly line?: string;
  readonly host?: string;
  readonly token?: string;
  readonly type?: string;
  readonly length?: string;
  readonly more?: readonly string[];
  readonly body?: string;
}

/** The bytes sent, and the acceptable statuses; 0 = the connection ends without an answer. */
interface Attack {
  readonly bytes: (target: Target) => string | Buffer;
  readonly statuses: readonly number[];
  /** Bytes sent after the first ones until there is an answer. */
  readonly rest?: () => Iterable<Buffer>;
}

function request(target: Target, parts: Parts = {}): string {
  const lines = [
    `${parts.line ?? 'POST /v1/messages'} HTTP/1.1`,
    parts.host ?? `host: 127.0.0.1:${target.port}`,
    parts.token ?? `x-api-key: ${target.client}`,
    'anthropic-version: 2023-06-01',
    parts.type ?? 'content-type: application/json',
    parts.length ?? 'content-length: 1000',
    ...(parts.more ?? []),
  ];
  return `${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n${parts.body ?? ''}`;
}

/** One attack by the parts it replaces; PORT, CLIENT and CONTROL stand for those of the target. */
function by(parts: Parts, ...statuses: number[]): Attack {
  const fill = (text: string, { port, client, control }: Target) =>
    text.replaceAll('PORT', String(port)).replaceAll('CLIENT', client).replaceAll('CONTROL', control);
  return { bytes: (target) => fill(request(target, parts), target), statuses };
}

function rows<T extends string>(values: readonly T[], attackOf: (value: T) => Attack): Record<string, Attack> {
  return Object.fromEntries(values.map((value) => [JSON.stringify(value), attackOf(value)]));
}

const hosts = [
  ...['evil.example', 'evil.example:PORT', '127.0.0.1', 'localhost', '127.0.0.1:1', '127.0.0.1:0PORT', ''],
  ...['127.0.0.1.:PORT', 'localhost.:PORT', 'me@127.0.0.1:PORT', '127.0.0.1:PORT@evil.example'],
  ...['[::1]:PORT', '[::ffff:127.0.0.1]:PORT', '0.0.0.0:PORT', '127.1:PORT', '127.0.0.2:PORT', '2130706433:PORT'],
  ...['127.0.0.1.nip.io:PORT', 'localtest.me:PORT', 'evil.localhost:PORT', '127.0.0.1.evil.example:PORT'],
  ...['127.0.0.1:PORT, evil.example', '127.0.0.1:PORT/evil.example', 'forwarded.example', 'forwarded.example:PORT'],
] as const;

const origins = [
  ...['https://evil.example', 'null', 'http://127.0.0.1:3000', 'http://127.0.0.1:PORT', 'http://localhost:PORT'],
  ...['vscode-webview://0123', 'chrome-extension://abcdef', 'file://', ''],
] as const;

const simpleTypes = [
  ...['text/plain', 'text/plain; charset=application/json', 'text/json', 'application/x-www-form-urlencoded'],
  ...['multipart/form-data; boundary=x', 'application/octet-stream', 'application/jsonp', 'application/json-seq'],
  ...['text/plain, application/json', ''],
] as const;

const otherAuthorities = [
  ...['http://evil.example', 'http://127.0.0.1', 'http://127.0.0.1:1', 'https://127.0.0.1:PORT'],
  ...['http://me@127.0.0.1:PORT', 'http://127.0.0.1:PORT@evil.example', 'http://evil.example#127.0.0.1:PORT'],
  ...['http://[::1]:PORT', 'http://127.0.0.1:PORT//evil.example', 'ftp://127.0.0.1:PORT', 'file://'],
] as const;

const paths = [
  ...['/v1/../v1/messages', '/v1/messages/../../signalbox/status', '/v1/messages/..', '/v1/files/../../admin'],
  ...['/v1/./messages', '/v1/%2e%2e/admin', '/v1/%2E%2E%2Fadmin', '/v1/files/%2e%2e/%2e%2e/admin', '/v1/..;/admin'],
  ...['/v1/files%2f..%2f..%2fadmin', '/v1/..%5cadmin', '/v1/..\\admin', '/v1\\..\\admin', '/v1/..%c0%af..%c0%afadmin'],
  ...[
    '/v1//evil.example/messages',
    '/v1/messages//evil.example',
    '//evil.example/v1/messages',
    '///evil.example/v1/messages',
  ],
  ...['/\\evil.example/v1/messages', '/v1/@evil.example/messages', '/v1/http://evil.example/messages', '/v1/'],
  ...['/v1/messages%00', '/v1/messages%0d%0ax-injected:1', '/v1/v1/../admin', '/V1/messages', '/v2/messages', '/v1'],
  ...['/', '/admin', '/v1/messages#fragment', 'v1/messages', '*', '/signalbox', '/signalboxes/status'],
] as const;

const tokens: Readonly<Record<string, Attack>> = {
  none: by({ token: '' }, 401),
  ...rows(
    [
      ...['x-api-key: ', 'x-api-key: x', 'authorization: Bearer ', 'authorization: Bearer x', 'cookie: token=CLIENT'],
      ...['authorization: CLIENT', 'authorization: Token CLIENT', 'x-api-key: CLIENTx', 'x-api-key: xCLIENT'],
      ...['x-api-key: CONTROL', 'authorization: Bearer CONTROL', 'proxy-authorization: Bearer CLIENT'],
      ...['x-api-key: CLIENT, CLIENT', 'x-api-key: "CLIENT"', 'x-goog-api-key: CLIENT', 'api-key: CLIENT'],
    ],
    (token) => by({ token }, 401),
  ),
  'a prefix': { bytes: (to) => request(to, { token: `x-api-key: ${to.client.slice(0, -1)}` }), statuses: [401] },
  'other case': { bytes: (to) => request(to, { token: `x-api-key: ${swapCase(to.client)}` }), statuses: [401] },
  'basic authentication': {
    bytes: (to) => request(to, { token: `authorization: Basic ${Buffer.from(`me:${to.client}`).toString('base64')}` }),
    statuses: [401],
  },
  ...rows(['GET /v1/models', 'POST /v1/chat/completions', 'POST /v1/messages/count_tokens', 'GET /v1/files'], (line) =>
    by({ line, token: '' }, 401),
  ),
  'in the query': by({ token: '', line: 'POST /v1/messages?api_key=CLIENT&x-api-key=CLIENT&token=CLIENT' }, 401),
  ...rows(
    [
      ...[
        'GET /signalbox/status',
        'GET /signalbox/events',
        'PUT /signalbox/config',
        'PUT /signalbox/keys',
        'PUT /signalbox/settings',
      ],
      ...['POST /signalbox/check', 'POST /signalbox/shutdown', 'POST /signalbox/reset', 'PUT /signalbox/override'],
      ...['GET /metrics', 'GET /metrics?token=CONTROL', 'HEAD /metrics', 'POST /metrics'],
      ...['GET /signalbox/status?token=CONTROL', 'POST /signalbox/hello/../shutdown', 'DELETE /signalbox/hello'],
    ],
    (line) => by({ line, token: 'authorization: Bearer CLIENT' }, 401),
  ),
  ...Object.fromEntries(
    [
      ...['', 'authorization: Bearer CONTROLx', 'authorization: Basic CONTROL', 'x-api-key: CONTROL'],
      ...['authorization: CONTROL', 'cookie: authorization=CONTROL', 'authorization: Bearer '],
    ].map((token) => [
      `a scrape with ${JSON.stringify(token)}`,
      by({ line: 'GET /metrics', length: '', type: '', token }, 401),
    ]),
  ),
};

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

const chunked = 'transfer-encoding: chunked';
const ownLength = `content-length: ${json.length}`;
const inChunks = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
const web = ['upgrade: websocket', 'connection: Upgrade', 'sec-websocket-version: 13', 'sec-websocket-key: eA=='];

/** The request with one piece of its text replaced. */
function garbled(search: string | RegExp, replacement: string, parts: Parts = {}): Attack {
  const whole = { length: ownLength, body: json, ...parts };
  return { bytes: (to) => request(to, whole).replace(search, replacement), statuses: [400] };
}

const smuggling: Readonly<Record<string, Attack>> = {
  'Content-Length and Transfer-Encoding': by({ length: ownLength, more: [chunked], body: inChunks }, 400),
  'Transfer-Encoding and Content-Length': by({ length: chunked, more: ['content-length: 4'], body: inChunks }, 400),
  'two different lengths': by({ length: ownLength, more: ['content-length: 4'], body: json }, 400),
  'two equal lengths': by({ length: ownLength, more: [ownLength], body: json }, 400),
  ...rows(
    [`${json.length}, ${json.length}`, `+${json.length}`, '-1', '0x10', '1e3', '5 5', '', '99999999999999999999999'],
    (length) => by({ length: `content-length: ${length}`, body: json }, 400),
  ),
  ...rows(['xchunked', 'chunked, identity', 'chunked;q=1', 'cow', '"chunked"', '\u000bchunked'], (coding) =>
    by({ length: `transfer-encoding: ${coding}`, body: inChunks }, 400),
  ),
  'chunked twice': by({ length: chunked, more: [chunked], body: inChunks }, 400),
  'a space before a colon': by({ length: 'transfer-encoding : chunked', body: inChunks }, 400),
  'a tab before a colon': by({ length: 'transfer-encoding\t: chunked', body: inChunks }, 400),
  'bare line feeds': garbled(/\r\n/g, '\n'),
  'one bare line feed': garbled('application/json\r\n', 'application/json\n'),
  'a bare carriage return': by({ length: ownLength, more: [`x-odd: a\r${chunked}`], body: json }, 400),
  'a folded header': by({ length: ownLength, more: ['x-folded: one', ' two'], body: json }, 400),
  'a folded length': by({ length: 'content-length:\r\n 4', body: json }, 400),
  'a NUL in a value': by({ length: ownLength, more: ['x-odd: a\0b'], body: json }, 400),
  'a NUL in a name': by({ length: ownLength, more: ['x-o\0dd: ab'], body: json }, 400),
  'a control character': by({ length: ownLength, more: ['x-odd: a\x01b'], body: json }, 400),
  'a header without a name': by({ length: ownLength, more: [': nothing'], body: json }, 400),
  'a name with a space': by({ length: ownLength, more: ['x odd: 1'], body: json }, 400),
  'a header before its line': garbled('POST', 'x-early: 1\r\nPOST'),
  'a signed chunk size': by({ length: chunked, body: '+5\r\nabcde\r\n0\r\n\r\n' }, 400),
  'a chunk longer than its size': by({ length: chunked, body: '2\r\n{}{}\r\n0\r\n\r\n' }, 400),
  'a chunk ended by a line feed': by({ length: chunked, body: '2\r\n{}\n0\r\n\r\n' }, 400),
  'a chunk size that overflows': by({ length: chunked, body: '10000000000000002\r\n{}\r\n0\r\n\r\n' }, 400),
  'another version': garbled('HTTP/1.1', 'HTTP/9.9'),
  'no HTTP at all': { bytes: () => 'SSH-2.0-OpenSSH_9.6\r\n\r\n', statuses: [400] },
  'a TLS hello': { bytes: () => '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03', statuses: [400] },
  'HTTP/2 with prior knowledge': { bytes: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', statuses: [400] },
};

const oversize: Readonly<Record<string, Attack>> = {
  'a head of 64 KB': by({ more: [`x-huge: ${'h'.repeat(64 * 1024)}`] }, 431),
  'a target of 64 KB': by({ line: `POST /v1/messages?${'q'.repeat(64 * 1024)}` }, 431, 414),
  '101 header fields': by({ more: Array.from({ length: 96 }, (_, n) => `x-many-${n}: 1`) }, 431),
  'a body over the limit, by its length': by({ length: `content-length: ${limitBytes + 1}` }, 413),
  'a body over the limit, by a length of 16 digits': by({ length: 'content-length: 1000000000000000' }, 413),
  'a body over the limit, in chunks without an end': {
    ...by({ length: chunked }, 413),
    rest: () => repeated(Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`), 256),
  },
  'a small body that unpacks to a large one': {
    bytes: (to) => {
      const packed = gzipSync(Buffer.alloc(limitBytes * 16, 0x20));
      const head = request(to, { length: `content-length: ${packed.length}`, more: ['content-encoding: gzip'] });
      return Buffer.concat([Buffer.from(head), packed]);
    },
    statuses: [413],
  },
  'a body in a coding that nobody knows': by({ more: ['content-encoding: x-evil'] }, 415),
  'a large length that a page sends': by({ length: 'content-length: 99999999', more: ['origin: null'] }, 403),
};

/** Requests that take their time, until the gateway's patience ends. */
const slow: Readonly<Record<string, Attack>> = {
  'a head in single bytes': {
    bytes: () => 'P',
    rest: () => singles('OST /v1/messages HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 1000\r\n\r\n'),
    statuses: [403],
  },
  'a head that stops': { bytes: (to) => request(to).slice(0, -2), statuses: [408] },
  'a body that stops': { bytes: (to) => `${request(to)}{"model":`, statuses: [408] },
  'a body that never begins': by({ length: chunked }, 408),
};

function* repeated(piece: Buffer, times: number): Generator<Buffer> {
  for (let time = 0; time < times; time += 1) yield piece;
}

function* singles(text: string): Generator<Buffer> {
  for (const char of text) yield Buffer.from(char);
}

const attacks: Readonly<Record<string, Readonly<Record<string, Attack>>>> = {
  'a Host that is not ours, so that a name rebound to 127.0.0.1 reaches nothing': {
    ...rows(hosts, (value) => by({ host: `host: ${value}` }, 403)),
    missing: by({ host: '' }, 400, 403),
    'missing in HTTP/1.0': {
      bytes: (to) => request(to, { host: '' }).replace('HTTP/1.1', 'HTTP/1.0'),
      statuses: [403],
    },
    'twice, the foreign one last': by({ more: ['host: evil.example'] }, 400, 403),
    'twice, the foreign one first': by({ host: 'host: evil.example', more: ['host: 127.0.0.1:PORT'] }, 400, 403),
    'twice the same': by({ more: ['host: 127.0.0.1:PORT'] }, 400, 403),
  },
  'an Origin, whoever it names, so that no page gets in': {
    ...rows(origins, (origin) => by({ more: [`origin: ${origin}`] }, 403)),
    ...rows(['GET /healthz', 'GET /v1/models', 'GET /signalbox/status', 'POST /signalbox/hello'], (line) =>
      by({ line, more: ['origin: https://evil.example'] }, 403),
    ),
    'a scrape that has even the token': by(
      { line: 'GET /metrics', length: '', token: 'authorization: Bearer CONTROL', more: ['origin: null'] },
      403,
    ),
  },
  'a Sec-Fetch-Site of a page, so that what carries no Origin does not get in either': {
    ...rows(['cross-site', 'same-site', 'same-origin', 'None', 'none, none', 'x', ''], (site) =>
      by({ more: [`sec-fetch-site: ${site}`] }, 403),
    ),
    'a scrape by an image': by(
      {
        line: 'GET /metrics',
        length: '',
        token: 'authorization: Bearer CONTROL',
        more: ['sec-fetch-site: cross-site'],
      },
      403,
    ),
    'an image': by({ line: 'GET /v1/models', length: '', more: ['sec-fetch-site: same-site'] }, 403),
  },
  'OPTIONS, so that no preflight succeeds': {
    ...rows(['/v1/messages', '/v1/models', '/signalbox/status', '/signalbox/shutdown', '/healthz', '/', '*'], (path) =>
      by({ line: `OPTIONS ${path}`, more: ['access-control-request-method: POST'] }, 403),
    ),
    'for a private network': by(
      { line: 'OPTIONS /v1/messages', more: ['access-control-request-private-network: true'] },
      403,
    ),
  },
  'a body of a type that a page may send unasked': {
    ...rows(simpleTypes, (type) => by({ type: type === '' ? '' : `content-type: ${type}` }, 415)),
    'in chunks': by({ type: 'content-type: text/plain', length: chunked }, 415),
    'to hello': by({ line: 'POST /signalbox/hello', type: 'content-type: text/plain' }, 415),
    'to shutdown': by({ line: 'POST /signalbox/shutdown', type: '' }, 415),
  },
  'an absolute target of another authority': {
    ...rows(otherAuthorities, (authority) => by({ line: `POST ${authority}/v1/messages` }, 400)),
    'ours, under a foreign Host': by(
      { line: 'POST http://127.0.0.1:PORT/v1/messages', host: 'host: evil.example' },
      403,
    ),
  },
  'a method that opens a tunnel or echoes': {
    ...rows(['evil.example:443', '127.0.0.1:PORT', '127.0.0.1:1'], (authority) =>
      by({ line: `CONNECT ${authority}`, length: '' }, 0),
    ),
    ...rows(['TRACE', 'TRACK', 'PROPFIND', 'PURGE'], (method) => by({ line: `${method} /v1/files` }, 400, 404, 405)),
  },
  'a WebSocket, which no page may open': {
    ...rows(['/v1/messages', '/v1/responses', '/signalbox/events', '/'], (path) =>
      by({ line: `GET ${path}`, length: '', type: '', more: web }, 426),
    ),
    'of a page': by({ line: 'GET /v1/responses', length: '', more: [...web, 'origin: https://evil.example'] }, 403),
  },
  'a request that two parsers may read differently': smuggling,
  'a path that leads elsewhere': {
    ...rows(paths, (path) => by({ line: `POST ${path}` }, 400, 404)),
    ...Object.fromEntries(paths.map((path) => [`GET ${path}`, by({ line: `GET ${path}`, length: '' }, 400, 404)])),
  },
  'a token that is missing, wrong, or for something else': tokens,
  'a size that nobody needs': oversize,
  'a pace that nobody needs': slow,
};

describe('forged requests', () => {
  const bed = new TestBed();
  const config = {
    clientToken: 'Client-Token-of-the-Attack-Table',
    allowedHosts: ['forwarded.example:9000'],
    limits: { bodyBytes: limitBytes },
    recovery: { enabled: false },
  };
  let endpoints: readonly SimulatedEndpoint[];
  let gateway: TestGateway;
  let target: Target;
  let honest: Waiting;

  before(async () => {
    endpoints = [await bed.endpoint('first'), await bed.endpoint('second')];
    gateway = await bed.gateway(endpoints, config);
    target = targetOf(gateway);
    honest = await beginRequest(target);
    bed.onClose(() => honest.end());
  });
  after(() => bed.close());

  function targetOf({ port, controlToken }: TestGateway): Target {
    return { port, client: config.clientToken, control: controlToken };
  }

  function assertRefused({ statuses }: Attack, reply: RawReply): void {
    assert.ok(statuses.includes(reply.status), `${reply.status} is none of ${statuses}: ${reply.text}`);
    assert.doesNotMatch(reply.text, /^(?:access-control-|location:)|^HTTP\/1\.1 101 /im);
    for (const secret of [target.client, target.control]) assert.ok(!reply.text.includes(secret), reply.text);
    if (reply.body.trim() !== '') assertExplains(reply.body);
    for (const { name, connections } of endpoints) assert.equal(connections.accepted, 0, `${name} must not hear of it`);
    assert.equal(honest.received(), '', 'who is honest and not done yet has got no answer either');
  }

  it('are at least 60', () => {
    const all = Object.values(attacks).flatMap((group) => Object.keys(group));
    assert.ok(all.length >= 60, `${all.length} rows`);
  });

  for (const [control, group] of Object.entries(attacks)) {
    describe(`with ${control},`, () => {
      let attacked: Target;

      before(async () => {
        attacked = group === slow ? targetOf(await bed.gateway(endpoints, config, { times })) : target;
      });

      const cases = Object.entries(group).map(([what, attack]): [string, Case] => [
        `${what}: ${attack.statuses.map((status) => status || 'the end').join(' or ')}`,
        async () => {
          const more = attack.rest?.() ?? [];
          assertRefused(
            attack,
            await rawExchange(attacked.port, attack.bytes(attacked), { deadlineMs: promptMs, more }),
          );
        },
      ]);
      itConcurrently(Object.fromEntries(cases), 4);
    });
  }

  // In a suite of its own: mocha runs the tests of a suite before those of the suites in it.
  describe('leave nothing behind:', () => {
    it('a request begun before all of them is answered, and nothing was recorded or lost', async () => {
      const text = await honest.finish();
      assert.match(text, /^HTTP\/1\.1 200 /);
      assert.match(text, /Hello from first/);
      assert.deepEqual(
        endpoints.map(({ seen, connections }) => [seen.length, connections.accepted]),
        [
          [1, 1],
          [0, 0],
        ],
      );
      const { gateway: self, totals } = await gateway.until('it is calm', (now) => now.totals.inFlight === 0);
      assert.equal(totals.requests, 1);
      assert.deepEqual([self.pid, self.isDraining], [gateway.pid, false]);
      assert.doesNotMatch(gateway.log(), /"level":50/);
    });
  });
});

/** A refusal in HTTP carries the reason in its body, and nothing else. */
function assertExplains(body: string): void {
  const { error, problems } = JSON.parse(body);
  assert.equal(typeof (error?.message ?? problems?.[0]?.message), 'string', body);
  assert.ok(!body.includes('claude-simulated'), body);
}

/** A request whose body is still to come. */
interface Waiting {
  received(): string;
  /** Sends the body; resolves with the whole answer when the connection has ended. */
  finish(): Promise<string>;
  end(): void;
}

/** Begins a request as it should be, whose body comes slowly; resolves when its head is on its way. */
function beginRequest(target: Target): Promise<Waiting> {
  const socket = connect({ host: '127.0.0.1', port: target.port });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  let unsent = `${' '.repeat(200)}${json}`;
  const pace = setInterval(() => {
    socket.write(unsent.slice(0, 1));
    unsent = unsent.slice(1);
  }, 2000);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  const end = (): void => {
    clearInterval(pace);
    socket.destroy();
  };
  const finish = (): Promise<string> => {
    clearInterval(pace);
    socket.write(unsent);
    return closed;
  };
  const length = `content-length: ${unsent.length}`;
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.write(request(target, { length, more: ['connection: close'] }), () => {
      resolve({ received: () => text, finish, end });
    });
  });
}
