/** An element of `signalbox.endpoints` as in the settings: only `id` and `baseUrl` are required. */
export interface EndpointSetting {
  readonly id: string;
  readonly name?: string;
  readonly baseUrl: string;
  readonly dialect?: 'anthropic' | 'openai';
  readonly auth?: 'x-api-key' | 'bearer' | 'none';
  readonly apiKey?: string;
  readonly priority?: number;
  readonly enabled?: boolean;
  readonly alsoServes?: readonly 'anthropic'[];
  readonly formats?: readonly ('chat' | 'responses')[];
  readonly modelMap?: Readonly<Record<string, string>>;
}

/** The elements of a setting that have the shape of endpoints; the user may have written anything. */
export function endpointSettings(value: unknown): readonly EndpointSetting[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one: Partial<EndpointSetting> | null): one is EndpointSetting => {
    return typeof one === 'object' && typeof one?.id === 'string' && typeof one.baseUrl === 'string';
  });
}

/** A name derived from an address: `relay.example.com` for `https://relay.example.com/api`. */
export function nameFromUrl(url: string): string {
  return URL.parse(url)?.host ?? url;
}

/** An unused id derived from a name: `[a-z0-9][a-z0-9-]{0,31}`. */
export function idFromName(name: string, taken: ReadonlySet<string>): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const base = words.slice(0, 28).replace(/-+$/, '') || 'endpoint';
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}

/** The API that an address suggests, if any. */
export function dialectFromUrl(url: string): 'anthropic' | 'openai' {
  const path = url.toLowerCase();
  if (/\/(?:messages|anthropic)(?:\/|$)/.test(path)) return 'anthropic';
  return /openai|\/chat\/completions|\/responses$|:11434|\/paas\/v\d/.test(path) ? 'openai' : 'anthropic';
}

/**
 * Moves an endpoint one step up or down in priority: from a shared level to a level of its own, otherwise it swaps with the
 * next level. Priorities become 1, 2, 3... Undefined if it is already at the end.
 */
export function moved<T extends EndpointSetting>(
  endpoints: readonly T[],
  id: string,
  direction: 'up' | 'down',
): readonly T[] | undefined {
  const numbers = [...new Set(endpoints.map(priorityOf))].sort((a, b) => a - b);
  const levels = numbers.map((number) => endpoints.filter((one) => priorityOf(one) === number));
  const from = levels.findIndex((level) => level.some((one) => one.id === id));
  const level = levels[from];
  const one = level?.find((candidate) => candidate.id === id);
  if (level === undefined || one === undefined) return undefined;
  const step = direction === 'up' ? -1 : 1;
  if (level.length > 1) {
    levels[from] = level.filter((other) => other !== one);
    levels.splice(direction === 'up' ? from : from + 1, 0, [one]);
  } else {
    const neighbour = levels[from + step];
    if (neighbour === undefined) return undefined;
    levels[from + step] = level;
    levels[from] = neighbour;
  }
  return levels.flatMap((members, index) => members.map((member) => ({ ...member, priority: index + 1 })));
}

/**
 * Puts an endpoint in the place of another one, with a priority of its own; without `target` at the end. Priorities become 1, 2,
 * 3... Undefined if one of them is not there.
 */
export function placed<T extends EndpointSetting>(
  endpoints: readonly T[],
  id: string,
  target: string | undefined,
): readonly T[] | undefined {
  const numbers = [...new Set(endpoints.map(priorityOf))].sort((a, b) => a - b);
  const levels = numbers.map((number) => endpoints.filter((one) => priorityOf(one) === number));
  const levelOf = (wanted: string): number => levels.findIndex((level) => level.some((one) => one.id === wanted));
  const one = endpoints.find((candidate) => candidate.id === id);
  const to = target === undefined ? levels.length - 1 : levelOf(target);
  if (one === undefined || to === -1) return undefined;
  // Dragged down it comes after the target, dragged up before it: it takes the target's place.
  const isDown = levelOf(id) < to || target === undefined;
  const others = levels.map((level) => level.filter((other) => other !== one));
  others.splice(isDown ? to + 1 : to, 0, [one]);
  const filled = others.filter((level) => level.length > 0);
  return filled.flatMap((members, index) => members.map((member) => ({ ...member, priority: index + 1 })));
}

function priorityOf({ priority }: EndpointSetting): number {
  return Number.isInteger(priority) ? Number(priority) : 1;
}

/** The priority for a new endpoint: after all others, within the allowed range. */
export function lastPriority(endpoints: readonly EndpointSetting[]): number {
  return Math.min(100, Math.max(0, ...endpoints.map(priorityOf)) + 1);
}
