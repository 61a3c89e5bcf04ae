// Writes the table of settings into the READMEs: `npm run docs`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readmes, settingsTable, withSettingsTable } from './settingsTable.ts';

const root = path.resolve(import.meta.dirname, '../..');

for (const readme of readmes) {
  const file = path.join(root, readme.file);
  writeFileSync(file, withSettingsTable(readFileSync(file, 'utf8'), settingsTable(readme)));
}
