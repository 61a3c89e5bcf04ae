import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HelloAnswer, helloRequest } from '../../contract/control.ts';
import { readRequestBody } from '../../proxy/client/requestBody.ts';
import { StoreUnavailable } from '../../store/storeClient.ts';
import {
  type Answer,
  type Controlled,
  controlRoutes,
  lastingChanges,
  ok,
  parsed,
  problem,
  refused,
} from './controlRoutes.ts';

const bodyLimitBytes = 1024 * 1024;

/**
 * The control API (interface.md, HTTP surface): `healthz` and `hello` for everybody, everything else for clients with the
 * control token. An action is answered with its result.
 */
export class ControlServer {
  readonly #controlled: Controlled;
  readonly #token: Buffer;

  constructor(controlled: Controlled, controlToken: string) {
    this.#controlled = controlled;
    this.#token = Buffer.from(controlToken);
  }

  /** Answers a request that the guard has let in; false when the path does not belong to the control API. */
  handle(request: IncomingMessage, response: ServerResponse, target: string): boolean {
    const path = target.split('?', 1)[0] ?? '';
    if (path === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')) {
      reply(response, { status: 200, json: { status: 'ok' } });
      return true;
    }
    if (!path.startsWith('/signalbox/') && path !== '/metrics') return false;
    this.#answer(request, response, path, target).then(
      (answer) => reply(response, answer),
      (error: unknown) => {
        reply(response, this.#failed(path, error));
      },
    );
    return true;
  }

  #failed(path: string, error: unknown): Answer {
    const { logger } = this.#controlled.gateway;
    if (error instanceof StoreUnavailable) {
      logger.warn('the records cannot be read', { path, why: error.message });
      return refused(503, 'recordsUnreadable');
    }
    logger.error('control request failed', { path, error: String(error) });
    return problem(500, 'an error inside the gateway; see its log');
  }

  async #answer(request: IncomingMessage, response: ServerResponse, path: string, target: string): Promise<Answer> {
    const isHello = path === '/signalbox/hello' && request.method === 'POST';
    if (!isHello && !this.#isAuthorised(request)) return problem(401, 'the control token is missing or wrong');
    if (path === '/signalbox/events' && request.method === 'GET') {
      this.#controlled.gateway.events.subscribe(response);
      return { kind: 'stream' };
    }
    const [pattern, id] = patternOf(path);
    const handler = controlRoutes[`${request.method} ${pattern}`];
    if (!isHello && handler === undefined) return problem(404, `there is no ${request.method} ${path}`);
    const read = await readRequestBody(request, { bytes: bodyLimitBytes });
    if (read.kind === 'gone') return { kind: 'stream' };
    if (read.kind === 'refused') return problem(read.status, read.message);
    const body = parseJson(read.body);
    if (body === notJson) return problem(400, 'the body is not JSON');
    if (isHello) return parsed(helloRequest, body, ({ nonce }) => ok(this.#hello(nonce)));
    if (lastingChanges.has(`${request.method} ${pattern}`) && this.#controlled.lifecycle.isHandingOver) {
      return refused(409, 'handingOver');
    }
    return handler === undefined
      ? problem(404, 'unknown')
      : handler(this.#controlled, body, { id, query: queryOf(target), response });
  }

  #hello(nonce: string): HelloAnswer {
    const { about, port } = this.#controlled.gateway;
    const { protocol, build, pid, owner } = about;
    const hmac = createHmac('sha256', this.#token).update(`${nonce}:${port}`).digest('hex');
    return { protocol, build, pid, owner, hmac };
  }

  #isAuthorised(request: IncomingMessage): boolean {
    const given = Buffer.from(/^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const isSameLength = given.length === this.#token.length;
    return timingSafeEqual(isSameLength ? given : this.#token, this.#token) && isSameLength;
  }
}

function patternOf(path: string): [string, string] {
  const match = /^(\/signalbox\/(?:endpoints|sessions))\/([^/]+)(\/[a-z]+)?$/.exec(path);
  if (match === null) return [path, ''];
  return [`${match[1]}/{id}${match[3] ?? ''}`, match[2] ?? ''];
}

const notJson = Symbol('not JSON');

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return notJson;
  }
}

function queryOf(target: string): object {
  const at = target.indexOf('?');
  return Object.fromEntries(new URLSearchParams(at === -1 ? '' : target.slice(at + 1)));
}

function reply(response: ServerResponse, answer: Answer): void {
  if ('kind' in answer || response.destroyed || response.headersSent) return;
  const contentType = 'text' in answer ? answer.contentType : 'application/json';
  response.writeHead(answer.status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end('bytes' in answer ? answer.bytes : 'text' in answer ? answer.text : JSON.stringify(answer.json));
}
