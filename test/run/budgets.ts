/** CPU seconds that a step may take: in `npm test`, and in the long run. */
export interface Budget {
  readonly short: number;
  readonly long: number;
}

/**
 * The budgets, by step: half as much again as was measured on two cores. A step that needs more has become slower and is
 * looked at, or its budget is raised in the same commit that says what it buys.
 */
export const budgets: Readonly<Record<string, Budget>> = {
  package: { short: 13, long: 13 },
  build: { short: 5, long: 5 },
  types: { short: 38, long: 38 },
  lint: { short: 5, long: 5 },
  unused: { short: 5, long: 5 },
  unit: { short: 96, long: 210 },
  e2e: { short: 290, long: 680 },
  integration: { short: 460, long: 525 },
  // Four more real agents, some sixty starts of them, in the long run; Codex in both.
  clients: { short: 85, long: 700 },
  floor: { short: 100, long: 540 },
  host: { short: 28, long: 28 },
  browser: { short: 56, long: 56 },
  kills: { short: 23, long: 60 },
  soak: { short: 14, long: 20 },
};
