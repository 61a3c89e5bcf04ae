import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Dispatcher, Pool } from 'undici';

// The floor: the least that node:http and undici 7 can do as a pass-through with a replayable body. A process of its own:
//   node bench/targets/barePassThrough.ts UNDICI URL [URL]     UNDICI: the folder of undici 7; the key comes from BENCH_KEY

/** The raw handler of undici 7, which its types of 8 no longer have. */
interface RawHandler {
  onConnect(abort: (reason: Error) => void): void;
  onHeaders(statusCode: number, rawHeaders: readonly Buffer[], resume: () => void): boolean;
  /** False pauses the answer. */
  onData(chunk: Buffer): boolean;
  onComplete(): void;
  onError(error: Error): void;
}

type RawPool = { dispatch(options: Dispatcher.DispatchOptions, handler: RawHandler): boolean };
type Undici7 = { readonly Pool: new (url: string, options: Pool.Options) => RawPool };

interface Upstream {
  readonly pool: RawPool;
  /** Not tried before this moment, performance.now(). */
  avoidUntilMs: number;
}

const failureMemoryMs = 30_000;
const key = process.env['BENCH_KEY'] ?? '';
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
  ...['host', 'content-length', 'authorization', 'x-api-key'],
]);
const hopByHop = new Set(['connection', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade']);

const [undiciFolder = '', ...urls] = process.argv.slice(2);
const undici: Undici7 = createRequire(import.meta.url)(path.resolve(undiciFolder));

const upstreams = urls.map((url): Upstream => {
  const pool = new undici.Pool(url, {
    connections: 256,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { pool, avoidUntilMs: 0 };
});

const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0, noDelay: true }, (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => forward(request, response, Buffer.concat(parts), upstreamsInOrder(), 1));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});

/** Those that have not failed lately first; nobody is left out. */
function upstreamsInOrder(): Upstream[] {
  const now = performance.now();
  const isGood = ({ avoidUntilMs }: Upstream): boolean => avoidUntilMs <= now;
  return upstreams.length === 1
    ? upstreams
    : [...upstreams.filter(isGood), ...upstreams.filter((upstream) => !isGood(upstream))];
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  [upstream, ...others]: readonly Upstream[],
  attempt: number,
): void {
  if (upstream === undefined) {
    response.writeHead(502, { 'content-length': 0 }).end();
    return;
  }
  const retry = (): void => {
    upstream.avoidUntilMs = performance.now() + failureMemoryMs;
    forward(request, response, body, others, attempt + 1);
  };
  const options: Dispatcher.DispatchOptions = {
    path: request.url ?? '/',
    method: request.method ?? 'GET',
    headers: upstreamHeaders(request.rawHeaders),
    body: body.length > 0 ? body : null,
  };
  upstream.pool.dispatch(options, relayTo(response, attempt, others.length > 0, retry));
}

function relayTo(response: ServerResponse, attempt: number, isRetryPossible: boolean, retry: () => void): RawHandler {
  let isDiscarded = false;
  let resume: () => void = () => {};
  return {
    onConnect(abort) {
      response.once('close', () => {
        if (!response.writableFinished && !isDiscarded) abort(new Error('the client has gone'));
      });
    },
    onHeaders(statusCode, rawHeaders, resumeAnswer) {
      resume = resumeAnswer;
      if (isRetryPossible && (statusCode === 429 || statusCode >= 500)) {
        isDiscarded = true;
        retry();
        return true;
      }
      const headers = clientHeaders(rawHeaders);
      if (upstreams.length > 1) headers.push('x-signalbox-attempts', String(attempt));
      response.writeHead(statusCode, headers);
      return true;
    },
    onData(chunk) {
      if (isDiscarded || response.write(chunk)) return true;
      response.once('drain', () => resume());
      return false;
    },
    onComplete() {
      if (!isDiscarded) response.end();
    },
    onError() {
      if (isDiscarded || response.destroyed) return;
      if (response.headersSent) {
        response.destroy();
      } else {
        isDiscarded = true;
        retry();
      }
    },
  };
}

function upstreamHeaders(raw: readonly string[]): string[] {
  const headers = ['x-api-key', key];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!ownHeaders.has(name.toLowerCase())) headers.push(name, raw[index + 1] ?? '');
  }
  return headers;
}

function clientHeaders(raw: readonly Buffer[]): string[] {
  const headers: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toString('latin1') ?? '';
    if (!hopByHop.has(name.toLowerCase())) headers.push(name, raw[index + 1]?.toString('latin1') ?? '');
  }
  return headers;
}
