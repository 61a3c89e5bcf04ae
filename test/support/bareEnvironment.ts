/**
 * The environment of programs under test: PATH and HOME, and nothing that would change how they behave. `npm run coverage`
 * adds where they leave their coverage.
 */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_V8_COVERAGE } = process.env;
  return { PATH, HOME, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }) };
}
