/** How an endpoint can serve Claude Code and other clients of the Anthropic API: as they come, by translation, or not at all. */
export function claudeService({
  dialect = 'anthropic',
  alsoServes = [],
}: {
  readonly dialect?: string;
  readonly alsoServes?: readonly string[];
}): 'native' | 'translated' | 'none' {
  if (dialect === 'anthropic') return 'native';
  return alsoServes.includes('anthropic') ? 'translated' : 'none';
}
