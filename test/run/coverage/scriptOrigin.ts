import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import type { ScriptOrigin } from './functionCoverage.ts';

/** For a source file that Node ran as it is: stripping types moves nothing. */
export function originInSource(root: string, file: string): ScriptOrigin {
  const lineAt = lineFinder(readFileSync(path.join(root, file), 'utf8'));
  return { files: [file], placeOf: (offset) => ({ file, line: lineAt(offset).line + 1 }) };
}

/** For a bundle with a map beside it, which has to be of the same build. */
export function originInBundle(root: string, bundle: string): ScriptOrigin {
  const lineAt = lineFinder(readFileSync(path.join(root, bundle), 'utf8'));
  const payload = JSON.parse(readFileSync(path.join(root, `${bundle}.map`), 'utf8'));
  const map = new SourceMap(payload);
  const folder = path.join(root, path.dirname(bundle));
  const inRoot = (source: string): string => path.relative(root, path.resolve(folder, source)).replaceAll('\\', '/');
  const placeOf: ScriptOrigin['placeOf'] = (offset) => {
    const { line, column } = lineAt(offset);
    const entry = map.findEntry(line, column);
    if (!('originalSource' in entry)) return undefined;
    const file = inRoot(entry.originalSource);
    return file.startsWith('src/') ? { file, line: entry.originalLine + 1 } : undefined;
  };
  return { files: payload.sources.map(inRoot), placeOf };
}

/** Line and column of an offset, both from 0. */
function lineFinder(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (starts[low] ?? 0) };
  };
}
