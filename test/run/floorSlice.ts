/** A test file of the floor runtime in `npm test`, and what of Node's own it goes through that differs by version. */
export interface FloorRow {
  readonly file: string;
  readonly reason: string;
}

/**
 * The tests that `npm test` runs on the lowest supported Node besides the current one; the long run has all of
 * `test/integration` on it.
 */
export const floorSlice: readonly FloorRow[] = [
  { file: 'test/integration/headless/start.test.ts', reason: 'the start, the first stream, node:http on both sides' },
  { file: 'test/integration/headless/signals.test.ts', reason: 'signals, draining, exit codes' },
  { file: 'test/integration/headless/authorities.test.ts', reason: 'node:tls, own authorities, the system’s store' },
  { file: 'test/integration/headless/socksProxy.test.ts', reason: 'node:net below undici, TLS inside a tunnel' },
  { file: 'test/integration/faults/codings.test.ts', reason: 'node:zlib: gzip, br, deflate and zstd (since 22.15)' },
  { file: 'test/integration/faults/slowReader.test.ts', reason: 'back pressure from socket to socket' },
  { file: 'test/integration/security/smuggling.test.ts', reason: 'the HTTP parser, as strict as ours has to be' },
  {
    file: 'test/integration/requests/clientConnections.test.ts',
    reason: 'node:http where requests are sent ahead, halves of connections end, and clients leave',
  },
  { file: 'test/integration/streams/cutOff.test.ts', reason: 'writing and closing a socket in one turn' },
  { file: 'test/integration/metrics/onAndOff.test.ts', reason: 'node:sqlite, node:worker_threads from a text' },
  { file: 'test/integration/metrics/storeThread.test.ts', reason: 'a worker thread that dies' },
  { file: 'test/integration/metrics/twoWriters.test.ts', reason: 'the locks of node:sqlite' },
  {
    file: 'test/integration/window/handOver/handOverUnderLoad.test.ts',
    reason: 'a listener that goes from process to process',
  },
];
