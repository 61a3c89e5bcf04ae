import path from 'node:path';

/** The files that each file names, by paths in the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The graph of files: A names B when a text in A is the path of B relative to A's folder. That is so for every import and
 * for programs that tests start; a text that is no import and fits by chance makes a change touch more than it need.
 */
export function importGraph(files: readonly string[], read: (file: string) => string): ImportGraph {
  const known = new Set(files);
  return new Map(files.map((file) => [file, namedIn(file, read(file)).filter((named) => known.has(named))]));
}

function namedIn(file: string, text: string): readonly string[] {
  const folder = path.posix.dirname(file);
  return [...text.matchAll(/'([^'\n]+\.\w+)'/g)].map(([, named = '']) => path.posix.join(folder, named));
}

/** The file and all that it names, directly or through others; `isPassed` says of which files to look at what they name. */
export function reachedFrom(
  file: string,
  graph: ImportGraph,
  isPassed: (file: string) => boolean = () => true,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const queue = [file];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    if (isPassed(next)) queue.push(...(graph.get(next) ?? []));
  }
  return reached;
}
