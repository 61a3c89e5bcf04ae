/** Below, equal to or above 0 as `a` is older, as old as or newer than `b`. Reads `1.2.3`; what follows does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const differing = left.findIndex((number, index) => number !== right[index]);
  return differing === -1 ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}

/** Three numbers; where there are none the version is older than all others. */
function numbersOf(version: string): readonly number[] {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major ?? -1), Number(minor ?? -1), Number(patch ?? -1)];
}
