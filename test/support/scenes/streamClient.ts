import { type IncomingHttpHeaders, request } from 'node:http';

/** A streamed answer under way. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The data received so far. */
  text(): string;
  /** Resolves with the whole text at a clean end; rejects when the connection breaks before. */
  readonly ended: Promise<string>;
  destroy(): void;
}

/** Sends a request and resolves with the first byte of its answer's body. */
export function openStream(
  url: string,
  json: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamedAnswer> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers: { ...contentType, ...headers } }, (response) => {
      let text = '';
      const ended = new Promise<string>((resolveEnd, rejectEnd) => {
        response.once('end', () => resolveEnd(text));
        response.once('error', rejectEnd);
      });
      // A caller that does not await the end need not handle its failure.
      ended.catch(() => undefined);
      const answer = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        ended,
        destroy: () => void response.destroy(),
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        resolve(answer);
      });
      response.once('end', () => resolve(answer));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
