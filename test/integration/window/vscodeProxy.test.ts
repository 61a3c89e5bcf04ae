import assert from 'node:assert/strict';
import { type ConnectProxy, startConnectProxy } from '../../support/endpoints/connectProxy.ts';
import { authorityFile, startTlsFront } from '../../support/endpoints/tlsFront.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages } from '../../support/processes/testBed.ts';
import { type WindowBed, withWindows } from '../../support/windows/windowBed.ts';
import { startWindowProcess } from '../../support/windows/windowProcess.ts';
import { problemsAre } from '../../support/windows/windowSide.ts';

const far = 'http://api.far-away.invalid:8080';

/** An endpoint that can be reached through this proxy only, in the settings with its key. */
async function farEndpoint(bed: WindowBed): Promise<ConnectProxy> {
  const endpoint = await bed.served('first', { baseUrl: far });
  const proxy = await startConnectProxy(endpoint.port);
  bed.onClose(() => proxy.close());
  return proxy;
}

const ask = ({ url }: { url: string }) => send(`${url}/v1/messages`, { json: messages() });

describe("VS Code's proxy", () => {
  itConcurrently(
    {
      'leads to the endpoints where there is no setting of ours, and changes live': withWindows(async (bed) => {
        const proxy = await farEndpoint(bed);
        const side = bed.side();
        const { gateway } = await side.start();
        assert.equal((await ask(gateway)).status, 503);
        bed.store.changeVscode({ proxy: proxy.url });
        const now = await side.running('it is in force', ({ endpoints }) => endpoints[0]?.proxyFrom === 'http.proxy');
        assert.equal(now.gateway.pid, gateway.pid);
        assert.equal((await ask(gateway)).status, 200);
        assert.deepEqual(proxy.targets, ['api.far-away.invalid:8080']);
        await until(
          'the log says so',
          () => side.lines,
          (lines) => JSON.stringify(lines).includes('endpoint first is reached through the proxy of http.proxy'),
        );
        bed.store.changeVscode({ noProxy: ['.far-away.invalid'] });
        await side.running('the host is exempt', ({ endpoints }) => endpoints[0]?.proxyFrom === null);
        bed.store.changeVscode({ noProxy: [] });
        await side.running('it is not', ({ endpoints }) => endpoints[0]?.proxyFrom === 'http.proxy');
        bed.store.changeVscode({ support: 'off' });
        await side.running('it is switched off', ({ endpoints }) => endpoints[0]?.proxyFrom === null);
        assert.deepEqual(side.errors, []);
      }),

      'gives way to signalbox.httpProxy': withWindows(async (bed) => {
        const proxy = await farEndpoint(bed);
        bed.store.change({ httpProxy: proxy.url });
        bed.store.changeVscode({ proxy: 'http://127.0.0.1:9', noProxy: ['*'] });
        const { gateway, endpoints } = await bed.side().start();
        assert.equal(endpoints[0]?.proxyFrom, 'httpProxy');
        assert.equal((await ask(gateway)).status, 200);
        assert.equal(proxy.targets.length, 1);
      }),

      'gets nothing that goes to this machine': withWindows(async (bed) => {
        await bed.served('first');
        bed.store.changeVscode({ proxy: 'http://127.0.0.1:9' });
        const { gateway, endpoints } = await bed.side().start();
        assert.equal(endpoints[0]?.proxyFrom, null);
        assert.equal((await ask(gateway)).status, 200);
      }),

      'that fails is told with the setting that it stands in': withWindows(async (bed) => {
        const proxy = await farEndpoint(bed);
        proxy.answer(407);
        bed.store.changeVscode({ proxy: proxy.url });
        const side = bed.side();
        const { gateway } = await side.start();
        assert.equal((await ask(gateway)).status, 503);
        const { gateway: now } = await side.running('the flag', (it) => it.gateway.network !== null);
        assert.deepEqual(
          [now.network?.reason, now.network?.proxyFrom],
          ['network proxy (http.proxy): 407', 'http.proxy'],
        );
      }),

      'that is none is a problem of that setting and not used; all other settings are in force': withWindows(
        async (bed) => {
          const proxy = await farEndpoint(bed);
          bed.store.changeVscode({ proxy: proxy.url });
          const side = bed.side();
          const { gateway } = await side.start();
          bed.store.changeVscode({ proxy: 'socks4://127.0.0.1:1080' });
          await problemsAre(side, ['http.proxy']);
          assert.equal(side.configuration.problems[0]?.isSkipped, true);
          assert.equal(
            (await side.running('no proxy', (it) => it.endpoints[0]?.proxyFrom === null)).gateway.pid,
            gateway.pid,
          );
          bed.store.change({ strategy: 'random' });
          await side.running('a change is in force', (it) => it.gateway.strategy === 'random');
          await problemsAre(side, ['http.proxy']);
          const late = bed.side();
          await late.start();
          await problemsAre(late, ['http.proxy']);
          assert.equal(late.configuration.isOurs((await late.running()).gateway), true);
          bed.store.change({ strategy: 'best' });
          await problemsAre(side, ['strategy', 'http.proxy']);
          bed.store.change({ strategy: 'weighted' });
          await problemsAre(side, ['http.proxy']);
          bed.store.change({ httpProxy: proxy.url });
          await problemsAre(side, []);
          await side.running('ours is in force', ({ endpoints }) => endpoints[0]?.proxyFrom === 'httpProxy');
        },
      ),
    },
    5,
  );

  it('password is in no log and no snapshot', async () => {
    await withWindows(async (bed) => {
      const proxy = await farEndpoint(bed);
      bed.store.changeVscode({ proxy: proxy.url.replace('//', '//me:planted%40word@') });
      const side = bed.side();
      const { gateway } = await side.start();
      assert.equal((await ask(gateway)).status, 200);
      assert.deepEqual(proxy.credentials, [`Basic ${Buffer.from('me:planted@word').toString('base64')}`]);
      proxy.answer(407);
      bed.store.changeVscode({ proxy: proxy.url.replace('//', '//me:planted%40two@') });
      await until(
        'the other one is refused',
        () => ask(gateway),
        ({ status }) => status === 503,
      );
      const log = side.state.lastWords() + JSON.stringify([side.lines, side.statuses]);
      assert.doesNotMatch(log, /planted/);
    })();
  });
});

describe("a window's environment", () => {
  it('brings its further authorities to the gateway that it starts', () =>
    withWindows(async (bed) => {
      const endpoint = await bed.served('first');
      const front = await startTlsFront('good');
      bed.onClose(() => front.close());
      front.leadTo(endpoint.port);
      bed.store.change({ endpoints: [{ id: 'first', baseUrl: front.url }] });
      const keys = { first: keyOf('first') };
      const window = startWindowProcess(bed, 'stay', { keys }, { NODE_EXTRA_CA_CERTS: authorityFile });
      const reply = await ask(await window.gateway);
      assert.equal(reply.status, 200, reply.text);
    })());
});
