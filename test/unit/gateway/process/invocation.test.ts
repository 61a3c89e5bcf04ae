import assert from 'node:assert/strict';
import { parseCommandLine } from '../../../../src/gateway/process/commandLine.ts';
import { invocation } from '../../../../src/gateway/process/invocation.ts';

describe('C10: the help says how the program was called:', () => {
  const npm = { npm_lifecycle_event: 'start', npm_command: 'start' };

  it('by npm', () => {
    assert.equal(invocation('/clone/dist/gateway.js', npm, '/clone'), 'npm start --');
    assert.equal(invocation('/clone/dist/gateway.js', { npm_lifecycle_event: 'report' }, '/clone'), 'npm start --');
  });

  it('by npx', () => {
    const npx = { npm_lifecycle_event: 'npx', npm_command: 'exec' };
    assert.equal(invocation('/cache/node_modules/.bin/signalbox', npx, '/home/me'), 'npx signalbox');
  });

  it('by node, with the path as it can be typed in that folder', () => {
    assert.equal(invocation('/clone/dist/gateway.js', {}, '/clone'), 'node dist/gateway.js');
    assert.equal(invocation('/clone/dist/gateway.js', {}, '/clone/dist'), 'node gateway.js');
    assert.equal(invocation('/clone/dist/gateway.js', {}, '/home/me'), 'node /clone/dist/gateway.js');
    assert.equal(invocation('/my clone/gateway.js', {}, '/my clone/x'), 'node "/my clone/gateway.js"');
  });

  it('in the help, and in the message about a wrong flag', () => {
    const help = parseCommandLine(['--help'], '1.0.0', 'npm start --');
    assert.ok(help.kind === 'exit' && help.code === 0);
    assert.match(help.text, /^ {2}npm start -- --config FILE/m);
    assert.doesNotMatch(help.text, /gateway\.js\b/);
    assert.match(help.text, /SIGHUP/);
    assert.match(help.text, /read again/);
    const wrong = parseCommandLine(['--confg'], '1.0.0', 'npm start --');
    assert.ok(wrong.kind === 'exit' && wrong.code === 2);
    assert.match(wrong.text, /See: npm start -- --help/);
  });
});

describe('C8: a configuration file', () => {
  const parse = (...args: string[]) => parseCommandLine(args, '1.0.0', 'node dist/gateway.js');
  const fileOf = (...args: string[]): string | undefined => {
    const parsed = parse(...args);
    assert.ok(parsed.kind === 'run', parsed.kind === 'exit' ? parsed.text : '');
    return parsed.options.configPath;
  };

  it('is taken without --config, which npm swallows when -- was forgotten', () => {
    assert.equal(fileOf('signalbox.json'), 'signalbox.json');
    assert.equal(fileOf('--port', '0', '/etc/signalbox/first.jsonc'), '/etc/signalbox/first.jsonc');
  });

  it('is not guessed from other words', () => {
    const wrongs = [['serve'], ['a.json', 'b.json'], ['--config', 'a.json', 'b.json']];
    for (const args of wrongs) {
      const parsed = parse(...args);
      assert.ok(parsed.kind === 'exit' && parsed.code === 2, args.join(' '));
      assert.match(parsed.text, /is no flag; a configuration file is named with --config FILE/);
    }
    const both = parse('signalbox.json', '--demo');
    assert.ok(both.kind === 'exit' && /exclude each other/.test(both.text));
  });
});
