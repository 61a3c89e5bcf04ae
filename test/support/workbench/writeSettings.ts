import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Settings as in a settings.json. */
export type VscodeSettings = Readonly<Record<string, unknown>>;

/** Adds to a settings.json, which may not be there yet; undefined takes a setting away. */
export function writeSettings(file: string, settings: VscodeSettings): void {
  replaceSettings(file, { ...read(file), ...settings });
}

/** Writes a settings.json whole: VS Code, which follows the file, never finds it missing, empty or cut. */
export function replaceSettings(file: string, settings: VscodeSettings): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const next = `${file}.next`;
  writeFileSync(next, `${JSON.stringify(settings, undefined, 2)}\n`);
  renameSync(next, file);
}

function read(file: string): VscodeSettings {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
