import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { HelloAnswer } from '../../contract/control.ts';

/** Enough at once that one of two processes with the same listening socket does not take them all. */
const atOnce = 4;
const pauseMs = 20;

/**
 * Whether the process answers a request at that port of loopback within the time. Others may listen on the same socket: it is
 * asked until the answer is that process's own.
 */
export async function answersAt(port: number, pid: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const leftMs = Math.max(1, end - performance.now());
    const asked = Array.from({ length: atOnce }, () => answeredBy(port, leftMs));
    const isThere = await Promise.any(asked.map((one) => one.then((answered) => answered === pid || Promise.reject())))
      .then(() => true)
      .catch(() => false);
    if (isThere) return true;
    const answers = await Promise.all(asked);
    if (answers.every((one) => one === 'refused')) return false;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return false;
}

/** The process that answers; undefined when none does, `refused` where nothing listens. */
async function answeredBy(port: number, withinMs: number): Promise<number | 'refused' | undefined> {
  const answer = await helloOf(port, withinMs);
  return typeof answer === 'object' ? answer.pid : answer;
}

/** How a gateway at that port of loopback introduces itself; undefined when none answers, `refused` where nothing listens. */
export function helloOf(port: number, withinMs: number): Promise<HelloAnswer | 'refused' | undefined> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/signalbox/hello', method: 'POST', agent: false },
      (answer) => {
        text(answer)
          .then((json) => resolve(helloIn(JSON.parse(json))))
          .catch(() => resolve(undefined));
      },
    );
    asked.setTimeout(withinMs, () => asked.destroy());
    asked
      .on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' ? 'refused' : undefined))
      .on('close', () => resolve(undefined));
    asked.setHeader('content-type', 'application/json');
    asked.end(JSON.stringify({ nonce: randomBytes(16).toString('hex') }));
  });
}

/** Any program may listen there, and answer with anything. */
function helloIn(answer: unknown): HelloAnswer | undefined {
  const { pid, owner, hmac } = (answer ?? {}) as Partial<Readonly<Record<keyof HelloAnswer, unknown>>>;
  const isHello = Number.isInteger(pid) && typeof owner === 'string' && typeof hmac === 'string';
  return isHello ? (answer as HelloAnswer) : undefined;
}
