import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Durations } from './shards.ts';

/** Where durations are kept between runs, below the repository; ignored by git. */
const keptIn = '.vscode-test/durations.json';

/** The durations of earlier runs; empty without one. */
export function readDurations(root: string): Durations {
  try {
    const kept: unknown = JSON.parse(readFileSync(path.join(root, keptIn), 'utf8'));
    return new Map(Object.entries(kept as Record<string, number>));
  } catch {
    return new Map();
  }
}

/** Adds what a run has measured, and forgets files that no longer exist. */
export function keepDurations(root: string, measured: Durations): void {
  if (measured.size === 0) return;
  const kept = [...readDurations(root), ...measured].filter(([name]) => existsSync(path.join(root, name)));
  const file = path.join(root, keptIn);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(new Map(kept)), null, 2)}\n`);
}
