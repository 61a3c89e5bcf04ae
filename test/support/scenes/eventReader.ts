import type { Snapshot, SnapshotChange } from '../../../src/contract/snapshot.ts';
import { type TestGateway, until } from '../processes/startGateway.ts';
import { openStream } from './streamClient.ts';

/** One event of `GET /signalbox/events`, and when it was read (`performance.now()`). */
export type ControlEvent = { readonly atMs: number } & (
  | { readonly event: 'snapshot'; readonly data: Snapshot }
  | { readonly event: 'change'; readonly data: SnapshotChange }
  | { readonly event: 'log'; readonly data: LogEvent }
  | { readonly event: 'stopped' | 'moved'; readonly data: object }
);

interface LogEvent {
  readonly atMs: number;
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A window's view of the event stream. */
export interface EventReader {
  readonly events: readonly ControlEvent[];
  /** Resolves with the first event that fits, past ones included; rejects after the deadline. */
  until(what: string, fits: (event: ControlEvent) => boolean, deadlineMs?: number): Promise<ControlEvent>;
  /** Resolves with the whole text when the gateway ends the stream. */
  readonly ended: Promise<string>;
  text(): string;
  close(): void;
}

/** Attaches to a gateway's events with its control token. */
export async function readEvents(gateway: TestGateway): Promise<EventReader> {
  const headers = { authorization: `Bearer ${gateway.controlToken}` };
  const answer = await openStream(`${gateway.url}/signalbox/events`, undefined, headers);
  if (answer.status !== 200) throw new Error(`no events but ${answer.status}: ${answer.text()}`);
  const events: ControlEvent[] = [];
  let readTo = 0;
  const read = (): readonly ControlEvent[] => {
    for (;;) {
      const end = answer.text().indexOf('\n\n', readTo);
      if (end === -1) return events;
      const event = parse(answer.text().slice(readTo, end));
      if (event !== undefined) events.push(event);
      readTo = end + 2;
    }
  };
  const timer = setInterval(read, 10);
  const close = (): void => {
    clearInterval(timer);
    answer.destroy();
  };
  answer.ended.then(close, close);
  return {
    get events() {
      return read();
    },
    until: async (what, fits, deadlineMs = 5000) => {
      await until(
        what,
        () => read().length,
        () => events.some(fits),
        deadlineMs,
      );
      const found = events.find(fits);
      if (found === undefined) throw new Error(what);
      return found;
    },
    ended: answer.ended,
    text: answer.text,
    close,
  };
}

/** An event; undefined for a comment. */
function parse(frame: string): ControlEvent | undefined {
  const match = /^event: (\w+)\ndata: (.*)$/.exec(frame);
  if (match === null) return undefined;
  return { event: match[1], data: JSON.parse(match[2] ?? ''), atMs: performance.now() } as ControlEvent;
}
