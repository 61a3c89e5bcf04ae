// Writes requests into a store as a gateway does, until it is killed: `node storeWriterProgram.ts FILE RUN`.
import { StoreClient } from '../../../src/store/storeClient.ts';
import { seededRandom } from '../seededRandom.ts';
import { syntheticRequest } from './syntheticRequests.ts';

const [, , path = '', run = ''] = process.argv;
const random = seededRandom(Number(run) + 1);
const quiet = (): void => undefined;
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

const store = new StoreClient({
  program: { file: new URL('../../../src/store/storeWorker.ts', import.meta.url) },
  path,
  rawDays: 14,
  prices: {},
  maxBytes: 512 * 1024 * 1024,
  logger: {
    debug: quiet,
    info: quiet,
    warn: (text) => tell(text),
    error: (text) => tell(text),
    redact: (text) => text,
  },
});
tell('begun');
let nth = 0;
let isOpen = false;
setInterval(() => {
  // A gateway has it open long before a request comes.
  if (store.health.kind !== 'ok') return;
  if (!isOpen) tell('open');
  isOpen = true;
  const count = Math.ceil(random() * 20);
  for (let one = 0; one < count; one += 1, nth += 1) {
    const request = syntheticRequest(nth, Date.now(), random);
    store.add([{ kind: 'request', record: { ...request, id: `run-${run}-${nth}` } }]);
    tell(`sent ${Date.now()}`);
  }
}, 5);
