import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts } from '../model/texts/diagnosticsText.ts';

/** The entries of a state folder, the folder itself first; the reason if it cannot be read. */
export function stateListing(folder: string): readonly FileFacts[] | string {
  try {
    const names = readdirSync(folder).sort();
    const own = factsOf('.', statSync(folder));
    return [own, ...names.flatMap((name) => fileFacts(folder, name))];
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Undefined for a file that no longer exists. */
function fileFacts(folder: string, name: string): FileFacts[] {
  const stat = statSync(join(folder, name), { throwIfNoEntry: false });
  return stat === undefined ? [] : [factsOf(name, stat)];
}

function factsOf(name: string, { mode, size, mtime, uid }: Stats): FileFacts {
  return {
    name,
    mode: (mode & 0o777).toString(8).padStart(3, '0'),
    bytes: size,
    changedAt: mtime.toISOString(),
    isOurs: process.getuid === undefined || uid === process.getuid(),
  };
}

/** The last lines of a gateway's log, including the previous file if the newest is short; empty without a log. */
export function logTail(folder: string, lineCount: number): readonly string[] {
  const newest = lastLines(join(folder, 'gateway.log'), lineCount);
  if (newest.length >= lineCount) return newest;
  return [...lastLines(join(folder, 'gateway.log.1'), lineCount - newest.length), ...newest];
}

const tailBytes = 256 * 1024;

function lastLines(path: string, lineCount: number): string[] {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const length = Math.min(size, tailBytes);
    const bytes = Buffer.alloc(length);
    const count = readSync(file, bytes, 0, length, size - length);
    const lines = bytes.subarray(0, count).toString('utf8').split('\n');
    // The first line may be incomplete.
    return lines
      .slice(length < size ? 1 : 0)
      .filter((line) => line !== '')
      .slice(-lineCount);
  } catch {
    return [];
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The tokens in a state folder, for redaction, whatever its owner. */
export function tokensIn(folder: string): readonly string[] {
  return ['control-token', 'client-token'].flatMap((name) => {
    try {
      return [readFileSync(join(folder, name), 'utf8').trim()];
    } catch {
      return [];
    }
  });
}
