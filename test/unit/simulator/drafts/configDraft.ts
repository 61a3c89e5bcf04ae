import { type Config, parseConfig } from '../../../../src/core/config/config.ts';
import type { RandomSource } from './randomSource.ts';

export const strategies = ['priority', 'weighted', 'roundRobin', 'random', 'leastConnections', 'fastest'] as const;

/** The models that clients ask for. */
export const models = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'gpt-5'] as const;

/** A checked configuration; endpoints e1, e2, ... get an address that nothing resolves. */
export function configOf(endpoints: readonly object[], more: object): Config {
  const given = endpoints.map((one, index) => ({
    id: `e${index + 1}`,
    baseUrl: `https://192.0.2.${index + 1}`,
    ...one,
  }));
  const parsed = parseConfig({ endpoints: given, ...more });
  if (parsed.kind === 'bad') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

/** Any configuration that a person might have, and some that nobody would. */
export function drawConfig(random: RandomSource): Config {
  const isMixed = random.chance(0.3);
  const dialect = random.pick(['anthropic', 'anthropic', 'openai']);
  const endpoints = Array.from(
    {
      length: random.weighted([
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 2],
        [5, 1],
      ]),
    },
    () => ({
      dialect: isMixed ? random.pick(['anthropic', 'openai']) : dialect,
      priority: random.between(1, 3),
      weight: random.pick([1, 50, 100]),
      maxConcurrent: random.weighted([
        [null, 6],
        [1, 1],
        [2, 2],
        [5, 1],
      ]),
      ...(random.chance(0.1) ? { models: ['claude-*'] } : {}),
    }),
  );
  const openSeconds = random.pick([1, 10, 60, 60]);
  return configOf(endpoints, {
    strategy: random.pick(strategies),
    retry: {
      maxAttempts: random.weighted([
        [1, 1],
        [2, 1],
        [3, 6],
        [5, 1],
      ]),
      preCommitSeconds: random.pick([10, 180]),
    },
    breaker: {
      failureThreshold: random.pick([1, 3, 3, 5]),
      openSeconds,
      maxOpenSeconds: Math.max(openSeconds, random.pick([60, 300])),
    },
    affinity: {
      enabled: random.chance(0.8),
      ttlMinutes: random.pick([5, 300]),
      goHomeAfterIdleSeconds: random.pick([0, 300]),
    },
    timeouts: { firstByteMs: random.pick([3000, 120_000]), idleMs: random.pick([5000, 60_000, 240_000]) },
    stream: { breakStyle: random.pick(['destroy', 'destroy', 'destroy', 'event']) },
  });
}
