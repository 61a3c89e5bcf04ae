import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { cutOff } from '../../../src/proxy/answer/clientWriter.ts';

/** The bytes of content that a client got, and how its connection ended. */
interface Got {
  readonly bytes: number;
  readonly end: 'fin' | 'reset';
}

describe('F28: an answer that is written and cut off in one turn', () => {
  let server: Server;
  /** The content, of `a` only; the head has none. */
  let content: Buffer;

  before(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200, ['content-type', 'text/event-stream']);
      response.write(content.subarray(0, content.length / 2));
      response.write(content.subarray(content.length / 2));
      cutOff(response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });

  after(() => server.close());

  function ask(version: string): Promise<Got> {
    return new Promise((resolve) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      let bytes = 0;
      let end: Got['end'] = 'reset';
      let isBody = false;
      socket.on('data', (chunk) => {
        const start = isBody ? 0 : chunk.indexOf('\r\n\r\n') + 4;
        isBody = true;
        for (let at = start; at < chunk.length; at += 1) if (chunk[at] === 0x71) bytes += 1;
      });
      socket.once('end', () => {
        end = 'fin';
      });
      socket.once('error', () => undefined);
      socket.once('close', () => resolve({ bytes, end }));
      socket.write(`GET / HTTP/${version}\r\nhost: x\r\n\r\n`);
    });
  }

  for (const size of [2, 3000, 60_000, 2_000_000]) {
    it(`arrives with all of its ${size} bytes, and without a last chunk`, async () => {
      content = Buffer.alloc(size, 'q');
      assert.deepEqual(await ask('1.1'), { bytes: size, end: 'fin' });
    });
  }

  for (const size of [2, 3000, 60_000]) {
    it(`A12: ends with a reset after its ${size} bytes for a client of HTTP/1.0, which knows no chunks`, async () => {
      content = Buffer.alloc(size, 'q');
      assert.deepEqual(await ask('1.0'), { bytes: size, end: 'reset' });
    });
  }
});
