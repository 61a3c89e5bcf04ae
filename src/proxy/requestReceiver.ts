import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DialectName } from '../core/config/config.ts';
import { BodyBuffers } from './client/bodyBuffers.ts';
import { sendError, sendErrorEarly } from './client/ownAnswer.ts';
import { readRequestBody, refuseByLength } from './client/requestBody.ts';
import type { Route } from './client/routes.ts';
import type { DataPath } from './dataPath.ts';
import { Exchange } from './exchange.ts';
import { forwardRequest } from './forwardRequest.ts';
import { ModelList } from './modelList.ts';

const looped = 'this request has come back to the gateway that sent it; an endpoint points at it';

/** Reads requests that were let in, and has them answered. */
export class RequestReceiver {
  readonly #instanceId: string;
  readonly #bodySilenceMs: number;
  readonly #models = new ModelList();
  readonly #buffers = new BodyBuffers();
  #sequence = 0;

  /** A client that sends nothing of its body for `bodySilenceMs` is given up. Ids of requests begin with `instanceId`. */
  constructor(instanceId: string, bodySilenceMs: number) {
    this.#instanceId = instanceId;
    this.#bodySilenceMs = bodySilenceMs;
  }

  /** Resolves when the request has its answer, or its client has disconnected. */
  async receive(request: IncomingMessage, response: ServerResponse, route: Route, dataPath: DataPath): Promise<void> {
    const { dialect } = route;
    const { via } = request.headers;
    const startedAt = dataPath.clock.now();
    if (via?.includes(dataPath.viaMark) === true) return sendError(response, dialect, { status: 502, message: looped });
    const limits = { bytes: dataPath.config.limits.bodyBytes, silenceMs: this.#bodySilenceMs };
    const tooLong = refuseByLength(request, limits.bytes);
    if (tooLong !== undefined) sendErrorEarly(response, dialect, tooLong);
    else if (awaitsContinue(request)) response.writeContinue();
    const read = await readRequestBody(request, limits, this.#buffers);
    if (read.kind === 'gone') return;
    if (tooLong !== undefined) return void response.end();
    if (read.kind === 'refused') {
      if (read.status === 408) response.shouldKeepAlive = false;
      return sendError(response, dialect, read);
    }
    if (route.kind === 'models') return this.#listModels(response, dialect, dataPath, via);
    this.#sequence += 1;
    const id = `${this.#instanceId}-${this.#sequence.toString(36)}`;
    const { body } = read;
    const exchange = new Exchange({ id, request, response, route, body, startedAt }, dataPath);
    if (await forwardRequest(exchange)) this.#buffers.giveBack(body);
  }

  async #listModels(
    response: ServerResponse,
    dialect: DialectName,
    dataPath: DataPath,
    via: string | undefined,
  ): Promise<void> {
    const json = await this.#models.json(dialect, dataPath, via);
    if (json !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(json);
    else sendError(response, dialect, { status: 503, message: 'no endpoint could list its models' });
  }
}

/** Other expectations, and those of HTTP/1.0, are ignored (RFC 9110 10.1.1). */
function awaitsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion !== '1.0' && /(?:^|\W)100-continue(?:\W|$)/i.test(headers.expect ?? '');
}
