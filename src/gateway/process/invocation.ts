import { basename, isAbsolute, relative } from 'node:path';

/**
 * The command by which a person has called this program and can call it again with other flags: `npm start --`,
 * `npx signalbox`, `node dist/gateway.js`.
 */
export function invocation(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
  workingFolder: string,
): string {
  if (env['npm_command'] === 'exec') return `npx ${basename(program, '.js')}`;
  if (env['npm_lifecycle_event'] !== undefined) return 'npm start --';
  const near = relative(workingFolder, program);
  const path = near.startsWith('..') || isAbsolute(near) ? program : near;
  return `node ${/\s/.test(path) ? `"${path}"` : path}`;
}
