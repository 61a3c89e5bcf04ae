import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { type ExactEndpoint, piecesOf, startExactEndpoint, writePieces } from '../endpoints/exactEndpoint.ts';
import type { Format } from '../endpoints/wholeStreams.ts';
import {
  type GatewayOptions,
  type GatewayProcess,
  startGateway,
  type TestGateway,
  until,
} from '../processes/startGateway.ts';
import { startInProcess } from '../processes/startInProcess.ts';
import { type Answer, type Asking, type Conversation, converse } from './converse.ts';

/** How an endpoint breaks off: a clean end, a FIN or a reset without the last chunk, or silence. */
export type Break = 'eof' | 'fin' | 'rst' | 'silence';

/** An answer in two steps: the client has all of `first` before `rest` is sent, and after it the end. */
export interface Script {
  readonly first: Buffer;
  readonly rest?: Buffer;
  readonly how: Break;
  /** Of the endpoint's answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces that `rest` is sent in. */
  readonly pieceBytes?: number;
}

/** A gateway whose answers a test writes itself; behind the endpoint in use stands a healthy one that is not needed. */
export interface ExactScene<Gateway extends TestGateway = TestGateway> {
  readonly gateway: Gateway;
  readonly endpoint: ExactEndpoint;
  /** How many requests have come to the endpoint that is not needed. */
  spareCount(): number;
  /** Asks in a format, as a client that streams; each time in a conversation of its own. */
  converse(format: Format, headers?: Asking['headers'], more?: object): Conversation;
  /** Asks, and has the endpoint answer by the script. */
  play(format: Format, script: Script, headers?: Asking['headers']): Promise<Answer>;
  recordOf(answer: Pick<Answer, 'headers'>): Promise<RequestRecord>;
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** A header of every Claude Code request. */
export const claudeCode = { 'user-agent': 'claude-cli/2.1.330 (external, cli)' } as const;

/** Starts it; `config` replaces sections of the configuration. */
export function startExactScene(config: Readonly<Record<string, unknown>> = {}): Promise<ExactScene> {
  return exactSceneBehind(startInProcess, config);
}

/** The same where the test is about the memory of the gateway's process. */
export function startExactProcessScene(): Promise<ExactScene<GatewayProcess>> {
  return exactSceneBehind(startGateway, {});
}

async function exactSceneBehind<Gateway extends TestGateway>(
  startGatewayOf: (options: GatewayOptions) => Promise<Gateway>,
  config: Readonly<Record<string, unknown>>,
): Promise<ExactScene<Gateway>> {
  const endpoint = await startExactEndpoint();
  const spare = await startExactEndpoint();
  let spareCount = 0;
  let opening = 0;
  spare.answer = (response) => {
    spareCount += 1;
    response.writeHead(500).end();
  };
  const endpoints = (['anthropic', 'openai'] as const).flatMap((dialect) => [
    { id: dialect, dialect, baseUrl: endpoint.url, auth: 'none', priority: 1 },
    { id: `spare-${dialect}`, dialect, baseUrl: spare.url, auth: 'none', priority: 2 },
  ]);
  const gateway = await startGatewayOf({
    config: { clientToken: null, warmup: { onStart: false }, recovery: { enabled: false }, endpoints, ...config },
  });
  const start: ExactScene['converse'] = (format, headers = {}, more = {}) => {
    opening += 1;
    const json = { ...format.asking(`Question ${opening}`), stream: true, ...more };
    return converse(`${gateway.url}${format.path}`, { headers, json });
  };
  return {
    gateway,
    endpoint,
    spareCount: () => spareCount,
    converse: start,
    play: async (format, { first, rest, how, headers: own, pieceBytes = 1_000_000 }, headers) => {
      const goOn = Promise.withResolvers<void>();
      endpoint.answer = async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', ...own });
        response.write(first);
        await goOn.promise;
        if (rest !== undefined) await writePieces(response, piecesOf(rest, pieceBytes));
        breakOff(response, how);
      };
      const conversation = start(format, headers);
      await until('the first part', conversation.byteCount, (count) => count === first.length);
      goOn.resolve();
      return conversation.end;
    },
    recordOf: async ({ headers }) => {
      const id = headers['x-signalbox-request-id'];
      const find = (requests: readonly RequestRecord[]) => requests.find((one) => one.id === id);
      const snapshot = await gateway.until(`the record of ${id}`, ({ requests }) => find(requests) !== undefined);
      const record = find(snapshot.requests);
      assert.ok(record);
      return record;
    },
    renew: async () => {
      spareCount = 0;
      await gateway.control('POST', '/signalbox/reset');
      await gateway.control('DELETE', '/signalbox/sessions');
    },
    close: async () => {
      const code = await gateway.stop();
      await Promise.all([endpoint.close(), spare.close()]);
      assert.equal(code, 0, `the gateway ended with ${code}`);
    },
  };
}

/** Breaks an answer off, once what was written before is on its way. */
export function breakOff(response: ServerResponse, how: Break): void {
  switch (how) {
    case 'eof':
      response.end();
      return;
    case 'fin':
      response.socket?.destroySoon();
      return;
    case 'rst':
      response.socket?.resetAndDestroy();
      return;
    case 'silence':
      return;
    default:
      how satisfies never;
  }
}
