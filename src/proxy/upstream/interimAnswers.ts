import type { Socket } from 'node:net';

/** The part of undici's HTTP/1.1 parser that reads the head of an answer; it hangs on each of its sockets. */
interface HeadReader {
  onHeadersComplete(status: number, isUpgrade: boolean, isKept: boolean): number;
}

/**
 * Has undici take an interim answer `100 Continue` that no request asked for (RFC 9110 15.2: a client must be able to). It
 * destroys the socket instead, and has no option for it: its parser is told of another interim status, 102, which it skips
 * as it should. Switching protocols unasked is none of them, but a broken answer, and not a connection that was lost. Does
 * nothing if undici changes inside; a test holds that it has not.
 */
export function acceptInterimAnswers(socket: Socket): void {
  const reader = headReaderOf(socket);
  if (reader === undefined) return;
  const read = reader.onHeadersComplete.bind(reader);
  reader.onHeadersComplete = (status, isUpgrade, isKept) => {
    if (status === 101) {
      socket.destroy(Object.assign(new Error('101 that nobody asked for'), { code: 'HPE_UNASKED_UPGRADE' }));
      return -1;
    }
    return read(status === 100 ? 102 : status, isUpgrade, isKept);
  };
}

function headReaderOf(socket: Socket): HeadReader | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const key = symbols.find(({ description }) => description === 'parser');
  const parser: unknown = key === undefined ? undefined : Reflect.get(socket, key);
  return isHeadReader(parser) ? parser : undefined;
}

function isHeadReader(parser: unknown): parser is HeadReader {
  return typeof parser === 'object' && parser !== null && 'onHeadersComplete' in parser;
}
