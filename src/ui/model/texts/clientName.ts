import { plainLine } from '../treeNode.ts';
import type { Translate } from '../viewContext.ts';

const known: readonly (readonly [RegExp, string])[] = [
  [/^claude-(?:cli|code)\/([\d.]+)/i, 'Claude Code'],
  [/^(?:Async)?Anthropic\w*\/Python(?: ([\d.]+))?/i, 'Anthropic SDK (Python)'],
  [/^(?:Async)?OpenAI\/Python(?: ([\d.]+))?/i, 'OpenAI SDK (Python)'],
  [/^Anthropic\w*\/JS(?: ([\d.]+))?/i, 'Anthropic SDK'],
  [/^OpenAI\/JS(?: ([\d.]+))?/i, 'OpenAI SDK'],
  [/^codex[\w-]*\/([\d.]+)/i, 'Codex'],
  [/^curl\/([\d.]+)/i, 'curl'],
];

/** A client's name from its user agent: `Claude Code 2.1.330`; the first word for unknown clients. */
export function clientName(userAgent: string | null | undefined, t: Translate): string {
  if (userAgent === null || userAgent === undefined || userAgent === '') return t('unknown client');
  for (const [pattern, name] of known) {
    const match = pattern.exec(userAgent);
    if (match !== null) return match[1] === undefined ? name : `${name} ${match[1]}`;
  }
  return plainLine(userAgent.split(/[\s(]/)[0] ?? '', 40) || t('unknown client');
}
