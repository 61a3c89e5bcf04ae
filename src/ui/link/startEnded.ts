import type { GatewayStatus } from '../model/gatewayStatus.ts';
import type { GatewaySupervisor } from './gatewaySupervisor.ts';

type Supervisor = Pick<GatewaySupervisor, 'status' | 'onStatus'>;

/**
 * Resolves when the supervisor is not starting a gateway: at once, or as soon as the start has succeeded, failed or been
 * stopped; after `withinMs` in any case.
 */
export function startEnded(supervisor: Supervisor, withinMs: number): Promise<void> {
  return statusFits(supervisor, ({ kind }) => kind !== 'starting', withinMs);
}

/** Resolves as soon as the status fits; after `withinMs` in any case. */
export function statusFits(
  supervisor: Supervisor,
  fits: (status: GatewayStatus) => boolean,
  withinMs: number,
): Promise<void> {
  if (fits(supervisor.status)) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(settle, withinMs);
    const subscription = supervisor.onStatus.on((status) => {
      if (fits(status)) settle();
    });
  });
}
