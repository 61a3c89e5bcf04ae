import type { Behaviour, StreamError } from '../../src/simulated/behaviour.ts';

/** A number from 0 to 1, 1 left out. */
export type Random = () => number;

/** Numbers that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const places: readonly StreamError['at'][] = [
  'afterStart',
  { afterEvents: 3 },
  { midEvent: 5 },
  'beforeStop',
  'beforeTerminal',
];

/** What an endpoint does with a request of the soak: most are answered in a stream of a second or so, some fail somehow. */
export function soakBehaviour(random: Random): Behaviour {
  const answer = {
    text: 'All is well on this line. '.repeat(4 + Math.floor(random() * 60)),
    textEvents: 10 + Math.floor(random() * 40),
    eventDelayMs: Math.floor(random() * 30),
  };
  const at = places[Math.floor(random() * places.length)] ?? 'afterStart';
  const dice = random();
  if (dice < 0.03) return { kind: 'cut', at: 'beforeHeaders', how: 'rst' };
  if (dice < 0.06) return { kind: 'status', status: 529 };
  if (dice < 0.08) return { kind: 'status', status: 500 };
  if (dice < 0.11) return { kind: 'cut', at, how: 'rst', answer };
  if (dice < 0.13) return { kind: 'cut', at, how: 'fin', answer };
  if (dice < 0.16) return { kind: 'streamError', at, errorType: 'overloaded_error', answer };
  if (dice < 0.17) return { kind: 'hang', at, answer };
  if (dice < 0.18) return { kind: 'hang', at: 'beforeHeaders' };
  if (dice < 0.19) return { kind: 'keepOpen', answer };
  return { kind: 'healthy', ...answer };
}
