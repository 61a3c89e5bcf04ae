import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import {
  type SimulatedEndpoint,
  type SimulatedEndpointOptions,
  startSimulatedEndpoint,
} from '../../../src/simulated/simulatedEndpoint.ts';

/** The client's view of a finished exchange. `error` is the code it failed with; none when it was complete. */
export interface Received {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  chunks: Buffer[];
  error: string | undefined;
}

export interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: object | string | Buffer;
  agent?: Agent;
}

/** A request under way: to look at what has come so far, and to abort it. */
export interface Open {
  request: ClientRequest;
  received: Received;
  over: Promise<Received>;
  /** Resolves when the condition holds, looked at after each arrival; rejects when the exchange ends before. */
  until(condition: (received: Received) => boolean): Promise<void>;
}

export const messages = { path: '/v1/messages?beta=true', body: { model: 'claude-x', stream: true } };
export const messagesJson = { path: '/v1/messages', body: { model: 'claude-x' } };
export const chat = { path: '/v1/chat/completions', body: { model: 'gpt-x', stream: true } };
export const chatJson = { path: '/v1/chat/completions', body: { model: 'gpt-x' } };
export const responses = { path: '/v1/responses', body: { model: 'gpt-x', stream: true } };

/** Runs a test with an endpoint of its own. */
export function withEndpoint(
  run: (endpoint: SimulatedEndpoint) => Promise<void>,
  options: SimulatedEndpointOptions = {},
): () => Promise<void> {
  return async () => {
    const endpoint = await startSimulatedEndpoint(options);
    try {
      await run(endpoint);
    } finally {
      await endpoint.close();
    }
  };
}

/** One connection that is kept, for requests one after the other. */
export async function withKeptConnection(run: (agent: Agent) => Promise<void>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await run(agent);
  } finally {
    agent.destroy();
  }
}

/** Sends a request and gives what came back once the exchange is over, well or badly. */
export function send(endpoint: { port: number }, sent: Sent = messages): Promise<Received> {
  return open(endpoint, sent).over;
}

/** Sends a request and hands over the exchange while it goes on. */
export function open(endpoint: { port: number }, sent: Sent = messages): Open {
  const { path = '/v1/messages', body = '', agent = false } = sent;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const method = sent.method ?? 'POST';
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length), ...sent.headers };
  const received: Received = { status: 0, headers: {}, body: Buffer.alloc(0), chunks: [], error: undefined };
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  const sending = request({ host: '127.0.0.1', port: endpoint.port, path, method, headers, agent });
  let isOver = false;
  const over = new Promise<Received>((resolve) => {
    const finish = (error?: NodeJS.ErrnoException) => {
      received.error ??= error === undefined ? undefined : (error.code ?? error.message);
      isOver = true;
      resolve(received);
      notify();
    };
    sending.on('error', finish);
    sending.on('response', (response) => {
      received.status = response.statusCode ?? 0;
      received.headers = response.headers;
      notify();
      response.on('data', (chunk: Buffer) => {
        received.chunks.push(chunk);
        received.body = Buffer.concat([received.body, chunk]);
        notify();
      });
      response.on('error', finish);
      response.on('end', () => finish());
    });
  });
  sending.end(bytes);
  const until = (condition: (received: Received) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!condition(received) && !isOver) return;
        watchers.delete(look);
        if (condition(received)) resolve();
        else reject(new Error(`over before: ${received.status} ${received.error} ${received.body}`));
      };
      watchers.add(look);
      look();
    });
  return { request: sending, received, over, until };
}

/** The bytes of the whole connection and how it closed, as a plain socket sees it. */
export function sendRaw(port: number, text: string): Promise<{ bytes: string; closedBy: 'fin' | 'rst' }> {
  return new Promise((resolve) => {
    let bytes = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      bytes += chunk;
    });
    socket.on('end', () => resolve({ bytes, closedBy: 'fin' }));
    socket.on('error', () => resolve({ bytes, closedBy: 'rst' }));
  });
}

/** A POST as it goes over the wire. */
export function rawPost(path: string, body: object): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

/** The `event:` names of an SSE body. */
export function eventNames(body: Buffer): string[] {
  return [...body.toString().matchAll(/^event: (.*?)\r?$/gm)].map((match) => match[1] ?? '');
}

/** The parsed `data:` lines of an SSE body; what is not JSON stays text. */
export function eventData(body: Buffer): unknown[] {
  return [...body.toString().matchAll(/^data: (.*?)\r?$/gm)].map((match) => {
    const data = match[1] ?? '';
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}
