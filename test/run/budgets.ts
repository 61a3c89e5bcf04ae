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
  package: { short: 7, long: 7 },
  build: { short: 5, long: 5 },
  types: { short: 38, long: 30 },
  lint: { short: 5, long: 5 },
  unused: { short: 5, long: 5 },
  unit: { short: 96, long: 300 },
  e2e: { short: 290, long: 900 },
  integration: { short: 460, long: 600 },
  clients: { short: 65, long: 400 },
  floor: { short: 100, long: 600 },
  host: { short: 28, long: 60 },
  browser: { short: 56, long: 60 },
  kills: { short: 23, long: 120 },
  soak: { short: 14, long: 60 },
};
