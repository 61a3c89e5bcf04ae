import type { GatewaySupervisor } from '../link/gatewaySupervisor.ts';

/**
 * Resolves when the supervisor is not starting a gateway: at once, or as soon as the start has succeeded, failed or been
 * stopped; after `withinMs` in any case.
 */
export function startEnded(
  supervisor: Pick<GatewaySupervisor, 'status' | 'onStatus'>,
  withinMs: number,
): Promise<void> {
  if (supervisor.status.kind !== 'starting') return Promise.resolve();
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(settle, withinMs);
    const subscription = supervisor.onStatus.on(({ kind }) => {
      if (kind !== 'starting') settle();
    });
  });
}
