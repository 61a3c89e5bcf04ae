/** Variables of Node's that a test run sets for all that it starts: where coverage is left, and where compiled code is kept. */
const ofTheRun = ['NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'] as const;

/** The environment of programs under test: PATH and HOME, and nothing that would change how they behave. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  const own = ofTheRun.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { PATH, HOME, ...Object.fromEntries(own) };
}
