import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DialectName } from '../core/config/config.ts';
import { BodyMemory } from './client/bodyMemory.ts';
import { sendError, sendErrorEarly } from './client/ownAnswer.ts';
import {
  discardRequestBody,
  type RefusedBody,
  readRequestBody,
  refuseByLength,
  tooManyBodies,
} from './client/requestBody.ts';
import type { Route } from './client/routes.ts';
import type { DataPath } from './dataPath.ts';
import { Exchange } from './exchange.ts';
import { forwardRequest } from './forwardRequest.ts';
import { ModelList } from './modelList.ts';

const looped = 'this request has come back to the gateway that sent it; an endpoint points at it';

/** How a request is received that was let in. */
export interface Reception {
  readonly route: Route;
  readonly dataPath: DataPath;
  /** See `RequestTurns.begin`. */
  readonly turn: Promise<boolean> | undefined;
}

/** Reads requests that were let in, and has them answered. */
export class RequestReceiver {
  readonly #instanceId: string;
  readonly #bodySilenceMs: number;
  readonly #models = new ModelList();
  readonly #memory = new BodyMemory();
  #sequence = 0;

  /** A client that sends nothing of its body for `bodySilenceMs` is given up. Ids of requests begin with `instanceId`. */
  constructor(instanceId: string, bodySilenceMs: number) {
    this.#instanceId = instanceId;
    this.#bodySilenceMs = bodySilenceMs;
  }

  /**
   * Resolves when the request has its answer, or its client has disconnected.
   */
  async receive(
    request: IncomingMessage,
    response: ServerResponse,
    { route, dataPath, turn }: Reception,
  ): Promise<void> {
    const { dialect } = route;
    const startedAt = dataPath.clock.now();
    if (request.headers.via?.includes(dataPath.viaMark) === true) {
      return sendError(response, dialect, { status: 502, message: looped });
    }
    const limits = { bytes: dataPath.config.limits.bodyBytes, silenceMs: this.#bodySilenceMs };
    const share = this.#memory.share();
    let isUnread = (): boolean => true;
    try {
      const refusal = refuseByLength(request, limits.bytes, share);
      if (refusal !== undefined) {
        sendErrorEarly(response, dialect, refusal);
        await discardRequestBody(request, limits);
        return void response.end();
      }
      if (awaitsContinue(request)) response.writeContinue();
      const read = await readRequestBody(request, limits, share);
      if (read.kind === 'refused') return refuseBody(response, dialect, read);
      if (read.kind === 'gone' || (turn !== undefined && !(await turn))) return;
      const { body } = read;
      if (route.kind === 'models') return await this.#listModels(response, dialect, dataPath, request.headers.via);
      this.#sequence += 1;
      const id = `${this.#instanceId}-${this.#sequence.toString(36)}`;
      const exchange = new Exchange({ id, request, response, route, body, startedAt }, dataPath);
      if (exchange.copiesBody && !share.grow(body.length)) return sendError(response, dialect, tooManyBodies);
      // After an exception nobody knows who reads the body.
      isUnread = () => false;
      isUnread = await forwardRequest(exchange);
    } finally {
      share.release(isUnread);
    }
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

function refuseBody(response: ServerResponse, dialect: DialectName, refused: RefusedBody): void {
  if (refused.status === 408) response.shouldKeepAlive = false;
  sendError(response, dialect, refused);
}

/** Other expectations, and those of HTTP/1.0, are ignored (RFC 9110 10.1.1). */
function awaitsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion !== '1.0' && /(?:^|\W)100-continue(?:\W|$)/i.test(headers.expect ?? '');
}
