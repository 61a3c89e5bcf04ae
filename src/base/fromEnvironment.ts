import { environmentName } from './environmentReference.ts';
import { bareKey } from './pastedText.ts';

/** The trimmed value of the variable that `env:NAME` refers to; undefined for anything else, or when it is not set. */
export function fromEnvironment(
  reference: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const name = environmentName(reference);
  return name === undefined ? undefined : env[name]?.trim();
}

/** The key in the variable that `env:NAME` refers to, without quotes or `Bearer` around it; undefined where there is none. */
export function keyFromEnvironment(
  reference: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const value = fromEnvironment(reference, env);
  return value === undefined ? undefined : bareKey(value);
}
