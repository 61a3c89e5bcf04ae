// The fault matrix, row 41: backpressure, with the memory that it costs.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { type Format, formats, streamFrames } from '../../support/endpoints/wholeStreams.ts';
import { residentBytes } from '../../support/processes/residentBytes.ts';
import { type GatewayProcess, until } from '../../support/processes/startGateway.ts';
import { type ExactScene, startExactProcessScene } from '../../support/scenes/exactScene.ts';

const totalBytes = 50 * 1024 * 1024;
/** How far the reader has come each time it stops for a while. */
const stops = [0.1, 0.3, 0.6];
/** Far more than sockets and streams hold, far less than the answer. */
const memoryBoundBytes = 25 * 1024 * 1024;

describe('a client that reads slowly', () => {
  let scene: ExactScene<GatewayProcess>;

  before(async () => {
    scene = await startExactProcessScene();
    // The same without a stop: what that takes is what any traffic takes, and the measure for the others.
    for (const format of formats) await read(format, true, []);
  });

  after(() => scene.close());

  for (const format of formats) {
    it(`row 41: gets all of 50 MB, and the gateway keeps little of it (${format.name})`, async () => {
      await read(format, true, stops);
    });
  }

  it('row 41: gets all of a JSON body of 50 MB, and the gateway keeps little of it', async () => {
    const [messages] = formats;
    assert.ok(messages);
    await read(messages, false, stops);
  });

  async function read(format: Format, stream: boolean, stopsAt: readonly number[]): Promise<void> {
    const frames = streamFrames(format, { text: 'x'.repeat(16_000), textEvents: 1 });
    const at = frames.findIndex((frame) => frame.length > 16_000);
    const delta = frames[at] ?? Buffer.alloc(0);
    const head = Buffer.concat(frames.slice(0, at));
    const tail = Buffer.concat(frames.slice(at + 1));
    const sentHash = createHash('sha256');
    let sentBytes = 0;
    let isStuck = false;
    scene.endpoint.answer = async (response) => {
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
      const write = async (bytes: Buffer): Promise<void> => {
        sentHash.update(bytes);
        sentBytes += bytes.length;
        isStuck = !response.write(bytes);
        if (isStuck) await new Promise<void>((resolve) => response.once('drain', () => resolve()));
        isStuck = false;
      };
      await write(head);
      while (sentBytes < totalBytes) await write(delta);
      await write(tail);
      response.end();
    };

    const baseBytes = residentBytes(scene.gateway);
    let mostBytes = 0;
    const { response, end } = await readByHand(`${scene.gateway.url}${format.path}`, {
      ...format.asking('Go'),
      stream,
    });
    const hash = createHash('sha256');
    let gotBytes = 0;
    response.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      gotBytes += chunk.length;
    });
    response.pause();
    for (const fraction of stopsAt) {
      // Nobody reads: the endpoint must come to a stop, held back through the gateway.
      await until(
        'the endpoint is held back',
        () => stopped(() => isStuck && sentBytes),
        (bytes) => bytes !== false,
      );
      assert.ok(sentBytes < totalBytes, 'the answer is not all on its way');
      mostBytes = Math.max(mostBytes, residentBytes(scene.gateway));
      response.resume();
      await until(
        'a part was read',
        () => gotBytes,
        (bytes) => bytes > totalBytes * fraction,
        20_000,
      );
      response.pause();
    }
    response.resume();
    await end;
    assert.equal(response.complete, true);
    assert.equal(gotBytes, sentBytes);
    assert.equal(hash.digest('hex'), sentHash.digest('hex'));
    assert.ok(mostBytes - baseBytes < memoryBoundBytes, `memory grew by ${mostBytes - baseBytes} bytes`);
    const record = await scene.recordOf(response);
    assert.equal(record.terminal, 'ok');
    assert.equal(record.attempts.length, 1);
    assert.equal(scene.spareCount(), 0);
    const endpoint = (await scene.gateway.status()).endpoints.find(({ id }) => id === record.endpointId);
    assert.equal(endpoint?.breaker.consecutiveFailures, 0);
    assert.equal(endpoint.lastError, null);
  }
});

/** Asks, and leaves it to the caller to read the answer; `end` resolves when it is over. */
function readByHand(url: string, body: object): Promise<{ response: IncomingMessage; end: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { method: 'POST', agent: false, headers }, (response) => {
      response.on('error', () => undefined);
      resolve({ response, end: new Promise((over) => response.once('close', () => over())) });
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}

/** A value that is still the same a moment later, else false. */
async function stopped(look: () => number | false): Promise<number | false> {
  const value = look();
  await new Promise((resolve) => setTimeout(resolve, 150));
  return value !== false && look() === value && value;
}
