import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The links and pictures of a document of the repository that lead to no file, or to no heading of that file. */
export function brokenLinks(root: string, file: string): string[] {
  const targets = [...readFileSync(path.join(root, file), 'utf8').matchAll(/\]\((?!https?:|command:)([^)\s]+)\)/g)];
  return targets.flatMap(([, target = '']) => {
    const [name = '', heading] = target.split('#');
    const wanted = name === '' ? file : path.join(path.dirname(file), name);
    if (!existsSync(path.join(root, wanted))) return [`${target}: no such file`];
    if (heading === undefined || headingsOf(path.join(root, wanted)).has(heading)) return [];
    return [`${target}: no such heading`];
  });
}

/** The names by which GitHub and VS Code find the headings of a document. */
function headingsOf(file: string): ReadonlySet<string> {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- ]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}
