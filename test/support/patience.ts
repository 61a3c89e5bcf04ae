/** How much slower than an idle machine one may be that does other work too. */
const loadFactor = 6;

/**
 * How long, in milliseconds, a test waits before it gives up something that an idle machine needs at most `idleMs` for. A test
 * waits for conditions, so only one that fails takes that long.
 */
export function patient(idleMs: number): number {
  return idleMs * loadFactor;
}
