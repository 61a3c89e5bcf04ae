/** `env:NAME`: a reference to a value in the environment. */
export const environmentReference = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

/** The name in an `env:NAME`; undefined for anything else. */
export function environmentName(reference: string | undefined): string | undefined {
  return environmentReference.exec(reference ?? '')?.[1];
}
