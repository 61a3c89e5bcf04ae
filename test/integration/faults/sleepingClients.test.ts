import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { TestBed } from '../../support/processes/testBed.ts';

const limitMs = 1000;
/** Node adds a second to the time for which an idle connection is kept. */
const sleepMs = limitMs + 1500;

/** A client in a thread of its own, which stays awake while this thread stands still: sends one part, then the other. */
const client = `
const { parentPort, workerData: { port, first, second, afterMs } } = require('node:worker_threads');
const socket = require('node:net').connect(port, '127.0.0.1', () => socket.write(first, () => parentPort.postMessage('sent')));
let text = '';
socket.on('data', (chunk) => { text += chunk; if (text.includes('\\r\\n\\r\\n')) parentPort.postMessage('answered'); });
socket.on('error', () => undefined).on('close', () => parentPort.postMessage({ text }));
parentPort.on('message', () => setTimeout(() => socket.write(second), afterMs));
`;

const get = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';
const getAndClose = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
const body = JSON.stringify({ model: 'm', max_tokens: 1, messages: [] });
const post = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;

// A thread that stands still is a machine that sleeps: its timers are due when it goes on, and sockets have bytes that waited.
describe('A19: a client whose bytes came while the machine slept', () => {
  const cases = {
    'on a connection that had been idle gets its answer': {
      first: get,
      second: getAndClose,
      answers: 2,
      before: 'answered',
    },
    'in the middle of an upload gets its answer': {
      first: post + body.slice(0, 5),
      second: body.slice(5),
      answers: 1,
      before: 'sent',
    },
    'in the middle of a head gets its answer': {
      first: getAndClose.slice(0, 20),
      second: getAndClose.slice(20),
      answers: 1,
      before: 'sent',
    },
  };
  for (const [what, { first, second, answers, before }] of Object.entries(cases)) {
    it(`A19: ${what}`, async () => {
      const bed = new TestBed();
      const endpoint = await bed.endpoint('only');
      const gateway = await startInProcess({
        config: { clientToken: null, endpoints: [{ id: 'only', baseUrl: endpoint.url, auth: 'none' }] },
        times: { keepAliveMs: limitMs, bodySilenceMs: limitMs, headMs: limitMs, checkMs: 50 },
      });
      const workerData = { port: gateway.port, first, second, afterMs: sleepMs / 2 };
      const worker = new Worker(client, { eval: true, workerData });
      const ended = new Promise<string>((resolve) => {
        worker.on('message', (message) => typeof message === 'object' && resolve(message.text));
      });
      await new Promise<void>((resolve) => {
        worker.on('message', (message) => message === before && resolve());
      });
      worker.postMessage('sleep');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sleepMs);
      const text = await ended;
      assert.equal(text.split('HTTP/1.1 ').length - 1, answers, text);
      assert.doesNotMatch(text, /HTTP\/1.1 408/);
      await worker.terminate();
      await gateway.stop();
      await bed.close();
    });
  }
});
