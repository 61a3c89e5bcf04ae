import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGateway } from '../../support/processes/runGateway.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { configOf, keyEnvironment, messages, TestBed } from '../../support/processes/testBed.ts';

const version: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')).version;

describe('good input', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  it('--help lists every flag and exits 0', async () => {
    const { code, stdout, stderr } = await runGateway(['--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const flag of ['--config', '--demo', '--drill', '--json', '--port', '--state-dir'])
      assert.ok(stdout.includes(flag), flag);
    assert.equal((await runGateway(['-h'])).stdout, stdout);
  });

  it('--version gives the version and exits 0', async () => {
    const { code, stdout } = await runGateway(['--version']);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(String(version)), stdout);
  });

  it('comments, trailing commas and a byte order mark are no problem', async () => {
    const endpoint = await bed.endpoint('first');
    const text = `\uFEFF// the gateway's configuration
{
  "clientToken": null, /* loopback and guard still hold */
  "warmup": { "onStart": false, },
  "endpoints": [
    { "id": "first", "baseUrl": "${endpoint.url}", "apiKey": "env:KEY_FIRST", }, // the only one
  ],
}
`;
    const path = join(bed.folder(), 'signalbox.json');
    writeFileSync(path, text);
    const gateway = await bed.process({ args: ['--config', path], env: keyEnvironment([endpoint]) });
    assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200);
  });

  it('a base URL in every form that people paste leads to the same place, and a note says so', async () => {
    const endpoint = await bed.endpoint('first');
    for (const end of ['', '/', '/v1', '/v1/', '/v1/messages', '/v1/models/']) {
      const endpoints = [{ id: 'first', baseUrl: endpoint.url + end, apiKey: 'env:KEY_FIRST' }];
      const gateway = await bed.gatewayProcess([endpoint], { endpoints });
      endpoint.forgetSeen();
      assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200, end);
      assert.equal(endpoint.seen[0]?.path, '/v1/messages', end);
      assert.equal((await gateway.status()).endpoints[0]?.baseUrl, endpoint.url);
      if (end.includes('v1')) assert.match(gateway.stderr(), /endpoints\[0\]\.baseUrl/);
    }
  });

  it('the port of the file is used, and --port goes before it', async () => {
    const endpoint = await bed.endpoint('first');
    const gateway = await bed.gatewayProcess([endpoint], { port: 1 });
    assert.notEqual(gateway.port, 1);
  });

  it('C5: a changed file is put into force while it runs, and a wrong one changes nothing', async () => {
    const [first, second] = [await bed.endpoint('first'), await bed.endpoint('second')];
    const path = join(bed.folder(), 'signalbox.json');
    const write = (document: object): void => writeFileSync(path, JSON.stringify(document));
    write(configOf([first]));
    const gateway = await bed.process({ args: ['--config', path], env: keyEnvironment([first, second]) });
    write(configOf([second]));
    await gateway.until('the other endpoint', ({ endpoints }) => endpoints[0]?.id === 'second');
    const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(reply.headers['x-signalbox-endpoint'], 'second');
    write({ endpoints: [{ id: 'third' }] });
    await until('it is told', gateway.stderr, (text) =>
      /error: configuration file not taken .*baseUrl is missing/.test(text),
    );
    assert.equal((await gateway.status()).endpoints[0]?.id, 'second');
  });

  it('no endpoint at all is a gateway that says what to do', async () => {
    const gateway = await bed.gateway([]);
    const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(reply.status, 503);
    assert.equal(reply.headers['x-should-retry'], 'false');
    assert.match(reply.json.error.message, /endpoint/);
  });

  it('an endpoint without a key stands as keyMissing and gets nothing', async () => {
    const endpoint = await bed.endpoint('first');
    const gateway = await bed.gateway([], { endpoints: [{ id: 'first', baseUrl: endpoint.url }] });
    assert.equal((await gateway.status()).endpoints[0]?.state, 'keyMissing');
    const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(reply.status, 503);
    assert.equal(endpoint.seen.length, 0);
  });
});
