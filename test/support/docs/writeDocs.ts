// Writes what the documents take from the code: the tables of the settings and of failures: `npm run docs`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { failuresPages, withFailureTables } from './failuresPage.ts';
import { settingsPages, settingsTable, withSettingsTable } from './settingsTable.ts';

const root = path.resolve(import.meta.dirname, '../../..');

for (const page of settingsPages) {
  const file = path.join(root, page.file);
  writeFileSync(file, withSettingsTable(readFileSync(file, 'utf8'), settingsTable(page)));
}

for (const words of failuresPages) {
  const file = path.join(root, words.file);
  writeFileSync(file, withFailureTables(readFileSync(file, 'utf8'), words));
}
