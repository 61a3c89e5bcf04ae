import { claudeService } from '../claudeService.ts';
import { type GatewayStatus, snapshotOf } from '../gatewayStatus.ts';

/** The part of a status that concerns clients, as a text to compare: the gateway's address, and whether it can serve them. */
export function clientMark(status: GatewayStatus): string {
  const snapshot = snapshotOf(status);
  if (snapshot === undefined) return '';
  const { pid, url, clientToken, hasConfig, isDraining } = snapshot.gateway;
  const endpoints = snapshot.endpoints.map((one) => [
    one.id,
    claudeService(one),
    one.isEnabled,
    one.state === 'keyMissing',
  ]);
  return JSON.stringify([pid, url, clientToken, hasConfig, isDraining, endpoints]);
}
