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
};

/** What this process has used so far. */
export interface ProcessUse {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** The gateway as it stands now, for `GET /metrics`. Pure. */
export function stateMetrics({ gateway, endpoints, totals }: Snapshot, use: ProcessUse): readonly Family[] {
  const { build: version, protocol, owner, network } = gateway;
  const each = (value: (endpoint: EndpointSnapshot) => number) =>
    endpoints.map((endpoint) => [{ endpoint: endpoint.id }, value(endpoint)] as const);
  return [
    gauge('signalbox_build_info', 'Always 1; the labels say what runs.', [[{ version, protocol, owner }, 1]]),
    gauge(
      'signalbox_endpoint_state',
      'Of the states of an endpoint, 1 for the one that it is in.',
      endpoints.flatMap(({ id, state }) => stateSet({ endpoint: id }, 'state', endpointStates, state)),
    ),
    gauge(
      'signalbox_breaker_state',
      'Of the states of a circuit breaker, 1 for the one that it is in.',
      endpoints.flatMap(({ id, breaker }) => stateSet({ endpoint: id }, 'state', breakerStates, breaker.state)),
    ),
    gauge(
      'signalbox_network_trouble',
      'Trouble of this machine and of no endpoint: 1 while it lasts.',
      stateSet({}, 'kind', networkTroubles, network?.kind),
    ),
    gauge('signalbox_requests_in_flight', 'Requests of clients under way.', [[{}, totals.inFlight]]),
    gauge('signalbox_requests_waiting', 'Requests that wait for a free place.', [[{}, totals.waiting]]),
    gauge(
      'signalbox_endpoint_requests_in_flight',
      'Requests under way at an endpoint.',
      each((endpoint) => endpoint.inFlight),
    ),
    gauge(
      'signalbox_sessions',
      'Sessions that are bound to an endpoint.',
      each((endpoint) => endpoint.sessionCount),
    ),
    gauge(
      'signalbox_connections_open',
      'Connections to an endpoint that are open.',
      each((endpoint) => endpoint.connections.open),
    ),
    counter(
      'signalbox_connections_opened_total',
      'Connections to an endpoint that were opened.',
      each((endpoint) => endpoint.connections.opened),
    ),
    gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', [
      [{}, gateway.startedAtMs / 1000],
    ]),
    counter('process_cpu_seconds_total', 'Processor time that the process has used.', [[{}, use.cpuSeconds]]),
    gauge('process_resident_memory_bytes', 'Memory that the process holds.', [[{}, use.residentBytes]]),
  ];
}

/** A sample for each state that there is: 1 for this one, 0 for the others. */
function stateSet(labels: Labels, name: string, states: Readonly<Record<string, true>>, current: string | undefined) {
  return Object.keys(states).map((state) => [{ ...labels, [name]: state }, state === current ? 1 : 0] as const);
}
