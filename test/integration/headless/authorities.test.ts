import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { startConnectProxy } from '../../support/endpoints/connectProxy.ts';
import { startSocksProxy } from '../../support/endpoints/socksProxy.ts';
import { authorityFile, startTlsFront, type TlsFront } from '../../support/endpoints/tlsFront.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import {
  configOf,
  endpointConfig,
  keyEnvironment,
  messages,
  pushedConfig,
  TestBed,
} from '../../support/processes/testBed.ts';

const unknownAuthority = 'TLS: certificate is of an unknown authority';

describe('an endpoint whose certificate is of a private authority', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let front: TlsFront;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    front = await frontTo(first.port);
  });
  afterEach(() => bed.close());

  async function frontTo(port: number): Promise<TlsFront> {
    const fresh = await startTlsFront('good');
    fresh.leadTo(port);
    bed.onClose(() => fresh.close());
    return fresh;
  }

  const ask = ({ url }: TestGateway) => send(`${url}/v1/messages`, { json: messages('hi', true) });

  function secured(config: object = {}, endpoint: object = {}): Promise<TestGateway> {
    return bed.gateway([first], securedBy(config, endpoint));
  }

  /** In a process of its own, for what Node itself takes from the environment. */
  function securedProcess(config: object, env: Record<string, string>): Promise<TestGateway> {
    return bed.gatewayProcess([first], securedBy(config), { env });
  }

  function securedBy(config: object, endpoint: object = {}): object {
    const endpoints = [endpointConfig(first, { baseUrl: front.url, ...endpoint })];
    return { endpoints, recovery: { enabled: false }, ...config };
  }

  async function assertReached(gateway: TestGateway): Promise<void> {
    const reply = await ask(gateway);
    assert.equal(reply.status, 200, reply.text);
    assert.match(reply.text, /message_stop/);
    assert.equal(first.seen.length, 1);
  }

  async function assertNotReached(gateway: TestGateway, reason: string): Promise<void> {
    const reply = await ask(gateway);
    assert.equal(reply.status, 503);
    assert.ok(reply.json.error.message.includes(reason), reply.text);
    assert.equal(first.seen.length, 0);
  }

  it('is not reached unless that authority is trusted, and the reason says so', async () => {
    const gateway = await secured();
    await assertNotReached(gateway, unknownAuthority);
    const warm = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    assert.deepEqual([warm.json.isReachable, warm.json.reason], [false, unknownAuthority]);
    assert.equal(front.seen.bytes, 0);
  });

  it('is reached with the file of caCertificates, by requests, warm-up and the check of a draft', async () => {
    const gateway = await secured({ caCertificates: [authorityFile] });
    const warm = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    assert.deepEqual([warm.json.isReachable, warm.json.key], [true, 'ok']);
    first.forgetSeen();
    await assertReached(gateway);
    assert.equal(front.seen.connections, 1, 'the request uses the connection of the warm-up');
    const endpoint = { id: 'draft', baseUrl: front.url, auth: 'none' };
    const check = await gateway.control('POST', '/signalbox/check', { endpoint, key: null });
    assert.equal(check.json.result.isReachable, true, check.text);
  });

  it('is reached with a file below the home folder, one of several', async () => {
    const home = bed.folder();
    mkdirSync(join(home, 'certificates'));
    copyFileSync(authorityFile, join(home, 'certificates', 'company.pem'));
    const other = join(home, 'other.pem');
    copyFileSync(authorityFile.replace('authority', 'selfSigned'), other);
    await assertReached(
      await securedProcess({ caCertificates: [other, '~/certificates/company.pem'] }, { HOME: home }),
    );
  });

  it('is reached with NODE_EXTRA_CA_CERTS', async () => {
    await assertReached(await securedProcess({}, { NODE_EXTRA_CA_CERTS: authorityFile }));
  });

  it("is reached when the system's store holds that authority", async () => {
    await assertReached(await securedProcess({}, { SSL_CERT_FILE: authorityFile, SSL_CERT_DIR: bed.folder() }));
  });

  it("that is of another one than caCertificates names is not reached, and other hosts' names do not pass", async () => {
    await assertNotReached(
      await secured({ caCertificates: [authorityFile.replace('authority', 'selfSigned')] }),
      unknownAuthority,
    );
    const other = await startTlsFront('otherHost');
    bed.onClose(() => other.close());
    other.leadTo(first.port);
    const gateway = await secured({ caCertificates: [authorityFile] }, { baseUrl: other.url });
    await assertNotReached(gateway, 'TLS: certificate is for another host');
  });

  for (const [kind, start] of [
    ['a SOCKS5 proxy', startSocksProxy],
    ['CONNECT', startConnectProxy],
  ] as const) {
    it(`is reached through ${kind}, and its certificate is verified there, too`, async () => {
      const proxy = await start();
      bed.onClose(() => proxy.close());
      await assertNotReached(await secured({}, { httpProxy: proxy.url }), unknownAuthority);
      await assertReached(await secured({ caCertificates: [authorityFile] }, { httpProxy: proxy.url }));
      const authority = front.url.replace('https://', '');
      assert.deepEqual(proxy.targets, [authority, authority]);
    });
  }

  it("holds for an https proxy, too: one that is not trusted is the machine's trouble, and gets no password", async () => {
    const connect = await startConnectProxy();
    bed.onClose(() => connect.close());
    const secureProxy = await frontTo(connect.port);
    const httpProxy = secureProxy.url.replace('//', '//me:planted%40word@');
    const plain = { baseUrl: first.url, httpProxy };
    const wary = await secured({ breaker: { failureThreshold: 1 } }, plain);
    await assertNotReached(wary, 'the network proxy cannot be used');
    const { gateway, endpoints } = await wary.status();
    assert.match(gateway.network?.reason ?? '', /^network proxy \(endpoints\.httpProxy\): [A-Z_]+$/);
    assert.equal(endpoints[0]?.breaker.state, 'closed');
    assert.equal(secureProxy.seen.bytes, 0);
    await assertReached(await secured({ caCertificates: [authorityFile] }, plain));
    assert.deepEqual(connect.credentials, [`Basic ${Buffer.from('me:planted@word').toString('base64')}`]);
  });

  it('is reached as soon as a window has brought the file, and no more when it takes it away', async () => {
    const gateway = await bed.windowGateway([first], { clientToken: null });
    const push = (extra: object) =>
      gateway.control(
        'PUT',
        '/signalbox/config',
        pushedConfig([{ ...first, url: front.url } as SimulatedEndpoint], { clientToken: null, ...extra }),
      );
    await push({});
    await assertNotReached(gateway, unknownAuthority);
    assert.equal((await push({ caCertificates: [authorityFile] })).status, 200);
    await assertReached(gateway);
    await push({});
    first.forgetSeen();
    await assertNotReached(gateway, unknownAuthority);
  });

  it('and a file that cannot be used: a problem with its place, and all goes on as before', async () => {
    const folder = bed.folder();
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'no certificate');
    const damaged = join(folder, 'damaged.pem');
    writeFileSync(damaged, readFileSync(authorityFile, 'utf8').replace(/\n.{8}/, '\nAAAAAAAA'));
    const pipe = join(folder, 'pipe');
    const server = createServer().listen(pipe);
    await once(server, 'listening');
    bed.onClose(() => void server.close());
    const gateway = await bed.windowGateway([first], { clientToken: null });
    const files = [authorityFile, join(folder, 'nowhere.pem'), text, damaged, folder, pipe, 'relative.pem'];
    const push = (caCertificates: readonly string[]) =>
      gateway.control('PUT', '/signalbox/config', pushedConfig([], { clientToken: null, caCertificates }));
    const places = (reply: Awaited<ReturnType<typeof push>>) =>
      reply.json.problems.map(({ path, message }: { path: string; message: string }) => `${path} ${message}`);
    const reply = await push(files.slice(0, -1));
    assert.equal(reply.status, 422);
    assert.deepEqual(places(reply), [
      'caCertificates[1] there is no such file',
      'caCertificates[2] contains no certificate in PEM form (-----BEGIN CERTIFICATE-----)',
      'caCertificates[3] contains a damaged certificate',
      'caCertificates[4] is not a file',
      'caCertificates[5] is not a file',
    ]);
    const codes = ['noSuchFile', 'noCertificate', 'damagedCertificate', 'notFile', 'notFile'];
    assert.deepEqual(
      reply.json.problems.map(({ why }: { why: { code: string } }) => why.code),
      codes,
    );
    assert.deepEqual(places(await push(files.slice(-1))), [
      'caCertificates[0] must be the full path of a file, or one from ~/',
    ]);
    assert.equal((await ask(gateway)).status, 200);
  });

  it('and a configuration file that names one that is not there: it is told with an example, exit code 2', async () => {
    const config = configOf([first], { caCertificates: ['/nowhere/company.pem'] });
    await assert.rejects(
      bed.process({ config, env: keyEnvironment([first]) }),
      /ended with 2[\s\S]*caCertificates\[0\] there is no such file\n {4}for example: "caCertificates": \["/,
    );
  });
});
