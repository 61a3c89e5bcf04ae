import { parseArgs } from 'node:util';

/** The arguments of a run. */
export interface RunRequest {
  /** Whether everything is run, the long tests too. */
  readonly isLong: boolean;
  /** The steps by name; none means all. */
  readonly stepNames: readonly string[];
  /** The commit or branch since which changes count; undefined when the run is not about changes. */
  readonly changedSince: string | undefined;
}

const defaultBase = 'main';

/**
 * Reads `[--all] [--changed [base]] [step ...]`. A word after `--changed` is the base unless it names a step.
 * Throws on an unknown option or step, naming those that exist.
 */
export function readArguments(args: readonly string[], known: readonly string[]): RunRequest {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { all: { type: 'boolean' }, changed: { type: 'boolean' } },
    tokens: true,
  });
  const changedAt = tokens.findIndex((token) => token.kind === 'option' && token.name === 'changed');
  const next = changedAt < 0 ? undefined : tokens[changedAt + 1];
  const base = next?.kind === 'positional' && !known.includes(next.value) ? next.value : undefined;

  const stepNames = base === undefined ? positionals : positionals.filter((word) => word !== base);
  const unknown = stepNames.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`unknown step: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return {
    isLong: values.all === true,
    stepNames,
    changedSince: values.changed === true ? (base ?? defaultBase) : undefined,
  };
}
