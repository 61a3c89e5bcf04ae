import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { failuresPages, withFailureTables } from '../support/docs/failuresPage.ts';
import { readmes, settingsTable, withSettingsTable } from '../support/docs/settingsTable.ts';

const root = path.resolve(import.meta.dirname, '../..');

describe('the README', () => {
  for (const readme of readmes) {
    const text = readFileSync(path.join(root, readme.file), 'utf8');

    it(`${readme.file} lists the settings as the manifest has them (npm run docs writes them)`, () => {
      const table = settingsTable(readme);
      assert.ok(text.includes('<!-- settings: begin -->'), 'there is no place for the settings');
      assert.equal(withSettingsTable(text, table), text);
    });

    it(`${readme.file} leads only to files that are there`, () => {
      const targets = [...text.matchAll(/\]\((?!https?:|#|command:)([^)\s]+)\)/g)].map(([, target = '']) => target);
      assert.deepEqual(
        targets.filter((target) => !existsSync(path.join(root, target))),
        [],
      );
    });
  }
});

describe('the page of failures', () => {
  for (const words of failuresPages) {
    it(`${words.file} has the tables that the classifier uses (npm run docs writes them)`, () => {
      const text = readFileSync(path.join(root, words.file), 'utf8');
      for (const name of ['classes', 'statuses', 'codes']) assert.match(text, new RegExp(`<!-- ${name}: begin -->`));
      assert.equal(withFailureTables(text, words), text);
    });
  }
});
