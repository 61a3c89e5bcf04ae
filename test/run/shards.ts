/** Milliseconds that test files took when they last ran, by their path in the repository. */
export type Durations = ReadonlyMap<string, number>;

/** Facts about files before they run. */
export interface FileWeights {
  readonly durations: Durations;
  /** The size of a file, for those that have no duration yet. */
  readonly sizeBytes: (file: string) => number;
}

/**
 * Splits files into at most `count` groups that take about as long as each other: each file, the longest first, joins the
 * group that is shortest so far. A file without a duration counts by its size, at the rate of the others. Every file is in
 * exactly one group; no group is empty.
 */
export function shardFiles(files: readonly string[], count: number, weights: FileWeights): readonly string[][] {
  const weigh = weightOf(files, weights);
  const shards = Array.from({ length: Math.min(count, files.length) }, () => ({ files: [] as string[], weight: 0 }));
  const weighed = files.map((file) => ({ file, weight: weigh(file) })).sort((a, b) => b.weight - a.weight);
  for (const { file, weight } of weighed) {
    const shortest = shards.reduce((best, shard) => (shard.weight < best.weight ? shard : best));
    shortest.files.push(file);
    shortest.weight += weight;
  }
  return shards.map((shard) => shard.files.sort());
}

function weightOf(files: readonly string[], { durations, sizeBytes }: FileWeights): (file: string) => number {
  const known = files.filter((file) => durations.has(file));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const knownBytes = sum(known.map(sizeBytes));
  const msPerByte = knownBytes === 0 ? 1 : sum(known.map((file) => durations.get(file) ?? 0)) / knownBytes;
  return (file) => Math.max(1, durations.get(file) ?? sizeBytes(file) * msPerByte);
}
