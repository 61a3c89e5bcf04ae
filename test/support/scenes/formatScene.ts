import type { Format } from '../endpoints/wholeStreams.ts';
import type { Answer, Asking, Conversation } from './converse.ts';
import { type Scene, startScene } from './scene.ts';

/** A scene whose two endpoints speak one format; what they are told to say is known byte for byte. */
export interface FormatScene extends Scene {
  readonly format: Format;
  /** Asks for a stream as a client with these headers; a session of its own unless one is named. */
  stream(headers?: Asking['headers'], session?: string): Promise<Answer>;
  converseIn(headers?: Asking['headers'], session?: string): Conversation;
  /** Asks for an answer in one piece. */
  whole(headers?: Asking['headers'], session?: string): Promise<Answer>;
}

let questions = 0;

/** Starts one; `config` replaces sections of the configuration. */
export async function startFormatScene(
  format: Format,
  config: Readonly<Record<string, unknown>> = {},
): Promise<FormatScene> {
  const parts = ['first', 'second'].map((id) => ({ id, config: { dialect: format.dialect } }));
  const scene = await startScene({ parts, config: { recovery: { enabled: false }, ...config } });
  const asking = (stream: boolean, headers: Asking['headers'] = {}, session?: string): Asking => {
    questions += 1;
    const json = { ...format.asking('Say it.'), model: 'some-model', stream };
    return { headers: { 'x-session-id': session ?? `question ${questions}`, ...headers }, json };
  };
  // The parts of a scene are getters: what is added must not read them.
  return Object.assign(Object.create(scene) as Scene, {
    format,
    stream: (headers?: Asking['headers'], session?: string) => scene.ask(format.path, asking(true, headers, session)),
    converseIn: (headers?: Asking['headers'], session?: string) =>
      scene.converse(format.path, asking(true, headers, session)),
    whole: (headers?: Asking['headers'], session?: string) => scene.ask(format.path, asking(false, headers, session)),
  });
}
