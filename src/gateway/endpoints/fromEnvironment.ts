import { environmentName } from '../../base/environmentReference.ts';

/** The trimmed value of the variable that `env:NAME` refers to; undefined for anything else, or when it is not set. */
export function fromEnvironment(
  reference: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const name = environmentName(reference);
  return name === undefined ? undefined : env[name]?.trim();
}
