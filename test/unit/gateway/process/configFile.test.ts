import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../../../src/core/config/config.ts';
import { type ConfigFile, readConfigFile } from '../../../../src/gateway/process/configFile.ts';
import { settingsOfWindows } from '../../../../src/gateway/process/settingNames.ts';

const endpoint = { id: 'first', baseUrl: 'https://api.example.com', apiKey: 'env:FIRST_KEY' };
const env = { FIRST_KEY: 'key-of-the-first' };

describe('readConfigFile', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function read(document: unknown, variables: Readonly<Record<string, string>> = env): ConfigFile {
    const path = join(folder, 'signalbox.json');
    writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
    return readConfigFile(path, variables);
  }

  function taken(document: unknown): { config: Config; notes: readonly string[] } {
    const file = read(document);
    assert.ok(file.kind === 'ok', file.kind === 'bad' ? file.text : '');
    return file;
  }

  function refused(document: unknown, variables?: Readonly<Record<string, string>>): string {
    const file = read(document, variables);
    assert.ok(file.kind === 'bad', 'it was taken');
    return file.text;
  }

  describe('C1: what leaves the gateway without use is said', () => {
    it('an endpoint without a key, with the way to give it one', () => {
      const { apiKey: _, ...withoutKey } = endpoint;
      const { notes } = taken({ endpoints: [endpoint, { ...withoutKey, id: 'second' }] });
      assert.equal(notes.length, 1);
      assert.match(notes[0] ?? '', /^endpoints\[1\]\.apiKey is missing, so "second" gets no request/);
      assert.match(notes[0] ?? '', /"apiKey": "env:FIRST_KEY", or "auth": "none"/);
    });

    it('no endpoint at all, with an example of one', () => {
      for (const document of [{}, { endpoints: [] }]) {
        const [note = ''] = taken(document).notes;
        assert.match(note, /^endpoints: there are none, so every request is refused/);
        assert.match(note, /"endpoints": \[\{ "id": "first"/);
      }
    });

    it('none that is enabled', () => {
      const [note = ''] = taken({ endpoints: [{ ...endpoint, enabled: false }] }).notes;
      assert.match(note, /all are disabled/);
    });

    it('but nothing of endpoints that need no key, or are off', () => {
      const { apiKey: _, ...withoutKey } = endpoint;
      const free = { ...withoutKey, auth: 'none' };
      assert.deepEqual(taken({ endpoints: [endpoint, { ...free, id: 'b' }] }).notes, []);
      assert.deepEqual(taken({ endpoints: [endpoint, { ...withoutKey, id: 'b', enabled: false }] }).notes, []);
    });
  });

  describe('C2: names of settings are taken as the table prints them', () => {
    it('with dots, with the prefix, and mixed with the nested form', () => {
      const { config, notes } = taken({
        'signalbox.endpoints': [endpoint],
        'retry.maxAttempts': 2,
        'signalbox.retry.preCommitSeconds': 60,
        'timeouts.connectMs': 900,
        timeouts: { idleMs: 1000 },
      });
      assert.deepEqual(notes, []);
      assert.equal(config.endpoints[0]?.id, 'first');
      assert.deepEqual(config.retry, { maxAttempts: 2, preCommitSeconds: 60 });
      assert.equal(config.timeouts.connectMs, 900);
      assert.equal(config.timeouts.idleMs, 1000);
    });

    it('each of the manifest, with its default', () => {
      const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8'));
      const sections: { properties: Record<string, { default: unknown }> }[] = manifest.contributes.configuration;
      const all = sections.flatMap(({ properties }) => Object.entries(properties));
      assert.ok(all.length > 30);
      const document = Object.fromEntries(all.map(([name, { default: value }]) => [name, value]));
      const { config, notes } = taken(document);
      const built = parseConfig({});
      assert.ok(built.kind === 'ok');
      assert.deepEqual(config, built.config);
      const told = notes.filter((note) => note.includes('is for VS Code only'));
      assert.equal(told.length, settingsOfWindows.size);
    });

    it('a misspelt one is named with its place, and one that is given twice, too', () => {
      assert.match(
        refused({ 'retry.maxAtempts': 2 }),
        /retry\.maxAtempts is not a known name: did you mean "maxAttempts"/,
      );
      assert.match(refused({ 'signalbox.endpoint': [] }), /endpoint is not a known name: did you mean "endpoints"/);
      assert.match(refused({ 'retry.maxAttempts': 2, retry: { maxAttempts: 3 } }), /retry.* is given twice/);
      assert.match(refused({ 'signalbox.port': 1, port: 2 }), /port is given twice/);
      assert.match(refused({ '__proto__.polluted': 1 }), /__proto__ is not a known name/);
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });
  });

  it('C6: a file that cannot be read is told with the remedy that helps', () => {
    const missing = readConfigFile(join(folder, 'nowhere.json'), env);
    assert.match(
      missing.kind === 'bad' ? missing.text : '',
      /nowhere\.json: there is no such file\. Name an existing one/,
    );
    const path = join(folder, 'folder');
    mkdirSync(path);
    const isFolder = readConfigFile(path, env);
    assert.match(isFolder.kind === 'bad' ? isFolder.text : '', /it is a folder\. Name the file in it with --config/);
  });

  it('C8: a misspelt name is one complaint with the name that was meant, and an address without a scheme is told so', () => {
    const text = refused({ endpoints: [{ id: 'first', baseURL: 'https://api.example.com', apiKey: 'env:FIRST_KEY' }] });
    assert.match(
      text,
      /endpoints\[0\]\.baseURL is not a known name: did you mean "baseUrl"\?\n {4}for example: "baseUrl"/,
    );
    assert.equal(text.match(/^signalbox: /gm)?.length, 1, text);
    assert.match(
      refused({ endpoints: [{ ...endpoint, baseUrl: '127.0.0.1:9001' }] }),
      /must begin with https:\/\/ or http:\/\//,
    );
  });
});
