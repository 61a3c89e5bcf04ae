// Writes what the documents take from the code: the settings in the READMEs, the tables of failures: `npm run docs`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { failuresPages, withFailureTables } from './failuresPage.ts';
import { readmes, settingsTable, withSettingsTable } from './settingsTable.ts';

const root = path.resolve(import.meta.dirname, '../../..');

for (const readme of readmes) {
  const file = path.join(root, readme.file);
  writeFileSync(file, withSettingsTable(readFileSync(file, 'utf8'), settingsTable(readme)));
}

for (const words of failuresPages) {
  const file = path.join(root, words.file);
  writeFileSync(file, withFailureTables(readFileSync(file, 'utf8'), words));
}
