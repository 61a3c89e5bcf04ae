import type { EndpointSnapshot, Snapshot } from '../../contract/snapshot.ts';
import type { EndpointStateName } from '../../core/endpoint/endpointState.ts';
import { counter, type Family, gauge, type Labels } from './exposition.ts';

const endpointStates: Readonly<Record<EndpointStateName, true>> = {
  healthy: true,
  unused: true,
  degraded: true,
  cooling: true,
  halfOpen: true,
  open: true,
  suspended: true,
  disabled: true,
  keyMissing: true,
};
const breakerStates: Readonly<Record<EndpointSnapshot['breaker']['state'], true>> = {
  closed: true,
  halfOpen: true,
  open: true,
};
const networkTroubles: Readonly<Record<NonNullable<Snapshot['gateway']['network']>['kind'], true>> = {
  offline: true,
  proxy: true,
  machine: true,
};

/** Resources that this process has used since its start. */
export interface ProcessUse {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** The current state of the gateway as metric families, for `GET /metrics`. Pure. */
export function snapshotMetrics({ gateway, endpoints, totals }: Snapshot, use: ProcessUse): readonly Family[] {
  const { build: version, protocol, owner, network } = gateway;
  const each = (value: (endpoint: EndpointSnapshot) => number) =>
    endpoints.map((endpoint) => [{ endpoint: endpoint.id }, value(endpoint)] as const);
  return [
    gauge('signalbox_build_info', 'Always 1; the labels say what runs.', [[{ version, protocol, owner }, 1]]),
    gauge(
      'signalbox_endpoint_state',
      '1 for the state that an endpoint is in, 0 for the others.',
      endpoints.flatMap(({ id, state }) => stateSet({ endpoint: id }, 'state', endpointStates, state)),
    ),
    gauge(
      'signalbox_breaker_state',
      '1 for the state that a circuit breaker is in, 0 for the others.',
      endpoints.flatMap(({ id, breaker }) => stateSet({ endpoint: id }, 'state', breakerStates, breaker.state)),
    ),
    gauge(
      'signalbox_network_trouble',
      '1 while this machine has network trouble of that kind.',
      stateSet({}, 'kind', networkTroubles, network?.kind),
    ),
    gauge('signalbox_requests_in_flight', 'Client requests under way.', [[{}, totals.inFlight]]),
    gauge('signalbox_requests_waiting', 'Client requests that wait for a free slot.', [[{}, totals.waiting]]),
    gauge(
      'signalbox_endpoint_requests_in_flight',
      'Requests under way at an endpoint.',
      each((endpoint) => endpoint.inFlight),
    ),
    gauge(
      'signalbox_sessions',
      'Sessions bound to an endpoint.',
      each((endpoint) => endpoint.sessionCount),
    ),
    gauge(
      'signalbox_connections_open',
      'Open connections to an endpoint.',
      each((endpoint) => endpoint.connections.open),
    ),
    counter(
      'signalbox_connections_opened_total',
      'Connections opened to an endpoint.',
      each((endpoint) => endpoint.connections.opened),
    ),
    gauge('process_start_time_seconds', 'Start time of the process since the Unix epoch, in seconds.', [
      [{}, gateway.startedAtMs / 1000],
    ]),
    counter('process_cpu_seconds_total', 'User and system CPU time of the process, in seconds.', [
      [{}, use.cpuSeconds],
    ]),
    gauge('process_resident_memory_bytes', 'Resident memory of the process, in bytes.', [[{}, use.residentBytes]]),
  ];
}

/** A sample for each possible state: 1 for the current one, 0 for the others. */
function stateSet(labels: Labels, name: string, states: Readonly<Record<string, true>>, current: string | undefined) {
  return Object.keys(states).map((state) => [{ ...labels, [name]: state }, state === current ? 1 : 0] as const);
}
