import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { VscodeServer } from '../workbench/vscodeServer.ts';

/** No setting, state or log is as large. */
const maxBytes = 10_000_000;

/** The files of a VS Code server's settings, state and logs that hold a text, be it as base64. */
export function filesHolding({ folders }: VscodeServer, text: string): string[] {
  const plain = Buffer.from(text);
  const base64 = Buffer.from(plain.toString('base64').replace(/=+$/, ''));
  return [folders.home, folders.userData, folders.serverData].flatMap(filesBelow).filter((file) => {
    const bytes = contentOf(file);
    return bytes.includes(plain) || bytes.includes(base64);
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Empty for a file that is too large, or gone in the meantime. */
function contentOf(file: string): Buffer {
  try {
    return statSync(file).size < maxBytes ? readFileSync(file) : Buffer.alloc(0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
