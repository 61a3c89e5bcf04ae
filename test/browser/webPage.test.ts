// A real page in a real browser against the gateway, with all that a page can do; the same page against a server that
// lets it shows that each of its ways leads somewhere.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import type { SimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { attackScript, type Loot } from '../support/pages/attackPage.ts';
import { type GatewayProcess, send, until } from '../support/processes/startGateway.ts';
import { messages, TestBed } from '../support/processes/testBed.ts';
import { launchBrowser } from '../support/workbench/browser.ts';

const paths = ['/v1/messages', '/v1/models', '/signalbox/status', '/signalbox/events', '/signalbox/shutdown'] as const;

/** The requests that a permissive server received, as `METHOD path`. */
interface Careless {
  readonly url: string;
  readonly got: Set<string>;
}

describe('a page in a browser', () => {
  const bed = new TestBed();
  let browser: Browser;
  let endpoints: readonly SimulatedEndpoint[];
  let gateway: GatewayProcess;
  let careless: Careless;
  let site: string;

  before(async () => {
    browser = await launchBrowser(['--host-resolver-rules=MAP evil.example 127.0.0.1']);
    bed.onClose(() => browser.close());
    endpoints = [await bed.endpoint('first'), await bed.endpoint('second')];
    // Without a client token: nothing but the guard stands between the page and the endpoints.
    gateway = await bed.gatewayProcess(endpoints, { recovery: { enabled: false } });
    careless = await startCareless(bed);
    site = await listen(
      bed,
      createServer((_, response) => response.end('<!doctype html><title>A page</title>')),
    );
  });
  after(() => bed.close());

  async function pageAt(url: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(url);
    return page;
  }

  /** The page stays open to the end: with its context the browser drops beacons that are still to be sent. */
  function attack(page: Page, base: string, tag = 'way'): Promise<readonly Loot[]> {
    return page.evaluate<Loot[]>(attackScript(base, paths, tag));
  }

  async function assertUnharmed(): Promise<void> {
    for (const { name, connections } of endpoints) assert.equal(connections.accepted, 0, `${name} heard of it`);
    const { gateway: self, totals } = await gateway.status();
    assert.deepEqual([self.pid, self.isDraining, totals.requests], [gateway.pid, false, 0]);
    assert.equal(gateway.process.exitCode, null);
  }

  const readings = (loot: readonly Loot[]) => loot.filter(({ read }) => read !== undefined);

  it('reads and reaches a server that lets it, by every one of its ways', async () => {
    const loot = await attack(await pageAt(site), careless.url);
    const ways = new Set(loot.map(({ how }) => how.split(' ')[0] ?? ''));
    await until(
      'all ways have arrived',
      () => [...ways].filter((way) => !careless.got.has(way)),
      (missing) => missing.length === 0,
      30_000,
    );
    const read = new Set(readings(loot).map(({ how }) => how.split(' ')[0]));
    for (const way of ['get', 'postJson', 'putJson', 'xhrGet', 'xhrPost', 'script', 'image', 'eventSource']) {
      assert.ok(read.has(way), `${way} reads nothing even where it may`);
    }
  });

  for (const name of ['127.0.0.1', 'localhost']) {
    it(`reads nothing of the gateway at ${name}, reaches no endpoint and ends nothing`, async () => {
      const loot = await attack(await pageAt(site), `http://${name}:${gateway.port}`);
      assert.ok(loot.length >= 100, String(loot.length));
      assert.deepEqual(readings(loot), []);
      await assertUnharmed();
    });
  }

  it('of a name that now leads to the gateway is refused all it asks, as if it were at home there', async () => {
    const page = await pageAt(`http://evil.example:${gateway.port}/`);
    assert.equal(await page.evaluate('location.host'), `evil.example:${gateway.port}`);
    const loot = await attack(page, `http://evil.example:${gateway.port}`);
    // It may read what is sent to its own name. That is the refusal, and nothing else.
    assert.ok(readings(loot).length > 0, 'it did reach the gateway');
    for (const { how, read } of readings(loot)) {
      assert.match(read ?? '', /Signalbox: (?:the Host header must be|requests from web pages are refused)/, how);
      assert.doesNotMatch(read ?? '', /^2/, how);
    }
    await assertUnharmed();
  });

  it('cannot read it by navigating to it either: in a window, by a link, as a download', async () => {
    for (const path of paths) {
      const page = await pageAt(site);
      const url = `http://127.0.0.1:${gateway.port}${path}`;
      const [popup] = await Promise.all([
        page.waitForEvent('popup'),
        page.evaluate(`globalThis.opened = window.open('${url}'); undefined`),
      ]);
      await popup.locator('body', { hasText: 'requests from web pages are refused' }).waitFor();
      const peek = '(() => { try { return opened.document.body.innerText; } catch { return "nothing"; } })()';
      assert.equal(await page.evaluate(peek), 'nothing', path);
      const [answer] = await Promise.all([page.waitForResponse(url), page.evaluate(`location.href = '${url}'`)]);
      assert.equal(answer.status(), 403, path);
      await page.close();
    }
    await assertUnharmed();
  });

  it('has changed nothing: a program is answered, and is the first that any endpoint hears of', async () => {
    const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(reply.status, 200);
    assert.deepEqual(
      endpoints.map(({ seen }) => seen.length),
      [1, 0],
    );
    assert.doesNotMatch(gateway.stderr(), /error: /);
  });
});

/** A server that does all that a gateway must not do: it answers everybody and lets every page read it. */
async function startCareless(bed: TestBed): Promise<Careless> {
  const got = new Set<string>();
  const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
  const server = createServer((request, response) => {
    const way = new URL(request.url ?? '', 'http://x').searchParams.get('way') ?? '';
    if (request.method !== 'OPTIONS') got.add(way);
    const bodies: Readonly<Record<string, readonly [string, string | Buffer]>> = {
      script: ['text/javascript', 'window.stolen = { models: 1 }'],
      image: ['image/gif', pixel],
      eventSource: ['text/event-stream', 'data: stolen\n\n'],
    };
    const [type, body] = bodies[way] ?? ['application/json', '{"models":[]}'];
    response.writeHead(200, {
      'content-type': type,
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-allow-headers': 'content-type, anthropic-version',
    });
    response.end(body);
  });
  server.on('upgrade', (request, socket) => {
    got.add(new URL(request.url ?? '', 'http://x').searchParams.get('way') ?? '');
    socket.destroy();
  });
  return { url: await listen(bed, server), got };
}

function listen(bed: TestBed, server: Server): Promise<string> {
  bed.onClose(() => {
    server.close();
    server.closeAllConnections();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
