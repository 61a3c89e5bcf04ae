import type { GatewayStanding } from '../../../contract/dashboard.ts';
import type { Snapshot } from '../../../contract/snapshot.ts';
import type { GatewayStatus } from '../gatewayStatus.ts';
import { failureText, remedyLabel } from '../texts/failureText.ts';
import type { Translate } from '../viewContext.ts';

/** The state of the gateway for the page. `isOld`: the running gateway has no metrics. */
export function standingOf(status: GatewayStatus, isOld: boolean, t: Translate): GatewayStanding {
  if (status.kind === 'running') return { kind: isOld ? 'old' : 'running' };
  if (status.kind !== 'failed') return { kind: status.kind };
  const { message, remedies } = failureText(status.failure, t);
  const offers = remedies.map((remedy) => ({ label: remedyLabel(remedy, t), command: remedy }));
  return { kind: 'failed', message, offers };
}

/** Changes whenever there is new data: an endpoint's state, a request, or another gateway. */
export function recordsMark({ gateway, totals, requests, endpoints }: Snapshot): string {
  const states = endpoints.map(({ id, state }) => `${id}=${state}`).join();
  return [gateway.pid, totals.requests, requests[0]?.id ?? '', states].join(' ');
}
