import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { tooltipCommands } from '../../src/ui/model/trees/statusTooltip.ts';
import { manifest, manifestTexts, settingSchemas, stringsIn } from './manifestFile.ts';
import { UiSources } from './uiSources.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { contributes } = manifest;
const sources = new UiSources(root);

const commands = contributes.commands.map(({ command }) => command);
const views = Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id));
const settings = [...settingSchemas.keys()].map((name) => `signalbox.${name}`);

/** The unknown names, without duplicates. */
function unknown(used: readonly string[], known: readonly string[]): readonly string[] {
  return [...new Set(used)].filter((one) => !known.includes(one)).sort();
}

describe('commands', () => {
  /** VS Code makes one for every view. */
  const known = [...commands, ...views.map((view) => `${view}.focus`), 'workbench.action.reloadWindow'];

  it('of the manifest are those of the code', () => {
    assert.deepEqual([...commands].sort(), [...sources.commandIds].sort());
    assert.equal(new Set(commands).size, commands.length);
  });

  it('have our category', () => {
    assert.deepEqual([...new Set(contributes.commands.map(({ category }) => category))], ['Signalbox']);
  });

  it('exist, in menus, links, tooltips and steps of the walkthrough', () => {
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const linked = Object.values(manifestTexts).flatMap((texts) =>
      stringsIn(texts).flatMap((text) => [...text.matchAll(/\(command:([\w.]+)/g)].map(([, id = '']) => id)),
    );
    const steps = contributes.walkthroughs.flatMap((one) => one.steps.flatMap((step) => step.completionEvents));
    const awaited = steps.flatMap((event) => /^onCommand:(.+)$/.exec(event)?.[1] ?? []);
    assert.ok(linked.length > 40 && awaited.length > 3);
    assert.deepEqual(unknown([...inMenus, ...linked, ...awaited, ...tooltipCommands], known), []);
  });

  it('and views, settings and context keys exist that the code names', () => {
    assert.deepEqual(unknown(sources.usedIds, [...known, ...views, ...settings, ...sources.contextKeys]), []);
  });

  it('open the walkthrough of this extension, whoever publishes it', () => {
    const code = readFileSync(path.join(root, 'src/ui/commands/gatewayCommands.ts'), 'utf8');
    assert.ok(contributes.walkthroughs.every((one) => code.includes(`}#${one.id}\`, false`)));
    const id = `${manifest.publisher}.${manifest.name}`;
    assert.deepEqual(
      [...sources.literals].filter((text) => text.includes(id)),
      [],
    );
  });
});

describe('when clauses', () => {
  const whens = [
    ...Object.values(contributes.menus).flatMap((items) => items.map(({ when = '' }) => when)),
    ...contributes.viewsWelcome.map(({ when }) => when),
    ...contributes.commands.map(({ enablement = '' }) => enablement),
  ];
  const clauses = whens
    .flatMap((when) => when.split(/\s*(?:&&|\|\|)\s*/))
    .map((clause) => clause.replace(/^[!(]+|\)+$/g, ''));
  const parts = clauses.flatMap((clause) => {
    const [, key = '', value = ''] = /^([\w.]+)(?: (?:==|!=|=~) (.+))?$/.exec(clause) ?? [];
    return clause === '' || clause === 'false' ? [] : [{ clause, key, value }];
  });

  it('ask for keys that the code sets', () => {
    const keys = parts.map(({ key }) => key).filter((key) => key !== 'view' && key !== 'viewItem');
    assert.deepEqual(unknown(keys, sources.contextKeys), []);
  });

  it('ask for values that there are', () => {
    const named = parts.filter(({ key }) => key === 'view').map(({ value }) => value);
    assert.deepEqual(unknown([...named, ...contributes.viewsWelcome.map(({ view }) => view)], views), []);
    const words = parts
      .filter(({ key }) => key !== 'view')
      .flatMap(({ value }) => value.replace(/^\/\\b(\w+)\\b\/$/, '$1'))
      .filter((value) => value !== '');
    assert.ok(words.includes('ours') && words.includes('session'));
    assert.deepEqual(unknown(words, [...sources.literals]), []);
  });

  it('show a way out of every failure', () => {
    const shown = contributes.viewsWelcome.flatMap(({ when }) => /signalbox\.failure == (\w+)/.exec(when)?.[1] ?? []);
    assert.deepEqual(shown.sort(), [...sources.kindsOf('GatewayFailure')].sort());
  });
});

describe('the ports of remote windows', () => {
  const defaults = contributes.configurationDefaults as { readonly 'remote.portsAttributes': object };
  const [[pattern = '', attributes] = []] = Object.entries(defaults['remote.portsAttributes']);
  /** VS Code reads `/proc/PID/cmdline`, where a zero byte ends each argument. */
  const isMatched = (...line: string[]): boolean => new RegExp(pattern).test(line.map((one) => `${one}\0`).join(''));

  it('are left as they are by VS Code where the gateway listens, and changed in nothing else', () => {
    assert.deepEqual(Object.keys(contributes.configurationDefaults), ['remote.portsAttributes']);
    assert.equal(Object.keys(defaults['remote.portsAttributes']).length, 1);
    assert.deepEqual(attributes, { onAutoForward: 'ignore', label: 'Signalbox' });
  });

  it('are those of gateways that windows start, wherever the extension is', () => {
    const folder = '/home/me/.vscode-server/extensions/signalbox.signalbox-0.1.0';
    const flags = ['--port', '8417', '--state-dir', '/home/me/.local/state/signalbox/host'];
    assert.ok(isMatched('/usr/bin/node', path.join(folder, 'dist', 'gateway.js'), ...flags));
    assert.ok(isMatched('C:\\Code.exe', 'D:\\my code\\signalbox\\dist\\gateway.js', ...flags));
    const launch = readFileSync(path.join(root, 'src/ui/link/launchGateway.ts'), 'utf8');
    assert.match(launch, /\[path, '--port', String\(port\), '--state-dir', state\.folder\]/, 'so are they started');
  });

  it('of other programs are none of its business', () => {
    assert.ok(!isMatched('node', 'dist/server.js', '--state-dir', 'x'));
    assert.ok(!isMatched('node', '/srv/api/dist/gateway.js', '--port', '8080'));
    assert.ok(!isMatched('node', '/srv/api/dist/gateway.json', '--state-dir', 'x'));
  });
});

describe('pictures', () => {
  it('exist', () => {
    const files = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ icon, steps }) => [icon, ...steps.map(({ media }) => media.svg)]),
    ];
    assert.deepEqual(
      files.filter((file) => !existsSync(path.join(root, file))),
      [],
    );
  });
});
