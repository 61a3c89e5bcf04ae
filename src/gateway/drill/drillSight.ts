import type { ClientSight } from '../../contract/drill.ts';

/** One answer as the drill's client saw it. */
export interface ClientView {
  /** Undefined when no response head arrived. */
  readonly status: number | undefined;
  /** The endpoint that named itself in the answer. */
  readonly writtenBy: string | undefined;
  readonly body: string;
  /** `clean`: complete as HTTP has it. `broken`: the connection ended before. `late`: the deadline passed before. */
  readonly end: 'clean' | 'broken' | 'late' | 'left';
}

/** The answers that the endpoints were told to write. */
export interface WrittenAnswers {
  /** The text of the healthy answer, by endpoint. */
  readonly texts: ReadonlyMap<string, string>;
  /** The body of the error, where the fault has one. */
  readonly error: string | undefined;
}

/** The client's result in one word, judged only by the bytes that arrived. Pure. */
export function clientSight(view: ClientView, written: WrittenAnswers): ClientSight {
  if (view.end === 'left') return 'left';
  if (view.status === undefined) return 'nothing';
  if (view.status !== 200) return view.end === 'clean' && view.body === written.error ? 'endpointsError' : 'otherError';
  return streamSight(view, written.texts.get(view.writtenBy ?? ''));
}

function streamSight({ body, end }: ClientView, whole: string | undefined): ClientSight {
  const events = eventsOf(body);
  const count = (name: string): number => events.filter((event) => event.name === name).length;
  const text = events.map((event) => event.text).join('');
  const isOneBeginning = count('message_start') === 1 && whole !== undefined && whole.startsWith(text);
  const last = events.at(-1)?.name;
  const hasEnded = count('message_stop') > 0;
  if (!isOneBeginning) return events.length === 0 && end !== 'clean' ? 'nothing' : 'garbledAnswer';
  if (last === 'message_stop' && count('message_stop') === 1 && count('error') === 0) {
    return text === whole && end === 'clean' ? 'wholeAnswer' : 'falseEnd';
  }
  if (hasEnded) return 'garbledAnswer';
  if (last === 'error' && count('error') === 1) return 'errorEvent';
  return end === 'clean' ? 'falseEnd' : 'brokenAnswer';
}

interface SeenEvent {
  readonly name: string;
  readonly text: string;
}

/** The events of a stream, including an incomplete last one. */
function eventsOf(body: string): SeenEvent[] {
  const frames = body.split(/\r?\n\r?\n/).filter((frame) => frame.trim() !== '');
  return frames.map((frame) => {
    const name = /^event: (\w+)/m.exec(frame)?.[1] ?? '';
    return { name, text: textOf(/^data: (.*)$/m.exec(frame)?.[1]) };
  });
}

/** The text that an event adds to the answer. */
function textOf(data: string | undefined): string {
  try {
    const { delta } = JSON.parse(data ?? '') as { readonly delta?: { readonly text?: unknown } };
    return typeof delta?.text === 'string' ? delta.text : '';
  } catch {
    return '';
  }
}
