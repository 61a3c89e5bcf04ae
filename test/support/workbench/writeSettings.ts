import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Settings as in a settings.json. */
export type VscodeSettings = Readonly<Record<string, unknown>>;

/** Adds to a settings.json, which may not be there yet; undefined takes a setting away. */
export function writeSettings(file: string, settings: VscodeSettings): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...read(file), ...settings }, undefined, 2)}\n`);
}

function read(file: string): VscodeSettings {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
