/**
 * The rate-limit family of a model: a 429 on one family says nothing about another (behaviour.md §4). Claude's tiers
 * are families; any other model is its own, whatever date its name carries.
 */
export function modelFamily(model: string): string {
  const tier = /^claude-.*\b(opus|sonnet|haiku|fable)\b/.exec(model.toLowerCase());
  return tier?.[1] ?? model.toLowerCase().replace(/[-@]\d{4}-?\d{2}-?\d{2}$/, '');
}

/** Whether a model matches a pattern, in which `*` matches any text; case-insensitive. */
function matchesModel(pattern: string, model: string): boolean {
  const [first = '', ...others] = pattern.toLowerCase().split('*');
  const last = others.pop();
  const name = model.toLowerCase();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether an endpoint with these `models` patterns serves a model; without patterns it serves all. */
export function servesModel(patterns: readonly string[] | undefined, model: string | undefined): boolean {
  return patterns === undefined || model === undefined || patterns.some((pattern) => matchesModel(pattern, model));
}

/** The value of the most specific pattern that a model matches: the one with the most characters besides `*`. */
export function mostExact<T>(byPattern: Readonly<Record<string, T>>, model: string): T | undefined {
  const matching = Object.entries(byPattern).filter(([pattern]) => matchesModel(pattern, model));
  matching.sort(([a], [b]) => b.replaceAll('*', '').length - a.replaceAll('*', '').length);
  return matching[0]?.[1];
}

/** A model's name at an endpoint, by the most specific pattern of its `modelMap`. */
export function mappedModel(modelMap: Readonly<Record<string, string>>, model: string): string {
  return mostExact(modelMap, model) ?? model;
}
