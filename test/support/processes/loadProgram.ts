// A client and an endpoint in a process of their own, for tests that count what a gateway does for a request.
import { ClientConnection } from '../../../bench/load/clientConnection.ts';
import { type BodySize, clientRequest } from '../../../bench/load/clientRequest.ts';
import { isAnswered } from '../../../bench/load/closedLoop.ts';
import { SimulatedEndpoint } from '../../../bench/targets/simulatedEndpoint.ts';

/** Requests to send to the gateway, one by one over one connection. */
export interface LoadOrder {
  readonly port: number;
  readonly requests: number;
  readonly size: BodySize;
  /** Text deltas of each answer, sent in one piece; 0 is an answer in JSON. */
  readonly deltas: number;
}

/** The first message names the endpoint's port; each order is answered by one without, or by what went wrong. */
export interface LoadReport {
  readonly endpointPort?: number;
  readonly trouble?: string;
}

const endpoint = await SimulatedEndpoint.open({ deltas: 0, intervalMs: 0, delayMs: 0 });

async function carryOut({ port, requests, size, deltas }: LoadOrder): Promise<LoadReport> {
  endpoint.plan = { deltas, intervalMs: 0, delayMs: 0 };
  const connection = new ClientConnection(port);
  const request = clientRequest({ port, size, isStream: deltas > 0, session: 0 });
  for (let sent = 0; sent < requests; sent++) {
    const exchange = await connection.exchange(request);
    if (!isAnswered(exchange)) return { trouble: JSON.stringify(exchange) };
  }
  connection.close();
  return {};
}

function tell(report: LoadReport): void {
  process.send?.(report);
}

process.on('message', (order: LoadOrder) => void carryOut(order).then(tell));
process.on('disconnect', () => process.exit());
tell({ endpointPort: endpoint.port });
