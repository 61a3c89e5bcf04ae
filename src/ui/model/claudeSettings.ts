import { applyEdits, modify, parse } from 'jsonc-parser';

/** The keys of Claude Code's `env` that connect it. */
export const claudeVariables = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN'] as const;

const formatting = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/** The value of `env[name]` in the text of a `settings.json`; undefined when it is not there or the text is no JSON. */
export function claudeVariable(text: string, name: string): string | undefined {
  const { env } = (parse(text) ?? {}) as { env?: Record<string, unknown> };
  const value = env?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** The text with `env` entries set, or taken away where the value is undefined; everything else stays as it is written. */
export function withClaudeVariables(text: string, values: Readonly<Record<string, string | undefined>>): string {
  let next = text.trim() === '' ? '{}\n' : text;
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined && claudeVariable(next, name) === undefined) continue;
    next = applyEdits(next, modify(next, ['env', name], value, formatting));
  }
  return next;
}

/**
 * The text as it is to be after disconnecting: of our entries those that still hold what we wrote get back what the
 * backup says, or go; what somebody changed since then stays.
 */
export function withoutOurVariables(text: string, backup: string, ourUrl: string, ourToken: string): string {
  const ours = { ANTHROPIC_BASE_URL: ourUrl, ANTHROPIC_AUTH_TOKEN: ourToken };
  const changes = claudeVariables.filter((name) => claudeVariable(text, name) === ours[name]);
  const restored = withClaudeVariables(
    text,
    Object.fromEntries(changes.map((name) => [name, claudeVariable(backup, name)])),
  );
  const { env: before } = (parse(backup) ?? {}) as { env?: unknown };
  const { env: now } = (parse(restored) ?? {}) as { env?: Record<string, unknown> };
  const isLeftOver = before === undefined && now !== undefined && Object.keys(now).length === 0;
  return isLeftOver ? applyEdits(restored, modify(restored, ['env'], undefined, formatting)) : restored;
}

/** One entry of the setting `claudeCode.environmentVariables`. */
interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** The list with our entries in it; others stay. */
export function withNamedValues(list: unknown, values: Readonly<Record<string, string>>): readonly NamedValue[] {
  return [...withoutNamedValues(list), ...Object.entries(values).map(([name, value]) => ({ name, value }))];
}

/** The list without our entries. */
export function withoutNamedValues(list: unknown): readonly NamedValue[] {
  const known: readonly string[] = claudeVariables;
  return (Array.isArray(list) ? (list as NamedValue[]) : []).filter(({ name }) => !known.includes(name));
}
