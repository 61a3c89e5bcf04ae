import type { IncomingMessage } from 'node:http';
import type { LogLine } from '../../contract/logLine.ts';
import type { Snapshot, SnapshotChange } from '../../contract/snapshot.ts';

/** An event of a gateway's stream. */
export type ControlEvent =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'change'; readonly change: SnapshotChange }
  | { readonly kind: 'log'; readonly line: LogLine }
  /** The last event of a stream. `port`: the gateway's new port; undefined: a successor has taken over. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'moved'; readonly port: number | undefined };

/** A live gateway sends something at least every 15 s. */
const silentMs = 45_000;

/** Reads an event stream to its end, or until the gateway falls silent. Never rejects. */
export async function readControlEvents(
  response: IncomingMessage,
  onEvent: (event: ControlEvent) => void,
): Promise<void> {
  let rest = '';
  let silence = setTimeout(() => response.destroy(), silentMs);
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      clearTimeout(silence);
      silence = setTimeout(() => response.destroy(), silentMs);
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const event = eventOf(frame);
        if (event !== undefined) onEvent(event);
      }
    }
  } catch {
    // A broken stream is a normal end for the caller, just without a last event.
  } finally {
    clearTimeout(silence);
  }
}

/** The event of one frame; undefined for comments and for unknown events of newer gateways. */
function eventOf(frame: string): ControlEvent | undefined {
  const match = /^event: (\w+)\ndata: (.*)$/s.exec(frame);
  const data = JSON.parse(match?.[2] ?? 'null') as unknown;
  switch (match?.[1]) {
    case 'snapshot':
      return { kind: 'snapshot', snapshot: data as Snapshot };
    case 'change':
      return { kind: 'change', change: data as SnapshotChange };
    case 'log':
      return { kind: 'log', line: data as LogLine };
    case 'stopped':
      return { kind: 'stopped' };
    case 'moved':
      return { kind: 'moved', port: (data as { readonly port?: number }).port };
    default:
      return undefined;
  }
}
