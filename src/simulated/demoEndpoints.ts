import type { Answer, Behaviour } from './behaviour.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from './simulatedEndpoint.ts';

/** Two endpoints to try the product with, without a key and without cost. */
export interface DemoEndpoints {
  /** Always healthy. */
  readonly steady: SimulatedEndpoint;
  /** Fails about three requests in ten, in one of several ways. */
  readonly flaky: SimulatedEndpoint;
  close(): Promise<void>;
}

/** Starts them on free ports. `random` gives numbers from 0 up to, not including, 1. */
export async function startDemoEndpoints(random: () => number): Promise<DemoEndpoints> {
  const memory = { keptRequests: 100, keptBodiesBytes: 0 };
  const steady = await startSimulatedEndpoint({ name: 'steady', ...memory });
  const flaky = await startSimulatedEndpoint({ name: 'flaky', ...memory });
  steady.behave({ kind: 'healthy', ...demoAnswer('steady') });
  flaky.behave({ kind: 'healthy', ...demoAnswer('flaky') });
  flaky.behaveBy(() =>
    random() < failureShare ? demoFailures[Math.floor(random() * demoFailures.length)] : undefined,
  );
  const close = async () => {
    await Promise.all([steady.close(), flaky.close()]);
  };
  return { steady, flaky, close };
}

const failureShare = 0.3;

/** Failures of the flaky endpoint, all before any content. */
const demoFailures: readonly Behaviour[] = [
  { kind: 'status', status: 529 },
  { kind: 'status', status: 500 },
  { kind: 'cut', at: 'afterStart', how: 'rst' },
  { kind: 'cut', at: 'beforeHeaders', how: 'rst' },
];

function demoAnswer(name: string): Answer {
  return {
    text:
      `Hello, this is the demo endpoint "${name}". Every word of this answer arrives in an event of its own, ` +
      'about thirty milliseconds after the one before, the way a model would write it. ' +
      'Nothing here costs anything, and nothing leaves this machine. ' +
      'If another endpoint failed a moment ago, you would not have noticed: the request simply came here instead.',
    firstByteDelayMs: 150,
    eventDelayMs: 30,
    usage: { inputTokens: 1200, cacheReadTokens: 18_000, cacheWriteTokens: 400, outputTokens: 80 },
  };
}
