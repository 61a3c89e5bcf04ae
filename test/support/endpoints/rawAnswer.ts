/** How a raw answer's body ends: as HTTP wants it, or within it. */
export type RawEnd = 'whole' | 'cut';

/** A 200 as its bytes, with this body in one chunk. */
export function rawAnswer(body: string | Buffer, end: RawEnd = 'whole', contentType = 'text/event-stream'): Buffer {
  const bytes = Buffer.from(body);
  const type = contentType === '' ? '' : `content-type: ${contentType}\r\n`;
  const head = `HTTP/1.1 200 OK\r\n${type}transfer-encoding: chunked\r\n\r\n`;
  const chunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  return Buffer.concat([Buffer.from(head), chunk, Buffer.from(end === 'whole' ? '0\r\n\r\n' : '')]);
}

/** Events as text: `[name, data]` has an event line, and its name as the type in its data. */
export function sse(...events: readonly (object | string | readonly [event: string, data: object])[]): string {
  return events
    .map((event) => {
      if (typeof event === 'string') return `data: ${event}\n\n`;
      if (!isNamed(event)) return `data: ${JSON.stringify(event)}\n\n`;
      const [name, data] = event;
      return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
    })
    .join('');
}

function isNamed(event: object): event is readonly [event: string, data: object] {
  return Array.isArray(event);
}
