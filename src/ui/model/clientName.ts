import type { Translate } from './viewContext.ts';

const known: readonly (readonly [RegExp, string])[] = [
  [/^claude-(?:cli|code)\/([\d.]+)/i, 'Claude Code'],
  [/^Anthropic\/JS ([\d.]+)/i, 'Anthropic SDK'],
  [/^Anthropic\/Python ([\d.]+)/i, 'Anthropic SDK (Python)'],
  [/^OpenAI\/JS ([\d.]+)/i, 'OpenAI SDK'],
  [/^OpenAI\/Python ([\d.]+)/i, 'OpenAI SDK (Python)'],
  [/^(?:AsyncAnthropic|Anthropic)[^\d]*([\d.]+)/i, 'Anthropic SDK'],
  [/^codex[\w-]*\/([\d.]+)/i, 'Codex'],
  [/^curl\/([\d.]+)/i, 'curl'],
];

/** A client by its user agent: `Claude Code 2.1.330`; of one that nobody knows its first word. */
export function clientName(userAgent: string | null | undefined, t: Translate): string {
  if (userAgent === null || userAgent === undefined || userAgent === '') return t('unknown client');
  for (const [pattern, name] of known) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  return userAgent.split(/[\s(]/)[0]?.slice(0, 40) || t('unknown client');
}
