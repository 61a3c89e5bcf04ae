import { applyEdits, type Edit, modify, type ParseError, parse } from 'jsonc-parser';
import { isRecord } from '../../../base/isRecord.ts';

/** The keys of Claude Code's `env` that connect it to the gateway. */
const claudeVariables = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN'] as const;

/** Parses settings; undefined if the text is not a JSON object. Comments and trailing commas are allowed. */
function settingsOf(text: string): { readonly env?: unknown } | undefined {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  return errors.length === 0 && isRecord(value) ? value : undefined;
}

/** Whether a text contains settings that can be edited. */
export function isSettings(text: string): boolean {
  return settingsOf(text) !== undefined;
}

/** The value of `env[name]` in the text of a `settings.json`; undefined if missing or not JSON. */
export function claudeVariable(text: string, name: string): string | undefined {
  const env = settingsOf(text)?.env;
  const value = typeof env === 'object' && env !== null ? (env as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/**
 * Sets `env` entries in the text, or removes them if the value is undefined; every other line keeps its bytes. Throws for a
 * text without valid settings, which must not be overwritten.
 */
export function withClaudeVariables(text: string, values: Readonly<Record<string, string | undefined>>): string {
  let next = text.trim() === '' ? '{}\n' : text;
  if (settingsOf(next) === undefined) throw new SyntaxError('not a JSON object');
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined && claudeVariable(next, name) === undefined) continue;
    next = withProperty(next, ['env', name], value);
  }
  return next;
}

/** Sets or removes one property; in a multi-line text an inserted property gets its own line. */
function withProperty(text: string, path: readonly string[], value: string | undefined): string {
  const isOneLine = text.trim().includes(':') && !text.trim().includes('\n');
  const edits = modify(text, [...path], value, {});
  return applyEdits(
    text,
    isOneLine ? edits : edits.map((edit) => (edit.length > 0 ? edit : laidOut(edit, text, path))),
  );
}

function laidOut(edit: Edit, text: string, [outermost]: readonly string[]): Edit {
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const isFollowing = edit.content.startsWith(',');
  const property = JSON.parse(`{${edit.content.replace(/^,|,$/g, '')}}`) as object;
  const depth = Object.hasOwn(property, outermost ?? '') ? 0 : 1;
  const lines = JSON.stringify(property, undefined, indent).split('\n').slice(1, -1);
  const body = lines.map((line) => lineEnd + indent.repeat(depth) + line).join('');
  if (isFollowing) return { ...edit, content: `,${body}` };
  return { ...edit, content: edit.content.endsWith(',') ? `${body},` : body + lineEnd + indent.repeat(depth) };
}

/** The text after disconnecting: our unchanged entries are restored from the backup or removed; changed entries stay. */
export function withoutOurVariables(text: string, backup: string, ourUrl: string, ourToken: string): string {
  const ours = { ANTHROPIC_BASE_URL: ourUrl, ANTHROPIC_AUTH_TOKEN: ourToken };
  const changes = claudeVariables.filter((name) => claudeVariable(text, name) === ours[name]);
  if (changes.length === 0) return text;
  if (settingsOf(backup) !== undefined && withClaudeVariables(backup, ours) === text) return backup;
  const values = changes.map((name) => [name, claudeVariable(backup, name)] as const);
  const restored = withClaudeVariables(text, Object.fromEntries(values));
  const isLeftOver =
    settingsOf(backup)?.env === undefined && Object.keys(settingsOf(restored)?.env ?? { x: 1 }).length === 0;
  return isLeftOver ? applyEdits(restored, modify(restored, ['env'], undefined, {})) : restored;
}

/** One entry of the setting `claudeCode.environmentVariables`. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** The list with our entries added; others stay. */
export function withNamedValues(list: unknown, values: Readonly<Record<string, string>>): readonly NamedValue[] {
  return [...withoutNamedValues(list), ...Object.entries(values).map(([name, value]) => ({ name, value }))];
}

/** The entries of the list that ours replace. */
export function hiddenNamedValues(list: unknown): readonly NamedValue[] {
  const others = withoutNamedValues(list);
  return Array.isArray(list) ? (list as NamedValue[]).filter((one) => !others.includes(one)) : [];
}

/** The list without our entries. */
export function withoutNamedValues(list: unknown): readonly NamedValue[] {
  const known: readonly string[] = claudeVariables;
  return (Array.isArray(list) ? (list as NamedValue[]) : []).filter(
    (one: NamedValue | null) => !known.includes(one?.name ?? ''),
  );
}
