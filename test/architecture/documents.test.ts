import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { failuresPages, withFailureTables } from '../support/docs/failuresPage.ts';
import { brokenLinks } from '../support/docs/markdownLinks.ts';
import { settingsPages, settingsTable, withSettingsTable } from '../support/docs/settingsTable.ts';

const root = path.resolve(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/*.md', 'bench/*.md', '.github/**/*.md'], { cwd: root });
const readmes = ['README.md', 'README.zh-CN.md'] as const;

function textOf(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

describe('the documents', () => {
  for (const file of documents) {
    it(`${file} leads only to files and headings that are there`, () => {
      assert.deepEqual(brokenLinks(root, file), []);
    });
  }

  for (const file of documents.filter((name) => existsSync(path.join(root, name.replace('.md', '.zh-CN.md'))))) {
    it(`F: ${file} and its Chinese twin lead to each other, and have the same parts`, () => {
      const twin = file.replace('.md', '.zh-CN.md');
      assert.ok(textOf(file).includes(`](${path.basename(twin)})`), `${file} does not lead to ${twin}`);
      assert.ok(textOf(twin).includes(`](${path.basename(file)})`), `${twin} does not lead to ${file}`);
      const headings = (text: string): number => text.match(/^#+ /gm)?.length ?? 0;
      assert.equal(headings(textOf(twin)), headings(textOf(file)));
    });
  }
});

describe('the README', () => {
  for (const file of readmes) {
    /** All that stands before the heading of the documentation. */
    const pitch = textOf(file).split(/^## (?:Documentation|文档)$/m)[0] ?? '';

    it(`B1: ${file} says how to install, from the Marketplace, Open VSX, a file, and without VS Code`, () => {
      const build = /npm run package && code --install-extension signalbox-\d/;
      for (const way of [/Marketplace/, /Open VSX/, /VSIX/, build, /\(#[^)]*vs-code\)/]) assert.match(pitch, way);
    });

    it(`B1: ${file} names the version that a clone makes`, () => {
      const { version } = JSON.parse(textOf('package.json')) as { version: string };
      assert.deepEqual([...new Set(pitch.match(/signalbox-[\d.]+\.vsix/g))], [`signalbox-${version}.vsix`]);
    });

    it(`F: ${file} answers what a stranger asks: clients, logins, latency, privacy`, () => {
      for (const subject of ['Codex', 'opencode', 'Pro', 'Max', 'npm run bench', '127.0.0.1']) {
        assert.ok(pitch.includes(subject), `nothing about ${subject}`);
      }
      assert.match(pitch, /sends nothing anywhere but to your endpoints|除了你的端点，不向任何地方发送数据/);
    });
  }
});

describe('the page of settings', () => {
  for (const page of settingsPages) {
    it(`${page.file} lists the settings as the manifest has them (npm run docs writes them)`, () => {
      const text = textOf(page.file);
      assert.ok(text.includes('<!-- settings: begin -->'), 'there is no place for the settings');
      assert.equal(withSettingsTable(text, settingsTable(page)), text);
    });
  }
});

describe('the page of failures', () => {
  for (const words of failuresPages) {
    it(`${words.file} has the tables that the classifier uses (npm run docs writes them)`, () => {
      const text = textOf(words.file);
      for (const name of ['classes', 'statuses', 'codes']) assert.match(text, new RegExp(`<!-- ${name}: begin -->`));
      assert.equal(withFailureTables(text, words), text);
    });
  }
});
