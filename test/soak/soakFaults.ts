import type { Behaviour, StreamError } from '../../src/simulated/behaviour.ts';

/** A number from 0 to 1, 1 left out. */
export type Random = () => number;

const places: readonly StreamError['at'][] = [
  'afterStart',
  { afterEvents: 3 },
  { midEvent: 5 },
  'beforeStop',
  'beforeTerminal',
];

/** The behaviour of an endpoint in the soak: most are answered in a stream of a second or so, some fail somehow. */
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
