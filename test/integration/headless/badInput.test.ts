import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseCommandLine } from '../../../src/gateway/process/commandLine.ts';
import { readConfigFile } from '../../../src/gateway/process/configFile.ts';
import { runGateway } from '../../support/processes/runGateway.ts';
import { TestBed } from '../../support/processes/testBed.ts';

const endpoint = { id: 'first', baseUrl: 'https://api.example.com', apiKey: 'env:FIRST_KEY' };
const env = { FIRST_KEY: 'planted-key-of-the-first' };

function assertHelpful(text: string): void {
  assert.doesNotMatch(text, /^\s+at .*:\d+:\d+/m, 'no stack trace');
  assert.doesNotMatch(text, /planted/, 'no secret');
}

describe('bad input ends the gateway with exit 2 and a message that helps', () => {
  const bed = new TestBed();
  after(() => bed.close());

  /** Runs with these flags; asserts that nothing listened, and gives what was said on stderr. */
  async function refusalOfRun(args: readonly string[], variables: Record<string, string> = env): Promise<string> {
    const stateDir = join(bed.folder(), 'state');
    const { code, stdout, stderr } = await runGateway([...args, '--state-dir', stateDir], variables);
    assert.equal(code, 2, `${stdout}${stderr}`);
    assert.equal(stdout, '', 'nothing has listened');
    assertHelpful(stderr);
    return stderr;
  }

  /** The text with which the program would end for these flags, without a run of it. */
  function refusal(args: readonly string[], variables: Record<string, string> = env): string {
    const parsed = parseCommandLine(args, '1.0.0', 'node dist/gateway.js');
    if (parsed.kind === 'exit') {
      assert.equal(parsed.code, 2, parsed.text);
      assertHelpful(parsed.text);
      return parsed.text;
    }
    assert.ok(parsed.kind === 'run' && parsed.options.configPath !== undefined, 'it would run');
    const file = readConfigFile(parsed.options.configPath, variables, parsed.options.port);
    assert.ok(file.kind === 'bad', 'it would run');
    assertHelpful(file.text);
    return file.text;
  }

  function file(text: string): string {
    const path = join(bed.folder(), 'signalbox.json');
    writeFileSync(path, text);
    return path;
  }

  /** The output for a configuration. */
  const refusalOf = (config: unknown, variables?: Record<string, string>) =>
    refusal(['--config', file(typeof config === 'string' ? config : JSON.stringify(config))], variables);

  const withEndpoint = (fields: object) => ({ endpoints: [{ ...endpoint, ...fields }] });

  describe('flags:', () => {
    it('an unknown one is named, with the way to help', async () => {
      const said = await refusalOfRun(['--confg', 'x']);
      assert.match(said, /--confg/);
      assert.match(said, /--help/);
      assert.match(refusal(['serve']), /serve/);
      assert.match(refusal(['--cofig', 'x']), /^signalbox: --cofig is no flag: did you mean --config\? See: /);
      assert.match(refusal(['--xyzzy']), /^signalbox: --xyzzy is no flag\. See: /);
    });

    it('one without its value', () => {
      for (const flag of ['--config', '--port', '--state-dir']) {
        const said = refusal([flag]);
        assert.ok(said.startsWith(`signalbox: ${flag} needs a value. See: `), said);
      }
      assert.match(refusal(['--config', '--demo']), /^signalbox: --config needs a value\./);
      assert.match(refusal(['--demo=1']), /^signalbox: --demo takes no value\./);
    });

    it('--config together with --demo', () => {
      const said = refusal(['--config', file('{}'), '--demo']);
      assert.match(said, /--config/);
      assert.match(said, /--demo/);
    });

    for (const port of ['65536', '-1', 'abc', '80.5', '', '0x50', '1e3']) {
      it(`--port "${port}"`, () => {
        const said = refusal(['--demo', `--port=${port}`]);
        assert.match(said, /--port/);
      });
    }

    it('a port that is taken: says which, and how to take another', async () => {
      const taken = createServer((socket) => socket.resume().on('error', () => undefined)).listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      bed.onClose(() => new Promise((resolve) => taken.close(() => resolve())));
      const address = taken.address();
      const port = String(typeof address === 'object' ? address?.port : 0);
      const said = await refusalOfRun(['--demo', '--port', port]);
      assert.match(said, new RegExp(`\\b${port}\\b`));
      assert.match(said, /by another program.*--port/);
    });
  });

  describe('the file:', () => {
    it('that does not exist is named', async () => {
      const path = join(bed.folder(), 'nowhere.json');
      const said = await refusalOfRun(['--config', path]);
      assert.ok(said.includes(path), said);
    });

    it('that is a folder', () => {
      const path = join(bed.folder(), 'signalbox.json');
      mkdirSync(path);
      const said = refusal(['--config', path]);
      assert.match(said, /signalbox\.json/);
      assert.match(said, /folder|directory|EISDIR/);
    });

    it('with invalid JSON: line and column', () => {
      assert.match(refusalOf('{\n  "port": 8417,\n  "strategy" "priority"\n}\n'), /signalbox\.json:3:14\b/);
      assert.match(refusalOf('{ "port": 8417'), /signalbox\.json:1:\d+/);
    });

    for (const text of ['', '[]', '"text"', 'null', '42']) {
      it(`that holds ${JSON.stringify(text)} instead of an object`, () => {
        assert.match(refusalOf(text), /signalbox\.json/);
      });
    }
  });

  describe('the configuration:', () => {
    const cases: Readonly<Record<string, readonly [unknown, RegExp, RegExp]>> = {
      'a wrong type': [{ port: 'many' }, /port/, /number|integer/],
      'a fraction where a whole number is wanted': [{ port: 80.5 }, /port/, /whole|int/],
      'a port out of range': [{ port: 70_000 }, /port/, /65535/],
      'an unknown key': [{ stratgy: 'priority' }, /stratgy/, /not a known/],
      'an unknown key deep inside': [withEndpoint({ api_key: 'x' }), /endpoints\[0\]\.api_key/, /not a known/],
      'an unknown choice': [{ strategy: 'best' }, /strategy/, /"roundRobin"/],
      'endpoints that are no list': [{ endpoints: {} }, /endpoints/, /array|list/],
      'an endpoint without URL': [{ endpoints: [{ id: 'a' }] }, /endpoints\[0\]\.baseUrl/, /missing/],
      'an id twice': [{ endpoints: [endpoint, endpoint] }, /endpoints\[1\]\.id/, /first/],
      'a bad id': [withEndpoint({ id: 'Not OK' }), /endpoints\[0\]\.id/, /a-z/],
      'an id of 33 letters': [withEndpoint({ id: 'a'.repeat(33) }), /endpoints\[0\]\.id/, /32/],
      'no URL': [withEndpoint({ baseUrl: 'api.example.com' }), /endpoints\[0\]\.baseUrl/, /https?:\/\//],
      'a URL of another scheme': [
        withEndpoint({ baseUrl: 'ftp://x.example' }),
        /endpoints\[0\]\.baseUrl/,
        /https?:\/\//,
      ],
      'a URL with credentials': [
        withEndpoint({ baseUrl: 'https://me:planted@api.example.com' }),
        /endpoints\[0\]\.baseUrl/,
        /password|credential/,
      ],
      'a URL with a key in its query': [
        withEndpoint({ baseUrl: 'https://api.example.com/?key=planted' }),
        /endpoints\[0\]\.baseUrl/,
        /query/,
      ],
      'a key itself': [withEndpoint({ apiKey: 'sk-planted-key-0123456789' }), /endpoints\[0\]\.apiKey/, /env:/],
      'a client token that is too short': [{ clientToken: 'planted' }, /clientToken/, /16/],
      'a client token of a wrong type': [{ clientToken: 42 }, /clientToken/, /16/],
      'both ways of sending a key': [
        withEndpoint({ auth: ['x-api-key', 'bearer'] }),
        /endpoints\[0\]\.auth/,
        /"bearer"/,
      ],
      'a priority of 0': [withEndpoint({ priority: 0 }), /endpoints\[0\]\.priority/, /1/],
      'a header name that is none': [
        withEndpoint({ headers: { 'x y': '1' } }),
        /endpoints\[0\]\.headers/,
        /header name/,
      ],
      'a header value with a line break': [
        withEndpoint({ headers: { 'x-a': '1\r\nx-b: planted' } }),
        /endpoints\[0\]\.headers/,
        /header|value|line/,
      ],
      'open for longer than at most': [
        { breaker: { openSeconds: 400, maxOpenSeconds: 300 } },
        /breaker\.maxOpenSeconds/,
        /openSeconds/,
      ],
    };
    for (const [what, [config, place, remedy]] of Object.entries(cases)) {
      it(`${what}: names place and remedy`, () => {
        const said = refusalOf(config);
        assert.match(said, place);
        assert.match(said, remedy);
      });
    }

    it('tells all problems at once, each on its own', async () => {
      const said = await refusalOfRun([
        '--config',
        file(JSON.stringify({ port: 'x', strategy: 'y', endpoints: [{ ...endpoint, id: '-' }] })),
      ]);
      for (const place of [/\bport\b/, /\bstrategy\b/, /endpoints\[0\]\.id/]) assert.match(said, place);
    });

    it('shows an example next to a problem', () => {
      assert.match(refusalOf(withEndpoint({ id: 'Not OK' })), /"id": "first"/);
      assert.match(refusalOf({ strategy: 'best' }), /"strategy": "priority"/);
    });

    it('a variable that is not set, or empty: place, name and how to set it', () => {
      for (const variables of [{}, { FIRST_KEY: '' }] as Record<string, string>[]) {
        const said = refusalOf({ endpoints: [endpoint] }, variables);
        assert.match(said, /endpoints\[0\]\.apiKey/);
        assert.match(said, /FIRST_KEY/);
      }
      assert.match(refusalOf({ clientToken: 'env:NO_SUCH_TOKEN' }), /clientToken.*NO_SUCH_TOKEN/s);
    });
  });
});
