import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { TestGateway } from '../processes/startGateway.ts';
import type { TestBed } from '../processes/testBed.ts';
import { addRequests, requestsOver, StoreBed } from './storeBed.ts';
import { untilHealth } from './storeTrouble.ts';

/** So many that no buffer between the gateway and a client holds all of them. */
export const exportedCount = 30_000;

/** A gateway on a file with `exportedCount` requests of the last hours. */
export async function gatewayWithMany(bed: TestBed): Promise<{ readonly gateway: TestGateway; readonly file: string }> {
  const stateDir = join(bed.folder(), 'state');
  mkdirSync(stateDir, { mode: 0o700 });
  const file = join(stateDir, 'metrics.sqlite');
  filled ??= fileWithMany();
  writeFileSync(file, filled);
  const gateway = await bed.gatewayProcess([await bed.endpoint('only')], {}, { stateDir });
  await untilHealth(gateway, 'ok');
  return { gateway, file };
}

/** The bytes of such a file: filling one takes a second. */
let filled: Buffer | undefined;

function fileWithMany(): Buffer {
  const bed = new StoreBed();
  try {
    const store = bed.store();
    addRequests(store, requestsOver(3_600_000, exportedCount, Date.now() - 3_600_000));
    store.close();
    return readFileSync(bed.path);
  } finally {
    bed.close();
  }
}

/** An export of which nothing is read but its first bytes until `rest`. */
export interface Export {
  readonly status: number;
  /** Resolves with all of it at a clean end; rejects when it breaks off. */
  rest(): Promise<string>;
  destroy(): void;
}

/** Begins an export; resolves when its first bytes have come, and reads no further. */
export function openExport({ url, controlToken }: TestGateway, format: 'csv' | 'json'): Promise<Export> {
  const headers = { authorization: `Bearer ${controlToken}` };
  const path = `${url}/signalbox/metrics/export?format=${format}`;
  return new Promise((resolve, reject) => {
    const sent = request(path, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.once('readable', () => {
        resolve({
          status: response.statusCode ?? 0,
          rest: () => restOf(response, chunks),
          destroy: () => void response.destroy(),
        });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

function restOf(response: IncomingMessage, chunks: Buffer[]): Promise<string> {
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.once('error', reject);
  });
}

/** How many files and sockets a process has open. */
export function openHandles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How much a process has read since it began, files and all else. */
export function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/**
 * Asks the store one small question after the other. It answers in turn: an export that went on by itself has had as many
 * turns.
 */
export async function manyTurns(gateway: TestGateway): Promise<void> {
  for (let nth = 0; nth < exportedCount / 500; nth += 1) {
    const { status } = await gateway.control('GET', '/signalbox/metrics/requests?limit=1');
    if (status !== 200) throw new Error(`${status}`);
  }
}
